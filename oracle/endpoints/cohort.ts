/** What every endpoint of a cohort is: a pure function from the enrolled patients' records to one value. */

import type { Agreement, Clause, Cohort, Day, Tier } from "../../terms/model.ts";
import type { Needs } from "../needs.ts";
import type { PatientRecord, Statement } from "../record.ts";
import type { Outcome } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";

export interface CohortQuestion {
  readonly agreement: Agreement;
  readonly clause: Clause;
  readonly cohort: Cohort;
  readonly asOf: Day;
  readonly options: ResolvedOptions;
  readonly tiers: readonly Tier[];
  /** Enrolled patients whom the records hold no more. */
  readonly missing: number;
  /** Figures that no patient's record carries. */
  readonly statements: readonly Statement[];
}

/** A cohort's value or the reason why there is none, and each patient's part in it. */
export interface CohortFinding {
  readonly outcome: { readonly value: bigint } | { readonly notEvaluable: string };
  /** Ids of what the value rests on, apart from the patients' own. */
  readonly evidence: readonly string[];
  /** In the order of the records. */
  readonly parts: readonly Outcome[];
}

export interface CohortEndpoint {
  readonly id: string;
  readonly description: string;
  readonly needs?: (options: ResolvedOptions) => Partial<Needs>;
  /** What the options lack or what is wrong with them, so that nothing can be computed; null when nothing. */
  readonly problem?: (options: ResolvedOptions) => string | null;
  /** @param records Enrolled patients, each counted from the index day that she was enrolled with. */
  readonly value: (records: readonly PatientRecord[], question: CohortQuestion) => CohortFinding;
}
