/** From enrolled patients and their records to a report and everything that stands behind it. */

import type { Agreement, Clause, Cohort, Day, Payoff } from "../../terms/model.ts";
import type { IndexedPatient, Outcomes, SourcePatient } from "../outcomes.ts";
import type { Hex } from "./bytes.ts";
import type { MilestoneReport, WagerReport } from "./messages.ts";
import { tally, type AssessedPatient, type Outcome, type TalliedReport } from "./tally.ts";

/** Where a report stands and until when its endorsement counts. */
export interface ReportPlace {
  readonly clause: number;
  readonly cohort: number;
  readonly number: number;
  readonly asOfDay: Day;
  readonly lastDay: Day;
}

/** An enrolled patient. */
export interface Enrollee<P extends SourcePatient> {
  readonly patientKey: Hex;
  readonly batch: number;
  readonly salt: Hex;
  /** Null when the records hold nobody with her key any more, and when she was erased. */
  readonly subject: IndexedPatient<P> | null;
  /** She was erased: her key and salt are random ones. */
  readonly erased?: boolean;
}

/** What stands behind one leaf. */
export interface Evidence {
  /** Ids of the resources that the outcome rests on. */
  readonly evidence: readonly string[];
  /** Why the patient is not evaluable; null for a patient with a value. */
  readonly reason: string | null;
}

/** A report, its leaves, and by patient key what stands behind each leaf. */
export interface Built<M> {
  readonly message: M;
  readonly tallied: TalliedReport;
  readonly evidence: ReadonlyMap<Hex, Evidence>;
}

/** Reason of a patient who is enrolled and no longer in the records. */
export const NOT_IN_RECORDS = "not in the records";
/** Reason of a patient who was erased: she counts, and is looked up no more. */
export const ERASED = "erased";

/** A wager's leaves have one tier without slope: the patients who count, and past it those who were left out. */
const WAGER_LEAVES: Payoff = { tiers: [{ start: null, pays: 0n, slope: 0n }], notEvaluable: 0n };

/** @throws RangeError when the clause does not apply to the cohort, or a value does not fit. */
export function buildMilestone<P extends SourcePatient>(
  agreement: Agreement,
  place: ReportPlace,
  enrollees: readonly Enrollee<P>[],
  outcomes: Outcomes<P>,
): Built<MilestoneReport> {
  const { clause, payoff } = termsAt(agreement, place);
  const evidence = new Map<Hex, Evidence>();
  const behind = rememberIn(evidence);
  const assessed = enrollees.map((enrollee): AssessedPatient => {
    if (enrollee.subject === null) return behind(enrollee, absent(enrollee), []);
    const found = outcomes.milestone(enrollee.subject, clause, payoff, place.asOfDay);
    return behind(enrollee, found.outcome, found.evidence);
  });
  const tallied = tally(payoff, assessed, { kind: "report", ...place });
  const { tallies, notEvaluable, root } = tallied;
  return { message: { ...onlyPlace(place), tallies, notEvaluable, root }, tallied, evidence };
}

/** @throws RangeError when the clause does not apply to the cohort, or a value does not fit. */
export function buildWager<P extends SourcePatient>(
  agreement: Agreement,
  place: ReportPlace,
  enrollees: readonly Enrollee<P>[],
  outcomes: Outcomes<P>,
): Built<WagerReport> & { readonly outcome: Outcome } {
  const { clause, cohort, payoff } = termsAt(agreement, place);
  const subjects = enrollees.flatMap(({ subject }) => (subject === null ? [] : [subject]));
  const missing = enrollees.length - subjects.length;
  const asked = outcomes.wager(subjects, missing, clause, cohort, payoff, place.asOfDay);
  const { outcome, evidence: whole, parts } = asked;
  const evidence = new Map<Hex, Evidence>();
  const behind = rememberIn(evidence);
  const assessed = enrollees.map((enrollee): AssessedPatient => {
    if (enrollee.subject === null) return behind(enrollee, absent(enrollee), []);
    const part = parts.get(enrollee.subject.patient);
    return behind(enrollee, part?.outcome ?? { value: 0n }, part?.evidence ?? whole);
  });
  const tallied = tally(WAGER_LEAVES, assessed, { kind: "report", ...place });
  const evaluable = "value" in outcome;
  const value = evaluable ? outcome.value : 0n;
  const message = { ...onlyPlace(place), evaluable, value, root: tallied.root };
  return { message, tallied, evidence, outcome };
}

function absent({ erased }: Enrollee<SourcePatient>): Outcome {
  return { notEvaluable: erased === true ? ERASED : NOT_IN_RECORDS };
}

/** Notes what stands behind each outcome on its way into the tally. */
function rememberIn(
  evidence: Map<Hex, Evidence>,
): (enrollee: Enrollee<SourcePatient>, outcome: Outcome, resources: readonly string[]) => AssessedPatient {
  return (enrollee, outcome, resources) => {
    const reason = "notEvaluable" in outcome ? outcome.notEvaluable : null;
    evidence.set(enrollee.patientKey, { evidence: resources, reason });
    return withOutcome(enrollee, outcome);
  };
}

function withOutcome(enrollee: Enrollee<SourcePatient>, outcome: Outcome): AssessedPatient {
  const { patientKey, batch, salt } = enrollee;
  return { patientKey, batch, salt, outcome };
}

function onlyPlace({ clause, cohort, number, asOfDay, lastDay }: ReportPlace): ReportPlace {
  return { clause, cohort, number, asOfDay, lastDay };
}

function termsAt(agreement: Agreement, place: ReportPlace): { clause: Clause; cohort: Cohort; payoff: Payoff } {
  const clause = agreement.clauses[place.clause];
  const cohort = agreement.cohorts[place.cohort];
  const payoff = clause?.payoffs.get(place.cohort);
  if (clause === undefined || cohort === undefined || payoff === undefined) {
    throw new RangeError(`clause ${place.clause} does not apply to cohort ${place.cohort}`);
  }
  return { clause, cohort, payoff };
}
