/**
 * The endpoints by version of the clinical rules. An agreement keeps the version it was signed with; a rule that is corrected is
 * a new version beside the old one.
 */

import { alive } from "./alive.ts";
import { bestResponse } from "./best-response.ts";
import { completeRemission } from "./complete-remission.ts";
import type { Endpoint } from "./endpoint.ts";
import { remissionMaintained, responseMaintained } from "./maintained.ts";
import { os } from "./os.ts";
import { pfs } from "./pfs.ts";

const VERSIONS: ReadonlyMap<string, readonly Endpoint[]> = new Map([
  ["2026.1", [pfs, os, completeRemission, remissionMaintained, responseMaintained, alive, bestResponse]],
]);

export const NEWEST_RULES = "2026.1";

/** Versions of the rules, oldest first. */
export function rulesVersions(): readonly string[] {
  return [...VERSIONS.keys()];
}

/** The endpoints of a version; empty when there is no such version. */
export function endpointsOf(version: string): readonly Endpoint[] {
  return VERSIONS.get(version) ?? [];
}

/** The endpoint that computes a metric under a version of the rules; undefined when that version has none. */
export function findEndpoint(version: string, metric: string): Endpoint | undefined {
  return endpointsOf(version).find(({ id }) => id === metric);
}
