/** Clauses: who pays whom, on what, when. */

import { type Fields, ID, isId, openFields, openList, openMap, readChoice, readDuration, readText } from "../fields.ts";
import { nearest, oneOfText, quote, type Findings } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { Clause, Metric, OracleTerms, PartyRef, Payoff } from "../model.ts";
import type { Node } from "../yaml.ts";
import type { Currency } from "./amount.ts";
import type { CohortSlot } from "./cohorts.ts";
import { readEndpoint } from "./endpoint.ts";
import { findMetric, fit, type Metrics, type Need } from "./metrics.ts";
import { readParty, type Parties } from "./parties.ts";
import { payoffIn, readNotEvaluable, readTiers, type WrittenPayoff } from "./payoff.ts";

/** What clauses are resolved against. Parts that could not be read are undefined or empty, and already reported. */
export interface ClauseContext {
  readonly currency: Currency;
  readonly parties: Parties;
  readonly oracle: Partial<OracleTerms>;
  readonly metrics: Metrics;
  readonly cohorts: readonly CohortSlot[];
  readonly findings: Findings;
}

const KEYS = ["type", "cohorts", "metric", "due", "basis", "from", "to", "pays", "notEvaluable", "endpoint"];
const TYPES = ["milestone", "wager", "performance"] as const;
const CLAUSES =
  "clauses by id, such as treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }";

/** The metrics that clauses name, before anything else about the clauses is read. */
export function metricNeeds(node: Node | undefined): Need[] {
  if (node?.kind !== "map") return [];
  return [...node.entries.values()].flatMap((clause): Need[] => {
    if (clause.kind !== "map") return [];
    const type = clause.entries.get("type");
    const metric = clause.entries.get("metric");
    if (type?.kind !== "text" || metric?.kind !== "text") return [];
    const kind = kindOf(type.text);
    return kind === undefined ? [] : [{ metric: metric.text, of: ownerOf(kind), place: metric }];
  });
}

const kindOf = (type: string): Clause["kind"] | undefined =>
  type === "performance" ? "wager" : type === "milestone" || type === "wager" ? type : undefined;
const ownerOf = (kind: Clause["kind"]): "patient" | "cohort" => (kind === "milestone" ? "patient" : "cohort");

export function readClauses(node: Node | undefined, context: ClauseContext): (Clause | undefined)[] {
  const { findings, cohorts } = context;
  const map = openMap(node, CLAUSES, findings);
  if (map === undefined) return [];
  if (map.entries.size === 0) findings.expected(map, "no clause", CLAUSES);
  const counts = new Map<number, number>();
  return [...map.entries].map(([id, value]) => {
    if (!isId(id)) findings.expected(value, `the id ${quote(id)}`, ID);
    const clause = readClause(id, value, context);
    for (const position of clause?.payoffs.keys() ?? []) {
      const count = (counts.get(position) ?? 0) + 1;
      counts.set(position, count);
      if (count === LIMITS.clausesInCohort + 1) {
        const name = quote(cohorts[position]?.id ?? "");
        findings.expected(
          value,
          `more than ${LIMITS.clausesInCohort} clauses in cohort ${name}`,
          `at most ${LIMITS.clausesInCohort}`,
        );
      }
    }
    return clause;
  });
}

function readClause(id: string, node: Node, context: ClauseContext): Clause | undefined {
  const { findings } = context;
  const fields = openFields(node, KEYS, "a clause such as { type: milestone, due: enrolment, … }", findings);
  if (fields === undefined) return undefined;
  const type = readChoice(fields.need("type", oneOfText(TYPES)), TYPES, findings);
  const kind = type === undefined ? undefined : kindOf(type);
  const metric = readMetric(fields, kind, context);
  const due = readDue(fields, kind, metric, context);
  const basis = readBasis(fields, kind, findings);
  const { from, to } = readSides(fields, context);
  const positions = readCohortList(fields, context);
  const tiers = readTiers(fields.need("pays", "an amount, or with a metric a list of tiers"), metric, findings);
  const notEvaluable = readNotEvaluable(fields, metric, findings);
  const endpoint = readOptions(fields, metric, context);
  checkSilence(fields, metric, due, context);
  if (tiers === undefined || notEvaluable === undefined || metric === undefined || basis === undefined)
    return undefined;
  const payoffs = new Map<number, Payoff>();
  const written: WrittenPayoff = { at: fields.at("pays"), metric, tiers, notEvaluable };
  let broken = false;
  for (const position of positions ?? []) {
    const slot = context.cohorts[position];
    const payoff = slot && payoffIn(written, slot, basis, context.currency, findings);
    if (payoff === undefined) broken = true;
    else payoffs.set(position, payoff);
  }
  if (broken || positions === undefined || kind === undefined || due === undefined || from === undefined)
    return undefined;
  if (to === undefined || endpoint === undefined) return undefined;
  return { id, kind, due, metric, basis, from, to, endpoint, payoffs };
}

/** Null: the clause names none, and needs none. */
function readMetric(
  fields: Fields,
  kind: Clause["kind"] | undefined,
  context: ClauseContext,
): Metric | null | undefined {
  const { findings, metrics, parties } = context;
  if (!fields.has("metric")) {
    if (kind !== "wager") return kind === undefined && fields.get("pays")?.kind === "list" ? undefined : null;
    return findings.expected(fields.at("metric"), "nothing", "the metric that the wager is settled on");
  }
  const node = fields.get("metric");
  const id = readText(node, "the name of a metric", findings);
  const metric = id === undefined ? undefined : findMetric(id, fields.at("metric"), metrics, findings);
  if (metric === undefined || kind === undefined) return metric;
  if (metric.of !== ownerOf(kind)) {
    return findings.expected(
      fields.at("metric"),
      `${quote(metric.id)}, a metric of the ${metric.of}`,
      fit(ownerOf(kind)),
    );
  }
  if (metric.id === "outlay" && !parties.broken && !parties.members.some(({ group }) => group === "payer")) {
    return findings.expected(fields.at("metric"), "outlay without a payer", "a payer group, whose outlay it is");
  }
  return metric;
}

function readDue(
  fields: Fields,
  kind: Clause["kind"] | undefined,
  metric: Metric | null | undefined,
  { findings }: ClauseContext,
): Clause["due"] | undefined {
  const expected =
    kind === "wager" ? "a duration after the cohort closes, such as 90d" : "enrolment, or a duration such as 6mo";
  const node = fields.need("due", expected);
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  if (text === "enrolment") {
    if (kind === "wager") return findings.expected(node, quote(text), expected);
    if (metric || fields.has("metric")) {
      return findings.expected(node, "enrolment with a metric", "a duration: on enrolment nothing has been measured");
    }
    return text;
  }
  if (nearest(text, ["enrolment"]) !== "")
    return findings.expected(node, quote(text), expected, nearest(text, ["enrolment"]));
  return readDuration(node, LIMITS.dueDays, "30 years", findings);
}

function readBasis(fields: Fields, kind: Clause["kind"] | undefined, findings: Findings): Clause["basis"] | undefined {
  if (!fields.has("basis")) return "patient";
  if (kind === "milestone") {
    return findings.expected(fields.at("basis"), "a basis on a milestone", "none: only a wager has one");
  }
  return readChoice(fields.get("basis"), ["patient", "total"], findings);
}

function readSides(fields: Fields, { parties, findings }: ClauseContext): { from?: PartyRef; to?: PartyRef } {
  const from = readParty(fields.need("from", "the party that pays"), parties, findings);
  const to = readParty(fields.need("to", "the party that is paid"), parties, findings);
  const groupOf = (party: PartyRef): string | undefined => parties.members[party.first]?.group;
  if (from && to && groupOf(from) === groupOf(to)) {
    const same = from.text === to.text ? quote(to.text) : `${quote(to.text)}, of the same group as ${quote(from.text)}`;
    findings.expected(fields.at("to"), same, "a party of another group than from");
    return {};
  }
  return { ...(from && { from }), ...(to && { to }) };
}

/** Positions of the cohorts that the clause is for; all without a list. */
function readCohortList(fields: Fields, { cohorts, findings }: ClauseContext): number[] | undefined {
  if (!fields.has("cohorts")) return cohorts.map((_, position) => position);
  const list = openList(fields.get("cohorts"), "a list of cohorts, such as [2026]", findings);
  if (list === undefined) return undefined;
  const ids = cohorts.map(({ id }) => id);
  const positions: number[] = [];
  let broken = false;
  for (const item of list.items) {
    const id = readText(item, "the id of a cohort", findings);
    const position = id === undefined ? -1 : ids.indexOf(id);
    if (id === undefined || position < 0 || positions.includes(position)) {
      broken = true;
      if (id !== undefined && position >= 0) findings.expected(item, `${quote(id)} a second time`, "each cohort once");
      else if (id !== undefined && ids.length > 0) {
        findings.expected(item, quote(id), `a cohort: ${oneOfText(ids)}`, nearest(id, ids));
      }
    } else positions.push(position);
  }
  return broken ? undefined : positions.sort((a, b) => a - b);
}

function readOptions(
  fields: Fields,
  metric: Metric | null | undefined,
  context: ClauseContext,
): Clause["endpoint"] | undefined {
  const { findings, oracle, metrics } = context;
  if (metric === undefined) return undefined;
  if (metric === null || metric.knownTo === "contract") {
    if (!fields.has("endpoint")) return {};
    const why = metric === null ? "without a metric" : `for ${metric.id}, which the contract knows`;
    return findings.expected(
      fields.at("endpoint"),
      `endpoint options ${why}`,
      "none: the oracle computes nothing here",
    );
  }
  return readEndpoint(fields.get("endpoint"), metric, metrics.known, oracle.grace, fields, findings);
}

function checkSilence(
  fields: Fields,
  metric: Metric | null | undefined,
  due: Clause["due"] | undefined,
  { oracle, findings }: ClauseContext,
): void {
  if (metric?.knownTo !== "oracle" || due === undefined || oracle.reportWithin !== 0) return;
  findings.warning(fields, "oracle.reportWithin is 0 days: whoever lapses on the due day comes before any report");
}
