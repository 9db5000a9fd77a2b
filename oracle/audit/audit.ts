/** Audits what landed on the chain against this operator's store and records. */

import type { Agreement, Day } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { LandedReport } from "../chain/history.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import { AmbiguousHistory, dueOn, unassessed, type ClauseEvent, type EnrolledPatient } from "../report/assessed.ts";
import type { Hex } from "../report/bytes.ts";
import type { EnrolmentLeaf, ReportLeaf } from "../report/leaf.ts";
import { dueAfter } from "../report/schedule.ts";
import type { HeldReport } from "../store/reports.ts";
import { enrolledIn, loadView, MissingEntries, type View, type ViewParts } from "../view.ts";
import { proveInEnrolment, proveInReport, type Inclusion } from "./proof.ts";
import { auditReport, type AuditedReport } from "./report.ts";

/** Which reports, by position; all where nothing is said. */
export interface AuditFilter {
  readonly clause?: number;
  readonly cohort?: number;
  readonly number?: number;
  /** Show this patient and no other, also where the same is said of her; reports that she is not in are left out. */
  readonly patientKey?: Hex;
}

export interface AuditParts<P extends SourcePatient> extends ViewParts<P> {
  readonly openRecords: (asOfDay: Day) => Promise<Outcomes<P>>;
}

/**
 * Every report that landed and fits, in the order of its as-of day; each day's records are read once.
 * @param progress Called with each day before its records are read.
 */
export async function auditReports<P extends SourcePatient>(
  parts: AuditParts<P>,
  state: AgreementState,
  filter: AuditFilter = {},
  progress: (asOfDay: Day) => void = () => undefined,
): Promise<AuditedReport[]> {
  const reports = landedReports(parts.agreement, state, filter);
  const days = [...new Set(reports.map(({ report }) => report.asOfDay))].sort((a, b) => a - b);
  const audited: AuditedReport[] = [];
  for (const day of days) {
    progress(day);
    const view = await loadView(parts, state, await parts.openRecords(day));
    for (const landed of reports) {
      if (landed.report.asOfDay !== day) continue;
      const held = await parts.stores.reports.of(parts.id, landed.report.root);
      const patients = assessedBy(view, landed, held);
      const only = filter.patientKey;
      if (only !== undefined && patients?.some((patient) => patient.patientKey === only) !== true) continue;
      audited.push(auditReport(view, { landed, held, patients, only }));
    }
  }
  return audited;
}

/** The reports of an agreement that landed and fit, by clause, cohort and number. */
export function landedReports(agreement: Agreement, state: AgreementState, filter: AuditFilter): LandedReport[] {
  return agreement.clauses.flatMap(({ payoffs }, clause) =>
    [...payoffs.keys()].flatMap((cohort) => {
      if ((filter.clause ?? clause) !== clause || (filter.cohort ?? cohort) !== cohort) return [];
      return state
        .clause(clause, cohort)
        .reports.filter(({ report }) => (filter.number ?? report.number) === report.number);
    }),
  );
}

/** Whom a report assessed: by its leaves where they are held, else by what the chain counted until then. */
function assessedBy(view: View, { kind, report }: LandedReport, held: HeldReport | null): EnrolledPatient[] | null {
  const { clause, cohort, number, asOfDay } = report;
  const terms = view.agreement.clauses[clause];
  if (terms === undefined) return null;
  try {
    const enrolled = enrolledIn(view, cohort);
    if (held !== null) {
      const keys = new Set(held.leaves.map(({ patientKey }) => patientKey));
      const assessed = enrolled.filter(({ patientKey }) => keys.has(patientKey));
      return assessed.length === keys.size ? assessed : null;
    }
    if (kind === "wager") return enrolled;
    const after = dueAfter(view.agreement, terms);
    const { events } = view.state.clause(clause, cohort);
    return dueOn(unassessed(enrolled, eventsBefore(events, number), after), after, asOfDay);
  } catch (error) {
    if (error instanceof MissingEntries || error instanceof AmbiguousHistory) return null;
    throw error;
  }
}

function eventsBefore(events: readonly ClauseEvent[], number: number): readonly ClauseEvent[] {
  const at = events.findIndex((event) => event.type === "reported" && event.number === number);
  return at === -1 ? events : events.slice(0, at);
}

/** One patient's leaf in what landed, with its way to the root. */
export type PatientProof =
  | ({ readonly kind: "enrolment"; readonly cohort: number; readonly number: number } & Inclusion<EnrolmentLeaf>)
  | ({
      readonly kind: "milestone" | "wager";
      readonly clause: number;
      readonly cohort: number;
      readonly number: number;
      readonly asOfDay: Day;
      readonly standing: LandedReport["standing"];
    } & Inclusion<ReportLeaf>);

export interface PatientProofs {
  readonly proofs: readonly PatientProof[];
  /** Roots of landed reports that this operator holds no leaves of: she may be in them. */
  readonly notHeld: readonly { readonly clause: number; readonly cohort: number; readonly number: number }[];
}

/** Everything on the chain that a patient is in. @throws RootMismatch when what is held is not what landed. */
export async function provePatient(
  { agreement, id, stores }: Pick<ViewParts<SourcePatient>, "agreement" | "id" | "stores">,
  state: AgreementState,
  patientKey: Hex,
  filter: AuditFilter = {},
): Promise<PatientProofs> {
  const proofs: PatientProof[] = [];
  const notHeld: PatientProofs["notHeld"][number][] = [];
  const entries = await stores.patients.byRoot(id);
  for (const [cohort, { enrolments }] of state.cohorts.entries()) {
    if (filter.clause !== undefined || (filter.cohort ?? cohort) !== cohort) continue;
    for (const { number, root } of enrolments) {
      const found = proveInEnrolment(entries.get(root) ?? [], { cohort, number, root }, patientKey);
      if (found !== null && (filter.number ?? number) === number)
        proofs.push({ kind: "enrolment", cohort, number, ...found });
    }
  }
  for (const { kind, standing, report } of landedReports(agreement, state, filter)) {
    const { clause, cohort, number, asOfDay, root } = report;
    const leaves = await stores.reports.leavesOf(id, root);
    const found = proveInReport(leaves, root, patientKey);
    if (leaves.length === 0) notHeld.push({ clause, cohort, number });
    if (found !== null) proofs.push({ kind, clause, cohort, number, asOfDay, standing, ...found });
  }
  return { proofs, notHeld };
}
