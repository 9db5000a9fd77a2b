/**
 * What the clauses of an agreement read of a patient's record. Intake keeps this and nothing else, so that memory grows
 * with what matters, not with what a hospital records.
 */

import type { Eligibility } from "../terms/model.ts";

export interface Needs {
  /** Of the agreement's cohorts: their codes are looked for, and the first dose of a named medication is the index day. */
  readonly eligibility: readonly Eligibility[];
  /** Codes (`system|code`) of the Observations whose values are kept as measurements. */
  readonly measurements: ReadonlySet<string>;
  readonly healthStates: boolean;
  /** Whether adverse events are kept. */
  readonly adverseEvents: boolean;
  /** Codes of the diagnoses, procedures and stays that are kept as events. */
  readonly events: ReadonlySet<string>;
  readonly costs: boolean;
  readonly administrations: boolean;
}

export const NO_NEEDS: Needs = {
  eligibility: [],
  measurements: new Set(),
  healthStates: false,
  adverseEvents: false,
  events: new Set(),
  costs: false,
  administrations: false,
};

/** What all of them need. */
export function joinNeeds(needs: readonly Partial<Needs>[]): Needs {
  const codes = (key: "measurements" | "events"): ReadonlySet<string> =>
    new Set(needs.flatMap((one) => [...(one[key] ?? [])]));
  const any = (key: "healthStates" | "adverseEvents" | "costs" | "administrations"): boolean =>
    needs.some((one) => one[key] === true);
  return {
    eligibility: needs.flatMap(({ eligibility }) => eligibility ?? []),
    measurements: codes("measurements"),
    healthStates: any("healthStates"),
    adverseEvents: any("adverseEvents"),
    events: codes("events"),
    costs: any("costs"),
    administrations: any("administrations"),
  };
}
