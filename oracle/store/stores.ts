/** All that an operator keeps, opened at once. */

import { openDatabase, type Database } from "./database.ts";
import { storedEndorsements, type StoredEndorsements } from "./endorsements.ts";
import type { Outbox } from "../chain/outbox.ts";
import { storedOutbox } from "./outbox.ts";
import { storedErasures, type StoredErasures } from "./erasures.ts";
import { storedPatients, type StoredPatients } from "./patients.ts";
import { storedReports, type StoredReports } from "./reports.ts";

export interface Stores {
  readonly endorsements: StoredEndorsements;
  readonly patients: StoredPatients;
  readonly reports: StoredReports;
  readonly outbox: Outbox;
  readonly erasures: StoredErasures;
}

export type OpenStores = Stores & { readonly database: Database };

/**
 * @param location A file, `:memory:`, or a `postgres://` URL.
 * @param code Version of the program, kept with each report that it computes.
 * @throws StoreVersionError
 */
export async function openStores(location: string, code: string): Promise<OpenStores> {
  const database = await openDatabase(location);
  return { database, ...storesOf(database, code) };
}

export function storesOf({ db }: Database, code: string): Stores {
  return {
    endorsements: storedEndorsements(db),
    patients: storedPatients(db),
    reports: storedReports(db, code),
    outbox: storedOutbox(db),
    erasures: storedErasures(db),
  };
}
