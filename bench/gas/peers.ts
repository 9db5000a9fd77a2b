/** Every peer, and what a reader must know of them. */

import type { Rows } from "../bench.ts";
import type { Peer } from "./peer.ts";
import { assertionCohort, assertionEach } from "./peers/assertions.ts";
import { attestationCohort, attestationEach, timestampCohort } from "./peers/attestations.ts";
import { conditionCohort, conditionEach } from "./peers/conditionalTokens.ts";
import { patientByPatient } from "./peers/patientByPatient.ts";
import { floorPayment, plainPayment, safePayment } from "./peers/payments.ts";
import { sablierCohort, sablierEach } from "./peers/sablier.ts";
import { versionOf } from "./published.ts";

/** What settles each patient by itself, the cheapest first. */
export const PATIENT_PEERS: readonly Peer[] = [
  patientByPatient,
  attestationEach,
  sablierEach,
  assertionEach,
  conditionEach,
];

/** What settles all patients of a report at once, the cheapest first. */
export const COHORT_PEERS: readonly Peer[] = [
  plainPayment,
  floorPayment,
  timestampCohort,
  safePayment,
  attestationCohort,
  assertionCohort,
  sablierCohort,
  conditionCohort,
];

/** What each figure includes and what it leaves out. */
export function words(peers: readonly Peer[]): Rows {
  return [
    ["system", "bytecode", "the figure includes", "what it leaves out that ours includes"],
    ...peers.map(({ name, from, includes, lacks }) => [
      name,
      from === null ? "`bench/contracts`" : `\`${from}\` ${versionOf(from)}`,
      includes,
      lacks,
    ]),
  ];
}
