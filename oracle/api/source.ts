/** What the API shows, as its routes ask for it: the chain at one block, and what this node holds. */

import type { Agreement } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { Check } from "../operations/readiness.ts";
import type { RejectedResource } from "../outcomes.ts";
import type { AgreementId } from "../report/messages.ts";
import type { StoredPatients } from "../store/patients.ts";
import type { StoredReports } from "../store/reports.ts";
import type { People } from "./access.ts";

/** The agreement and who is who in it, at about the same block. */
export interface Scene {
  readonly state: AgreementState;
  readonly people: People;
}

/** The last reading of the records. */
export interface LastReading {
  readonly asOfDay: number;
  readonly snapshot: string;
  readonly patients: number;
  readonly rejected: readonly RejectedResource[];
}

export interface ApiSource {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  /** This operator's address. */
  readonly operator: string;
  /** Version of the program. */
  readonly code: string;
  /** A few seconds old at most. @throws ChainError */
  scene(): Promise<Scene>;
  readonly reports: Pick<StoredReports, "of">;
  readonly patients: Pick<StoredPatients, "of">;
  checks(): Promise<readonly Check[]>;
  /** Null before the first. */
  lastReading(): LastReading | null;
}

/** Loads at most once in so many milliseconds, and once for all who ask meanwhile. A failure is not kept. */
export function remembered<T>(load: () => Promise<T>, life: number, now: () => number): () => Promise<T> {
  let held: { readonly value: Promise<T>; readonly until: number } | null = null;
  return () => {
    if (held !== null && now() < held.until) return held.value;
    const value = load();
    const mine = { value, until: now() + life };
    held = mine;
    value.catch(() => {
      if (held === mine) held = null;
    });
    return value;
  };
}
