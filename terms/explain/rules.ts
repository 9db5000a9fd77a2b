/** Time, silence, dispute and exposure: the rules around every clause, in words. */

import { assessment, type Agreement, type Clause } from "../model.ts";
import { madeOf, measuredFor, optionRows } from "../endpoint-options.ts";
import { UNVERIFIED_RULES } from "../endpoint-table.ts";
import { knownMetrics } from "../metrics.ts";
import { date, group, money, span } from "./words.ts";

const days = (n: number): string => `${group(n)} day${n === 1 ? "" : "s"}`;

/** When a clause is paid. */
export function whenDue(agreement: Agreement, clause: Clause): string {
  const { due } = clause;
  if (due === "enrolment") return "paid at once when the patient is enrolled";
  if (clause.kind === "milestone") {
    const after =
      due === 0 ? "on the day the patient's treatment began" : `${span(due)} after the patient's treatment began`;
    return assessment(clause) === "time" ? `due by time alone ${after}` : `assessed ${after}`;
  }
  const dates = [...clause.payoffs.keys()].map((position) => {
    const cohort = agreement.cohorts[position];
    const day = date((cohort?.closes ?? 0) + due);
    return clause.payoffs.size === 1 ? day : `${day} for ${cohort?.id ?? ""}`;
  });
  const after = due === 0 ? "when the cohort closes" : `${span(due)} after the cohort closes`;
  return `settled ${after} (${dates.join(", ")})`;
}

/** What happens when nobody reports; null for what nobody needs to report. */
export function silence(agreement: Agreement, clause: Clause): string | null {
  const { reportWithin } = agreement.oracle;
  if (clause.due === "enrolment") return null;
  if (clause.metric === null || clause.metric.knownTo === "contract") {
    const after = clause.metric?.id === "outlay" ? " and every other clause of the cohort has ended" : "";
    return `Nobody needs to report: once due${after}, anyone can have it settled.`;
  }
  const what =
    clause.kind === "milestone"
      ? "the patients still unreported count as not evaluable and are paid as such"
      : "the cohort counts as not evaluable and is paid as such";
  const from =
    reportWithin === 0 ? "from the day after the due day" : `once ${days(reportWithin)} have passed since the due day`;
  return `If nobody reports: ${from}, anyone can have it lapse, and ${what}.`;
}

/** What a party can do against a report. */
export function disputes({ oracle, ...agreement }: Agreement): string[] {
  const { challengeWindow, challengeBond, arbiter, ruleWithin } = oracle;
  if (challengeWindow === 0) {
    return [
      "There is no challenge window: a report moves the money in the moment it arrives. Nothing is ever pending, and no party can object in the contract.",
    ];
  }
  const who = arbiter?.name ?? arbiter?.address ?? "the arbiter";
  const bond = money({ oracle, ...agreement }, challengeBond);
  const stake = challengeBond === 0n ? "without a bond" : `against a bond of ${bond}`;
  const goes = challengeBond === 0n ? "" : " and the bond goes to the other side";
  const back = challengeBond === 0n ? "" : " and the bond goes back";
  return [
    `A report moves no money for ${days(challengeWindow)}. Within them a party can challenge it, ${stake}; unchallenged, anyone can then have it settled.`,
    `The arbiter (${who}) rules on a challenged report. Upheld: it is paid at once${goes}. Rejected: it is void, its patients may be reported again${back}.`,
    `With no ruling within ${days(ruleWithin)} of the challenge, the report can be settled as it stands${back}.`,
  ];
}

/** What rests on the oracle's word. */
export function exposure({ oracle, members }: Agreement): string[] {
  const authoriser = oracle.authorisedBy === null ? undefined : members[oracle.authorisedBy];
  const enrolment =
    authoriser === undefined
      ? "No party has to authorise enrolments: all that a party holds in the contract and has not locked can be used up by enrolments on the oracle's word alone. Keep in only what the next patients need."
      : `Enrolments need the signature of ${authoriser.name} too: the oracle alone can't use up what is not locked.`;
  const { reportEvery, minCell } = oracle;
  return [
    enrolment,
    "What is locked can only move as the clauses above say, and at worst by the amounts in the table.",
    ...(reportEvery > 0
      ? [`Reports look at the records as of every ${days(reportEvery)} only, counted from the first cohort's opening.`]
      : []),
    ...(minCell > 1
      ? [`Operators report no fewer than ${minCell} patients together, so that nobody can be told apart.`]
      : []),
  ];
}

/**
 * The clinical choices that a clause leaves at their default, then what the rules fix by themselves; those without a
 * published source are marked.
 */
export function leftToDefault(agreement: Agreement, { metric, endpoint }: Clause): string[] {
  if (metric === null || metric.knownTo === "contract") return [];
  const known = knownMetrics(agreement);
  const measured = measuredFor(metric, endpoint, known);
  const seen = new Set(Object.keys(endpoint));
  const choices = measured
    .flatMap((one) => optionRows(one, known))
    .flatMap((row) => {
      const { name, default: value, otherwise, meaning, needed, unverified } = row;
      const holds = value ?? otherwise ?? (needed ? "not stated, and no oracle computes it without" : undefined);
      if (holds === undefined || seen.has(name) || !applies(name, endpoint.rules ?? "treatment-policy")) return [];
      seen.add(name);
      return [`${name}: ${holds} (${meaning})${unverified ? UNVERIFIED : ""}`];
    });
  const fixed = measured
    .flatMap((one) => madeOf(one, known))
    .flatMap((id) => UNVERIFIED_RULES[id] ?? [])
    .map((rule) => `fixed by the rules: ${rule}${UNVERIFIED}`);
  return [...choices, ...new Set(fixed)];
}

const UNVERIFIED = " [not verified against a published source: agree on it with a clinician]";

/** Options of one rule set say nothing under another. */
function applies(option: string, rules: string | number | boolean): boolean {
  return (option !== "maxGap" && option !== "deathWindow") || rules === "rwpfs";
}
