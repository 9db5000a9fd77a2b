/** What a pass tells of what it did, for the log. */

import { ChainError } from "../chain/errors.ts";
import type { Refusal } from "../endorse/collect.ts";
import { differentPatients, type PatientDifference, type PlacedPatient } from "../endorse/difference.ts";
import { ServerError } from "../intake/server/errors.ts";
import { SignerError } from "../signing/web3signer.ts";
import { MissingEntries } from "../view.ts";

/** What a pass did with one thing. Patients appear by pseudonym, and only where operators differ. */
export interface PassEvent {
  readonly step: "resume" | "catch up" | "read" | "enrol" | "report" | "settle" | "lapse" | "cover";
  readonly clause: number | null;
  readonly cohort: number | null;
  readonly number: number | null;
  /**
   * - `superseded`: somebody else was faster; nothing is left to do.
   * - `waiting`: the next pass tries again.
   * - `warning`: nothing failed, but somebody should look.
   */
  readonly result: "done" | "superseded" | "waiting" | "warning" | "failed";
  readonly detail: string;
  readonly differences: readonly { readonly operator: string; readonly patients: readonly PatientDifference[] }[];
  /** Of a party whose money does not cover the next enrolments; amounts in minor units, as decimal strings. */
  readonly shortfall?: Shortfall;
}

export interface Shortfall {
  /** `payer/Basic insurance`. */
  readonly party: string;
  /** Patients whose enrolment was reckoned with. */
  readonly patients: number;
  readonly free: string;
  readonly needed: string;
  readonly short: string;
}

export type EventPlace = Pick<PassEvent, "clause" | "cohort" | "number">;

/** The event without its place. */
export type Found = Pick<PassEvent, "result" | "detail"> & Partial<Pick<PassEvent, "differences">>;

export function eventAt(step: PassEvent["step"], { clause, cohort, number }: EventPlace, found: Found): PassEvent {
  return { step, clause, cohort, number, differences: [], ...found };
}

/** What an error means for the next pass. */
export function failure(error: unknown): Found {
  const passes =
    (error instanceof ChainError && error.retry !== "final") ||
    ((error instanceof ServerError || error instanceof SignerError) && error.retryable) ||
    error instanceof MissingEntries;
  return { result: passes ? "waiting" : "failed", detail: error instanceof Error ? error.message : String(error) };
}

/** A refusal without patients: for the log. */
export function refusalText({ reply }: Refusal): string {
  switch (reply.status) {
    case "different": {
      const tiers = reply.difference.tiers.map(({ tier }) => `tier ${tier}`);
      return `differs in ${[...reply.difference.fields.map(({ field }) => field), ...tiers].join(", ")}`;
    }
    case "taken":
      return `another content holds the place until day ${reply.by.content.message.lastDay}`;
    default:
      return `${reply.status}: ${reply.reason}`;
  }
}

/** The patients whom others see differently, by operator. */
export function differencesIn(
  refusals: readonly Refusal[],
  patients: readonly PlacedPatient[],
): PassEvent["differences"] {
  return refusals.flatMap(({ peer, reply }) => {
    if (reply.status !== "different" || patients.length === 0) return [];
    return [{ operator: peer.address, patients: differentPatients(patients, reply.difference.patients) }];
  });
}
