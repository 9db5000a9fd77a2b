/**
 * The endpoints by version of the clinical rules. An agreement keeps the version it was signed with; a rule that is corrected is
 * a new version beside the old one.
 */

import { alive } from "./alive.ts";
import { bestResponse } from "./best-response.ts";
import { completeRemission } from "./complete-remission.ts";
import { costIn, type Currency } from "./cost.ts";
import type { Endpoint } from "./endpoint.ts";
import { complication, majorIllness } from "./events.ts";
import { duration, units } from "./given.ts";
import { hba1c } from "./hba1c.ts";
import { remissionMaintained, responseMaintained } from "./maintained.ts";
import { os } from "./os.ts";
import { pfs } from "./pfs.ts";
import { qalyGain } from "./qaly-gain.ts";

const VERSIONS: ReadonlyMap<string, (currency: Currency) => readonly Endpoint[]> = new Map([
  [
    "2026.1",
    (currency) => [
      pfs,
      os,
      completeRemission,
      remissionMaintained,
      responseMaintained,
      alive,
      bestResponse,
      hba1c,
      qalyGain,
      complication,
      majorIllness,
      costIn(currency),
      units,
      duration,
    ],
  ],
]);

export const NEWEST_RULES = "2026.1";

/** Whichever currency the records are in, in hundredths. */
const ANY_CURRENCY: Currency = { code: null, decimals: 2 };

/** Versions of the rules, oldest first. */
export function rulesVersions(): readonly string[] {
  return [...VERSIONS.keys()];
}

/** The endpoints of a version; empty when there is no such version. */
export function endpointsOf(version: string, currency: Currency = ANY_CURRENCY): readonly Endpoint[] {
  return VERSIONS.get(version)?.(currency) ?? [];
}

/** The endpoint that computes a metric under a version of the rules; undefined when that version has none. */
export function findEndpoint(version: string, metric: string, currency?: Currency): Endpoint | undefined {
  return endpointsOf(version, currency).find(({ id }) => id === metric);
}
