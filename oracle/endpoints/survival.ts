/**
 * Share of a cohort alive at the horizon, by Kaplan–Meier (clinical rules, section 4.1): percent with four decimals, from the exact
 * fraction, rounded half to even once.
 *
 * Every enrolled patient is in the estimate. One whose record may not or can't be used counts as censored on her index day, and
 * so does one whom the records hold no more.
 */

import { atRiskAt, isEstimable, kaplanMeier } from "../survival/kaplanMeier.ts";
import { exactSurvival } from "../survival/exact.ts";
import { horizonOf, priced, type CohortEndpoint, type CohortFinding, type CohortQuestion } from "./cohort.ts";
import { notEvaluable, type Outcome } from "./endpoint.ts";
import { followUp, type Followed, type FollowUp } from "./follow-up.ts";

/** A fraction with four decimals of a percentage. */
const DECIMALS = 6;

export const survival: CohortEndpoint = {
  id: "survival",
  description: "share of patients alive at the horizon, by Kaplan–Meier",
  value: (records, question) => {
    const horizon = horizonOf(question);
    const all = records.map((record) => followUp(record, horizon, question.asOf));
    const outcome = estimateOver(all, horizon, question);
    return { outcome, evidence: [], parts: all.map((one) => part(one, outcome)) };
  },
};

/** The estimate, or the one price of all that it can be; what some of them can't tell can't be told. */
function estimateOver(all: readonly FollowUp[], horizon: number, question: CohortQuestion): CohortFinding["outcome"] {
  const minAtRisk = question.options.minAtRisk ?? 0;
  const at = (end: "least" | "greatest" | "shortest"): CohortFinding["outcome"] =>
    estimate(
      all.map((one) => one[end]),
      question.missing,
      horizon,
      minAtRisk,
    );
  const least = at("least");
  if ("notEvaluable" in least || all.every(({ open }) => open === null)) return least;
  const greatest = at("greatest");
  if ("notEvaluable" in greatest) return greatest;
  const shortest = at("shortest");
  if ("notEvaluable" in shortest) return shortest;
  return priced(question, least.value, greatest.value);
}

/** @param missing patients without a record, censored on day 0 */
function estimate(
  followed: readonly Followed[],
  missing: number,
  horizon: number,
  minAtRisk: number,
): CohortFinding["outcome"] {
  if (followed.length + missing === 0) return { notEvaluable: "no-patients" };
  const exits = new Float64Array(followed.length + missing);
  followed.forEach(({ days }, i) => (exits[i] = days));
  const events = Float64Array.from(
    followed.filter(({ died }) => died),
    ({ days }) => days,
  );
  const curve = kaplanMeier({ exits, events, entries: null });
  if (!isEstimable(curve, horizon)) return { notEvaluable: "beyond-follow-up" };
  if (atRiskAt(curve, horizon) < minAtRisk) return { notEvaluable: "too-few-at-risk" };
  return { value: exactSurvival(curve.table, horizon, DECIMALS) };
}

/**
 * A patient's part: twice her days of follow-up, and one more when she died then, so that the estimate can be computed again
 * from the parts. One whose death can't be dated stands with the day that the signed value rests on.
 */
function part({ least, leftOut, open, evidence }: FollowUp, outcome: CohortFinding["outcome"]): Outcome {
  if (leftOut !== null) return notEvaluable(leftOut, evidence);
  if (open !== null && "notEvaluable" in outcome) return notEvaluable(open, evidence);
  return { value: BigInt(2 * least.days + (least.died ? 1 : 0)), day: null, event: least.died, evidence };
}
