/** Cohorts: who may be enrolled, when, at which price. */

import { formatDay } from "../calendar.ts";
import {
  found,
  ID,
  isId,
  openFields,
  openList,
  openMap,
  readDay,
  readDuration,
  readInteger,
  readProse,
  readText,
} from "../fields.ts";
import { quote, type Findings } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { Cohort, Eligibility } from "../model.ts";
import type { Node } from "../yaml.ts";
import { readPositive, type Currency } from "./amount.ts";

/** A cohort's id with what could be read of it: a clause may name a cohort that has a problem of its own. */
export interface CohortSlot {
  readonly id: string;
  readonly price: bigint | undefined;
  readonly maxPatients: number | undefined;
  readonly cohort: Cohort | undefined;
}

const KEYS = ["population", "eligibility", "price", "opens", "closes", "enrolWithin", "maxPatients"];
const KINDS = ["conditions", "medications", "variants"] as const;

export function readCohorts(node: Node | undefined, currency: Currency | undefined, findings: Findings): CohortSlot[] {
  const expected =
    "cohorts by id, such as 2026: { price: 150000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 120 }";
  const map = openMap(node, expected, findings);
  if (map === undefined) return [];
  if (map.entries.size === 0) findings.expected(map, "no cohort", expected);
  return [...map.entries].map(([id, value]) => {
    if (!isId(id)) findings.expected(value, `the id ${quote(id)}`, ID);
    return readCohort(id, value, currency, findings);
  });
}

function readCohort(id: string, node: Node, currency: Currency | undefined, findings: Findings): CohortSlot {
  const fields = openFields(node, KEYS, "a cohort such as { price: …, opens: …, closes: …, maxPatients: … }", findings);
  const none: CohortSlot = { id, price: undefined, maxPatients: undefined, cohort: undefined };
  if (fields === undefined) return none;
  const population = fields.has("population")
    ? readProse(fields.get("population"), "the population in words", findings)
    : "";
  const eligibility = fields.has("eligibility") ? readEligibility(fields.get("eligibility"), findings) : null;
  const priceNode = fields.need("price", "the price of a patient, such as 150000");
  const price = currency === undefined ? undefined : readPositive(priceNode, currency, findings);
  const opens = readDay(fields.need("opens", "the first index day, such as 2026-01-01"), findings);
  const closes = readDay(fields.need("closes", "the day after the last index day, such as 2027-01-01"), findings);
  const enrolWithin = fields.has("enrolWithin")
    ? readDuration(fields.get("enrolWithin"), LIMITS.windowDays, "a year", findings)
    : 0;
  const patients = readInteger(
    fields.need("maxPatients", "the largest number of patients"),
    1n,
    LIMITS.patients,
    findings,
  );
  const maxPatients = patients === undefined ? undefined : Number(patients);
  const slot = { ...none, price, maxPatients };
  if (opens === undefined || closes === undefined) return slot;
  if (opens >= closes) {
    findings.expected(fields.at("closes"), formatDay(closes), `a day after opens (${formatDay(opens)})`);
    return slot;
  }
  if (closes > LIMITS.lastClose) {
    findings.expected(fields.at("closes"), formatDay(closes), `${formatDay(LIMITS.lastClose)} or before`);
    return slot;
  }
  if (closes - opens > LIMITS.cohortDays) {
    const most = `at most 10 years (${LIMITS.cohortDays} days)`;
    findings.expected(fields.at("closes"), `${formatDay(closes)}, ${closes - opens} days after opens`, most);
    return slot;
  }
  if (population === undefined || eligibility === undefined || enrolWithin === undefined) return slot;
  if (price === undefined || maxPatients === undefined) return slot;
  return { ...slot, cohort: { id, population, eligibility, price, opens, closes, enrolWithin, maxPatients } };
}

function readEligibility(node: Node | undefined, findings: Findings): Eligibility | undefined {
  const expected = 'codes by kind, such as { conditions: ["http://snomed.info/sct|254637007"] }';
  const fields = openFields(node, KINDS, expected, findings);
  if (node === undefined || fields === undefined) return undefined;
  const lists = KINDS.map((kind) => (fields.has(kind) ? readCodes(fields.get(kind), findings) : []));
  const [conditions, medications, variants] = lists;
  if (conditions === undefined || medications === undefined || variants === undefined) return undefined;
  if (lists.every((list) => list?.length === 0)) return findings.expected(node, "no kind of code", expected);
  return { conditions, medications, variants };
}

/** A list of `system|code`, none twice. */
export function readCodes(node: Node | undefined, findings: Findings): string[] | undefined {
  const form = "a code written system|code, such as http://loinc.org|4548-4";
  const list = openList(node, `a list of codes, each ${form.slice(7)}`, findings);
  if (list === undefined) return undefined;
  const codes: string[] = [];
  let broken = false;
  for (const item of list.items) {
    const text = readText(item, form, findings);
    if (text === undefined) broken = true;
    else if (!/^[^\s|,]+\|[^\s|,]+$/.test(text)) broken = findings.expected(item, found(item), form) ?? true;
    else if (codes.includes(text))
      broken = findings.expected(item, `${quote(text)} a second time`, "each code once") ?? true;
    else codes.push(text);
  }
  return broken ? undefined : codes;
}
