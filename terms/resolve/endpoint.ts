/** A clause's `endpoint`: which options it may have, and what each is as signed. */

import { parseDecimal } from "../decimal.ts";
import { looksAroundDue, measuredFor, optionRows, optionsFor } from "../endpoint-options.ts";
import { DEFAULT_WINDOW, type EndpointOption } from "../endpoint-table.ts";
import { found, openFields, readChoice, readDuration, readFlag, readInteger, readLine, readText } from "../fields.ts";
import { nearest, quote, type Findings, type Place } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { EndpointOptions, Metric } from "../model.ts";
import type { Node } from "../yaml.ts";
import { readCodes } from "./cohorts.ts";

const MOST_COUNTED = 1_000_000n;

/** @param known Every metric of the agreement, built in or its own: what the metric is made of. */
export function readEndpoint(
  node: Node | undefined,
  metric: Metric,
  known: ReadonlyMap<string, Metric>,
  grace: number | undefined,
  clause: Place,
  findings: Findings,
): EndpointOptions | undefined {
  const options = optionsFor(metric, known);
  const fields =
    node &&
    openFields(
      node,
      options.map(({ name }) => name),
      `options of ${metric.id}, such as { window: 28d }`,
      findings,
    );
  if (node !== undefined && fields === undefined) return undefined;
  const read: Record<string, string | number | boolean> = {};
  let broken = false;
  for (const option of options) {
    if (!fields?.has(option.name)) continue;
    const value = readOption(option, fields.get(option.name), findings);
    if (value === undefined) broken = true;
    else read[option.name] = value;
  }
  if (fields !== undefined && typeof read["metric"] === "string" && known.get(read["metric"])?.of !== "patient") {
    const patients = [...known.values()].filter(({ of }) => of === "patient").map(({ id }) => id);
    const hint = nearest(read["metric"], patients);
    findings.expected(fields.at("metric"), quote(read["metric"]), "a metric of the patient", hint);
    broken = true;
  }
  const rows = measuredFor(metric, read, known).flatMap((one) => optionRows(one, known));
  for (const { name, meaning } of rows.filter((row) => row.needed && !fields?.has(row.name))) {
    findings.warning(
      clause,
      `${metric.id} can't be computed without endpoint.${name} (${meaning}): an oracle refuses to start`,
    );
  }
  const { window } = read;
  if (fields !== undefined && typeof window === "number" && grace !== undefined && window > grace) {
    findings.expected(
      fields.at("window"),
      `${window} days`,
      `at most oracle.grace (${grace} days): results dated after the due day are waited for that long`,
    );
    broken = true;
  }
  if (
    window === undefined &&
    grace !== undefined &&
    grace < DEFAULT_WINDOW &&
    measuredFor(metric, read, known).some((one) => looksAroundDue(one, known))
  ) {
    findings.warning(
      clause,
      `${metric.id} counts results up to ${DEFAULT_WINDOW} days after the due day unless endpoint.window says otherwise, but oracle.grace waits ${grace} days`,
    );
  }
  return broken ? undefined : read;
}

function readOption(
  option: EndpointOption,
  node: Node | undefined,
  findings: Findings,
): string | number | boolean | undefined {
  switch (option.kind) {
    case "duration":
      return readDuration(node, LIMITS.dueDays, "30 years", findings);
    case "count": {
      const most = option.name === "grade" ? 5n : MOST_COUNTED;
      const count = readInteger(node, option.name === "grade" ? 1n : 0n, most, findings);
      return count === undefined ? undefined : Number(count);
    }
    case "flag":
      return readFlag(node, findings);
    case "choice":
      return readChoice(node, option.choices ?? [], findings);
    case "codes":
      return readCodes(node, findings)?.join(",");
    case "text":
      return option.known === undefined
        ? readLine(node, option.meaning, findings)
        : readChoice(node, option.known, findings);
    case "percent":
      return readNumber(node, true, findings);
    case "decimal":
      return readNumber(node, false, findings);
  }
}

/** A decimal or a percentage from 0% to 100%, kept as written: a float has no place in what is signed. */
function readNumber(node: Node | undefined, percent: boolean, findings: Findings): string | undefined {
  const expected = percent ? "a percentage from 0% to 100%, such as 80%" : "a decimal such as 7.0";
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  const number = parseDecimal(percent && text.endsWith("%") ? text.slice(0, -1) : text);
  if (number === null || (percent && !text.endsWith("%"))) return findings.expected(node, found(node), expected);
  const tooMuch = number.digits < 0n || number.digits > 100n * 10n ** BigInt(number.scale);
  return percent && tooMuch ? findings.expected(node, found(node), expected) : text;
}
