/** What a row of each kind says. */

import type { ClinicalEvent, ResponseClass } from "../../record.ts";
import { FINAL, GIVEN, IMAGING, isAnticancer, responseOf } from "../codes.ts";
import type { Collector } from "../collector.ts";
import { dimensionLevels, isProfile, type Instrument } from "../eq5d.ts";
import type { Fact, Reading } from "../facts.ts";
import type { FileMap } from "./config.ts";
import { Unreadable, type Row } from "./row.ts";

/** What the readers of all kinds share. */
export interface CsvContext {
  readonly collector: Collector;
  readonly codes: ReadonlyMap<string, ResponseClass>;
}

/** Null: no clause needs it. @throws Unreadable for a field that can't be read, which is then the row's reason */
export type RowReader = (row: Row, context: CsvContext, columns: FileMap["columns"]) => Reading | null;

export function readAssessment(row: Row, { codes }: CsvContext): Reading {
  const status = row.status() ?? "final";
  if (!FINAL.has(status) && status !== "preliminary") return { reason: `status ${status}` };
  const date = row.requiredDate("date");
  const written = row.text("response");
  // A missing result is a result that can't be evaluated.
  const response = written === undefined ? "NE" : responseOf(written, codes);
  if (response === undefined) return { reason: `unmapped code ${written ?? ""}`, unmapped: true };
  const evidence = row.text("evidence")?.split("|") ?? [];
  const imaging =
    evidence.length === 0 ? null : evidence.some((type) => IMAGING.has(type) || type.toLowerCase() === "imaging");
  const evaluator = row.text("evaluator") ?? null;
  const condition = row.text("condition");
  const about = { codes: row.codes(), focus: [], conditions: condition === undefined ? [] : [condition] };
  const fact: Fact = { kind: "assessment", date, response, evaluator, imaging, ...about };
  if (status !== "preliminary") return { facts: [fact] };
  return { facts: response === "PD" ? [fact] : [], reason: "status preliminary" };
}

/** Without an `end` column a row is one administration; with one, an empty cell is a treatment that goes on. */
export function readTherapy(row: Row, { collector }: CsvContext, columns: FileMap["columns"]): Reading {
  const status = row.status();
  if (status !== undefined && !GIVEN.has(status)) return { reason: `status ${status}` };
  const start = row.requiredDate("start");
  const intent = row.text("intent");
  const cancer = intent === undefined ? true : isAnticancer(intent);
  if (cancer === undefined) return { reason: `unmapped intent ${intent ?? ""}`, unmapped: true };
  const end = columns["end"] === undefined ? start : row.date("end");
  if (end !== null && end.last < start.first) return { reason: "ends before it begins" };
  const quantity = collector.needs.administrations ? row.decimal("units") : null;
  const about = { codes: row.codes(), medication: null, given: true, cancer, quantity };
  return { facts: [{ kind: "therapy", start, end, ...about }] };
}

/**
 * A laboratory result. Its code is `system|code`, or a plain code that stands for the one asked for with that code: of two
 * systems only the row can say which.
 */
export function readLab(row: Row, { collector }: CsvContext): Reading | null {
  const { measurements } = collector.needs;
  const [code] = row.codes();
  if (code === undefined) return measurements.size === 0 ? null : { reason: "no code", unmapped: true };
  const asked = code.includes("|")
    ? [code].filter((full) => measurements.has(full))
    : [...measurements].filter((full) => full === code || full.endsWith(`|${code}`));
  const [only, ...others] = asked;
  if (only === undefined) return null;
  if (others.length > 0)
    return { reason: `code ${code} is one of several systems: a codeSystem must say which`, unmapped: true };
  const status = row.status() ?? "final";
  if (!FINAL.has(status)) return { reason: `status ${status}` };
  const date = row.requiredDate("date");
  const result = row.result("value");
  if (result === null) return { reason: "no value" };
  const stated = row.comparator("comparator");
  if (stated !== null && result.comparator !== null && stated !== result.comparator)
    return { reason: "value and comparator contradict each other" };
  const value = {
    codes: [only],
    value: result.value,
    unit: row.text("unit") ?? null,
    comparator: stated ?? result.comparator,
  };
  return { facts: [{ kind: "measurement", date, issued: row.instant("issued"), values: [value] }] };
}

const ANSWERED: ReadonlySet<string> = new Set([...FINAL, "completed"]);

/** An EQ-5D profile, in one column or in five; 5L unless the row or a constant says 3L. */
export function readEq5d(row: Row, { collector }: CsvContext): Reading | null {
  if (!collector.needs.healthStates) return null;
  const status = row.status() ?? "final";
  if (!ANSWERED.has(status)) return { reason: `status ${status}` };
  const date = row.requiredDate("date");
  const instrument = instrumentOf(row.text("instrument"));
  const whole = row.text("state");
  const state = whole === undefined ? dimensionLevels((dimension) => row.text(dimension) ?? null) : null;
  if (state?.complete === false) {
    const empty = ["mobility", "selfCare", "usualActivities", "pain", "anxiety"].every(
      (name) => row.text(name) === undefined,
    );
    return empty ? { reason: "no state" } : { reason: `no answer to ${state.missing}`, unmapped: true };
  }
  const profile = whole ?? state?.profile ?? "";
  if (!isProfile(profile, instrument)) return { reason: `no profile of ${instrument}: ${profile}`, unmapped: true };
  return { facts: [{ kind: "health-state", date, issued: row.instant("issued"), instrument, state: profile }] };
}

function instrumentOf(written = "EQ-5D-5L"): Instrument {
  const word = written.toUpperCase().replace(/^EQ-?5D-?/, "");
  if (word === "5L") return "EQ-5D-5L";
  if (word === "3L") return "EQ-5D-3L";
  throw new Unreadable(`instrument is none of EQ-5D-5L, EQ-5D-3L: ${written}`);
}

const EVENT_TYPES: readonly ClinicalEvent["type"][] = ["adverse-event", "condition", "procedure", "encounter"];
const HAPPENED: ReadonlySet<string> = new Set([
  ...FINAL,
  "completed",
  "confirmed",
  "active",
  "resolved",
  "finished",
  "actual",
]);

/** An event; without a type an adverse event. Of other types only those with a code that a clause asks for. */
export function readEvent(row: Row, { collector }: CsvContext): Reading | null {
  const { needs } = collector;
  const written = row.text("type")?.toLowerCase() ?? "adverse-event";
  const type = EVENT_TYPES.find((known) => known === written);
  const codes = row.codes().flatMap((code) => {
    const full = [...needs.events].filter(
      (asked) => asked === code || (!code.includes("|") && asked.endsWith(`|${code}`)),
    );
    return full.length > 0 ? full : [code];
  });
  const asked = codes.some((code) => needs.events.has(code));
  if (type === undefined)
    return asked || needs.adverseEvents ? { reason: `unmapped type ${written}`, unmapped: true } : null;
  if (!asked && !(type === "adverse-event" && needs.adverseEvents)) return null;
  const status = row.status() ?? "final";
  if (!HAPPENED.has(status)) return { reason: `status ${status}` };
  const date = row.requiredDate("date");
  const problems: string[] = [];
  const grade = row.text("grade") ?? null;
  if (grade !== null && !/^[1-5]$/.test(grade)) problems.push(`grade is none of 1 to 5: ${grade}`);
  const serious = attempt(problems, () => seriousness(row));
  const causal = attempt(problems, () => row.yes("causal"));
  const known = grade !== null && /^[1-5]$/.test(grade) ? Number(grade) : null;
  return { facts: [{ kind: "event", type, date, codes, grade: known, serious, causal, suspects: [] }], problems };
}

/** A field that can't be read is listed, and the row is used without it. */
function attempt<T>(problems: string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    problems.push(error.message);
    return null;
  }
}

function seriousness(row: Row): boolean | null {
  const word = row.text("serious")?.toLowerCase();
  if (word === "serious") return true;
  return word === "non-serious" ? false : row.yes("serious");
}

const PAID: ReadonlySet<string> = new Set([...FINAL, "active", "completed", "paid", "issued", "balanced"]);

export function readCost(row: Row, { collector }: CsvContext): Reading | null {
  if (!collector.needs.costs) return null;
  const status = row.status() ?? "final";
  if (!PAID.has(status)) return { reason: `status ${status}` };
  const date = row.requiredDate("date");
  const amount = row.decimal("amount");
  if (amount === null) return { reason: "no amount" };
  const currency = row.text("currency") ?? null;
  if (currency !== null && !/^[A-Z]{3}$/.test(currency))
    return { reason: `currency is no ISO 4217 code: ${currency}`, unmapped: true };
  return { facts: [{ kind: "cost", date, codes: row.codes(), amount, currency, form: null }] };
}
