/** Reads the one action of a scenario's step, against the agreement and what the story has told so far. */

import { durationDays, formatDay } from "../terms/calendar.ts";
import {
  type Fields,
  found,
  openFields,
  openList,
  openMap,
  readDay,
  readFlag,
  readInteger,
  readLine,
  readText,
} from "../terms/fields.ts";
import { nearest, oneOfText, quote, type Findings, type Place } from "../terms/findings.ts";
import { LIMITS } from "../terms/limits.ts";
import type { Agreement, Clause, Day, Metric, PartyRef } from "../terms/model.ts";
import { readMoney, readPositive } from "../terms/resolve/amount.ts";
import { findParty, partyNames, readParty } from "../terms/resolve/parties.ts";
import { readValue } from "../terms/resolve/payoff.ts";
import { keyPath, type Node } from "../terms/yaml.ts";
import type { Action, Outcome, PartyAmount, Refusal } from "./step.ts";

/** Where a story stands while its steps are read. */
export interface Telling {
  readonly agreement: Agreement;
  readonly findings: Findings;
  /** The clock's day. */
  day: Day;
  /** Named reports, and whether each went through. */
  readonly reports: Map<string, "made" | "refused">;
}

export type ActionName = Action["type"];

type Reader = (node: Node | undefined, telling: Telling, fails: Refusal | null) => Action | undefined;

/** Every action by its key. */
export const ACTIONS: Readonly<Record<ActionName, Reader>> = {
  at: readAt,
  fund: (node, telling) => {
    const payments = readAmounts(node, telling, "positive");
    return payments && { type: "fund", payments };
  },
  enrol: readEnrol,
  report: readReport,
  settle: readSettle,
  challenge: readChallenge,
  rule: (node, telling) => {
    const fields = openFields(node, ["report", "uphold"], "{ report: NAME, uphold: true or false }", telling.findings);
    if (fields === undefined) return undefined;
    const report = readReportName(fields, telling);
    const uphold = readFlag(fields.need("uphold", "true or false"), telling.findings);
    return report === undefined || uphold === undefined ? undefined : { type: "rule", report, uphold };
  },
  lapse: (node, telling) => {
    const fields = openFields(node, ["clause", "cohort"], "{ clause: ID, cohort: ID }", telling.findings);
    const where = fields && readWhere(fields, telling);
    return where && { type: "lapse", ...where };
  },
  withdraw: readWithdraw,
  expect: (node, telling) => {
    const kinds = ["net", "locked", "free"] as const;
    const fields = openFields(node, kinds, "amounts by party: { net: { payer: 0 } }", telling.findings);
    if (node === undefined || fields === undefined) return undefined;
    if (!kinds.some((kind) => fields.has(kind))) {
      return telling.findings.expected(node, "nothing expected", oneOfText(kinds));
    }
    const [net, locked, free] = kinds.map((kind) =>
      fields.has(kind) ? readAmounts(fields.get(kind), telling, "any") : [],
    );
    return net && locked && free && { type: "expect", net, locked, free };
  },
};

/** Reads an action; undefined after a problem. */
export function readAction(
  name: ActionName,
  node: Node | undefined,
  fails: Refusal | null,
  telling: Telling,
): Action | undefined {
  return ACTIONS[name](node, telling, fails);
}

function readAt(node: Node | undefined, telling: Telling): Action | undefined {
  const { findings } = telling;
  const expected = "a date such as 2026-02-01, or a time after the last `at` such as +91d";
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  let day: Day | undefined;
  if (text.startsWith("+")) {
    const days = durationDays(text.slice(1));
    if (days === null) return findings.expected(node, quote(text), expected);
    if (days > LIMITS.dueDays + LIMITS.cohortDays) {
      return findings.expected(node, `${quote(text)} (${days} days)`, "at most 40 years");
    }
    day = telling.day + days;
  } else {
    day = readDay(node, findings);
    if (day !== undefined && day < telling.day) {
      return findings.expected(node, formatDay(day), `${formatDay(telling.day)} or later: the clock never goes back`);
    }
  }
  if (day === undefined) return undefined;
  telling.day = day;
  return { type: "at", day };
}

function readEnrol(node: Node | undefined, telling: Telling): Action | undefined {
  const { findings, agreement } = telling;
  const fields = openFields(node, ["cohort", "patients", "indexed"], "{ cohort: ID, patients: 10 }", findings);
  if (fields === undefined) return undefined;
  const all = agreement.cohorts.map((_, position) => position);
  const cohort = readCohort(fields, all, agreement, findings);
  const patients = readPatients(fields.need("patients", "a number of patients"), 0n, findings);
  const indexed = fields.has("indexed") ? readDay(fields.get("indexed"), findings) : null;
  if (cohort === undefined || patients === undefined || indexed === undefined) return undefined;
  return { type: "enrol", cohort, patients, indexed };
}

function readReport(node: Node | undefined, telling: Telling, fails: Refusal | null): Action | undefined {
  const { findings } = telling;
  const keys = ["clause", "cohort", "as", "outcomes", "notEvaluable", "value"];
  const fields = openFields(node, keys, "{ clause: ID, outcomes: […] } or { clause: ID, value: 85% }", findings);
  if (fields === undefined) return undefined;
  const as = readNewName(fields, fails, telling);
  const where = readWhere(fields, telling);
  if (where === undefined || as === undefined) return undefined;
  const { clause, ...position } = where;
  const { kind, metric, id } = clauseAt(telling.agreement, clause);
  for (const key of kind === "milestone" ? ["value"] : ["outcomes", "notEvaluable"]) {
    if (!fields.has(key)) continue;
    const instead =
      kind === "milestone" ? "outcomes: a milestone reports patients" : "value: a wager reports one for the cohort";
    return findings.expected(fields.at(key), `${key} for the ${kind} ${quote(id)}`, instead);
  }
  const common = { type: "report", clause, ...position, as } as const;
  if (kind === "wager") {
    const value = fields.has("value") ? readValue(fields.get("value"), metric ?? COUNT, findings) : null;
    return value === undefined ? undefined : { ...common, kind, value };
  }
  const outcomes = fields.has("outcomes") ? readOutcomes(fields.get("outcomes"), metric ?? COUNT, findings) : [];
  const notEvaluable = fields.has("notEvaluable") ? readPatients(fields.get("notEvaluable"), 0n, findings) : 0;
  return outcomes === undefined || notEvaluable === undefined ? undefined : { ...common, kind, outcomes, notEvaluable };
}

/** What a report on a clause without a metric is read as: the contract refuses it, whatever it says. */
const COUNT: Metric = {
  id: "value",
  of: "patient",
  kind: "number",
  unit: "number",
  decimals: 0,
  levels: [],
  definition: "",
  knownTo: "contract",
  source: null,
  builtIn: true,
};

function readOutcomes(node: Node | undefined, metric: Metric, findings: Findings): Outcome[] | undefined {
  if (node?.kind === "list" && node.items.length === 0) return [];
  const list = openList(node, "a list such as [{ value: 1, patients: 7 }]", findings);
  const outcomes = list?.items.map((item): Outcome | undefined => {
    const fields = openFields(item, ["value", "patients"], "{ value: 1, patients: 7 }", findings);
    if (fields === undefined) return undefined;
    const value = readValue(fields.need("value", "the value of these patients"), metric, findings);
    const patients = readPatients(fields.need("patients", "a number of patients"), 1n, findings);
    return value === undefined || patients === undefined ? undefined : { value, patients };
  });
  const read = outcomes?.filter((outcome) => outcome !== undefined);
  return read?.length === outcomes?.length ? read : undefined;
}

function readSettle(node: Node | undefined, telling: Telling): Action | undefined {
  const { findings } = telling;
  const expected = "{ report: NAME } or { clause: ID, cohort: ID }";
  const fields = openFields(node, ["report", "clause", "cohort"], expected, findings);
  if (node === undefined || fields === undefined) return undefined;
  if (fields.has("report")) {
    const other = ["clause", "cohort"].find((key) => fields.has(key));
    if (other !== undefined) return findings.expected(fields.at(other), `${other} beside report`, expected);
    const report = readReportName(fields, telling);
    return report === undefined ? undefined : { type: "settle", target: "report", report };
  }
  if (!fields.has("clause")) return findings.expected(node, "neither report nor clause", expected);
  const where = readWhere(fields, telling);
  return where && { type: "settle", target: "clause", ...where };
}

function readChallenge(node: Node | undefined, telling: Telling): Action | undefined {
  const { findings, agreement } = telling;
  const fields = openFields(node, ["report", "by"], "{ report: NAME, by: payer }", findings);
  if (fields === undefined) return undefined;
  const report = readReportName(fields, telling);
  const parties = { members: agreement.members, broken: false };
  const by = readParty(fields.need("by", "the party that challenges"), parties, findings);
  if (report === undefined || by === undefined) return undefined;
  return { type: "challenge", report, by: { ...by, count: 1 } };
}

function readWithdraw(node: Node | undefined, telling: Telling): Action | undefined {
  const { findings, agreement } = telling;
  const amounts = readAmounts(node, telling, "positive");
  if (node === undefined || amounts === undefined) return undefined;
  const [one, another] = amounts;
  if (one === undefined || another !== undefined) {
    return findings.expected(node, `${amounts.length} accounts`, "one: a withdrawal is one account's");
  }
  const { party, amount } = one;
  if (party.count > 1) {
    const names = partyNames(agreement.members.slice(party.first, party.first + party.count)).slice(1);
    const place = { path: keyPath(node.path, party.text), line: node.line };
    return findings.expected(
      place,
      `${quote(party.text)}, a group of ${party.count}`,
      `one member: ${oneOfText(names)}`,
    );
  }
  return { type: "withdraw", party, amount };
}

/** Amounts by party, in the order written. */
function readAmounts(node: Node | undefined, telling: Telling, sign: "positive" | "any"): PartyAmount[] | undefined {
  const { agreement, findings } = telling;
  const map = openMap(node, "amounts by party, such as { payer: 1000 }", findings);
  if (map === undefined) return undefined;
  if (map.entries.size === 0) return findings.expected(map, "no party", "amounts by party, such as { payer: 1000 }");
  const amounts: PartyAmount[] = [];
  let broken = false;
  for (const [name, value] of map.entries) {
    const place: Place = { path: value.path, line: value.line };
    const party: PartyRef | undefined = findParty(name, place, { members: agreement.members, broken: false }, findings);
    const amount = (sign === "any" ? readMoney : readPositive)(value, agreement.currency, findings);
    if (party === undefined || amount === undefined) broken = true;
    else amounts.push({ party, amount });
  }
  return broken ? undefined : amounts;
}

function readPatients(node: Node | undefined, least: bigint, findings: Findings): number | undefined {
  const patients = readInteger(node, least, LIMITS.patients, findings);
  return patients === undefined ? undefined : Number(patients);
}

function clauseAt(agreement: Agreement, position: number): Clause {
  const clause = agreement.clauses[position];
  if (clause === undefined) throw new RangeError(`no clause at position ${position}`);
  return clause;
}

/** `clause` and `cohort`; the cohort may be left out when the clause applies to one. */
function readWhere(fields: Fields, { agreement, findings }: Telling): { clause: number; cohort: number } | undefined {
  const ids = agreement.clauses.map(({ id }) => id);
  const node = fields.need("clause", `a clause: ${oneOfText(ids)}`);
  const id = readText(node, `a clause: ${oneOfText(ids)}`, findings);
  const clause = id === undefined ? -1 : ids.indexOf(id);
  if (node !== undefined && id !== undefined && clause < 0) {
    findings.expected(node, found(node), `a clause: ${oneOfText(ids)}`, nearest(id, ids));
  }
  const all = agreement.cohorts.map((_, position) => position);
  // With an unknown clause any cohort will do: only what is written is then checked.
  const applies = clause < 0 ? all.slice(0, 1) : [...clauseAt(agreement, clause).payoffs.keys()];
  const cohort = readCohort(fields, applies, agreement, findings);
  return clause < 0 || cohort === undefined ? undefined : { clause, cohort };
}

/** `cohort` as written, which may be any of the agreement's; left out, the only one of `applies`. */
function readCohort(
  fields: Fields,
  applies: readonly number[],
  agreement: Agreement,
  findings: Findings,
): number | undefined {
  const ids = agreement.cohorts.map(({ id }) => id);
  const [only, another] = applies;
  if (!fields.has("cohort")) {
    if (only !== undefined && another === undefined) return only;
    const names = applies.map((position) => ids[position] ?? "");
    return findings.expected(fields.at("cohort"), "nothing", `a cohort: ${oneOfText(names)}`);
  }
  const node = fields.get("cohort");
  const id = readText(node, `a cohort: ${oneOfText(ids)}`, findings);
  if (node === undefined || id === undefined) return undefined;
  const cohort = ids.indexOf(id);
  return cohort >= 0 ? cohort : findings.expected(node, found(node), `a cohort: ${oneOfText(ids)}`, nearest(id, ids));
}

/** The name a report is given; null without one. A name is used again only when the report it stood for was refused. */
function readNewName(fields: Fields, fails: Refusal | null, { reports, findings }: Telling): string | null | undefined {
  if (!fields.has("as")) return null;
  const name = readLine(fields.get("as"), "a name for the report", findings);
  if (name === undefined) return undefined;
  if (reports.get(name) === "made") {
    return findings.expected(fields.at("as"), `${quote(name)} a second time`, "a name that no earlier report has");
  }
  reports.set(name, fails === null ? "made" : "refused");
  return name;
}

function readReportName(fields: Fields, { reports, findings }: Telling): string | undefined {
  const names = [...reports.keys()].filter((name) => reports.get(name) === "made");
  const expected = `a report of an earlier step: ${oneOfText(names)}`;
  const node = fields.need("report", expected);
  const name = readText(node, expected, findings)?.trim();
  if (node === undefined || name === undefined) return undefined;
  return names.includes(name) ? name : findings.expected(node, quote(name), expected, nearest(name, names));
}
