/** The worked example of `docs/protocol.md`: five patients of one report. Small, and with every case of a leaf. */

import type { Payoff } from "../../../terms/model.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { enrolmentLeaves, enrolmentMessage, type EnrolmentEntry } from "../../../oracle/report/enrolment.ts";
import { patientKey, type Identifier } from "../../../oracle/report/keys.ts";
import { encodeEnrolmentLeaf, encodeReportLeaf } from "../../../oracle/report/leaf.ts";
import { toHex } from "../../../oracle/report/bytes.ts";
import { keccak256 } from "../../../oracle/report/keccak.ts";
import { digestOf, structHashOf, type AgreementId, type OracleMessage } from "../../../oracle/report/messages.ts";
import { tally, type Outcome } from "../../../oracle/report/tally.ts";

export const SECRET = new Uint8Array(32).fill(0x11);

export const AGREEMENT: AgreementId = { chainId: 31337n, address: "0x00000000000000000000000000000000000a9ee3" };

/** Flat below 100, rising from 100, flat from 183 on. */
export const PAYOFF: Payoff = {
  tiers: [
    { start: null, pays: 5_000n, slope: 0n },
    { start: 100n, pays: 4_000n, slope: -20_000_000_000n },
    { start: 183n, pays: 0n, slope: 0n },
  ],
  notEvaluable: 5_000n,
};

const salt = (i: number): Hex => `0x${(0xa0 + i).toString(16).repeat(32)}`;

export const PATIENTS: readonly (Identifier & { indexDay: number; salt: Hex; outcome: Outcome })[] = [
  { system: "urn:example", value: "P1", indexDay: 20_459, salt: salt(1), outcome: { value: 183n } },
  { system: "urn:example", value: "P2", indexDay: 20_460, salt: salt(2), outcome: { value: 40n } },
  { system: "urn:example", value: "P3", indexDay: 20_460, salt: salt(3), outcome: { value: 120n } },
  { system: "urn:example", value: "P4", indexDay: 20_470, salt: salt(4), outcome: { value: 150n } },
  { system: "urn:example", value: "P5", indexDay: 20_480, salt: salt(5), outcome: { notEvaluable: "no assessment" } },
];

/** Everything the example gives, computed. */
export function workedExample() {
  const entries: EnrolmentEntry[] = PATIENTS.map((patient) => ({
    patientKey: patientKey(SECRET, patient),
    indexDay: patient.indexDay,
    salt: patient.salt,
  }));
  const enrolment: OracleMessage = {
    kind: "enrolment",
    message: enrolmentMessage(entries, { cohort: 0, number: 1 }, 20_480, 20_490),
  };
  const report = tally(
    PAYOFF,
    PATIENTS.map((patient) => ({
      patientKey: patientKey(SECRET, patient),
      batch: 1,
      salt: patient.salt,
      outcome: patient.outcome,
    })),
    { kind: "report", clause: 1, cohort: 0, number: 1 },
  );
  const { tallies, notEvaluable, root } = report;
  const place = { clause: 1, cohort: 0, number: 1, asOfDay: 20_700, lastDay: 20_701 };
  const milestone: OracleMessage = { kind: "milestone", message: { ...place, tallies, notEvaluable, root } };
  const wager: OracleMessage = {
    kind: "wager",
    message: { ...place, clause: 2, evaluable: true, value: -1n, root },
  };
  const digests = (content: OracleMessage) => ({
    ...content.message,
    structHash: structHashOf(content),
    digest: digestOf(AGREEMENT, content),
  });
  return {
    patients: PATIENTS.map(({ system, value, salt }) => ({
      system,
      value,
      salt,
      patientKey: patientKey(SECRET, { system, value }),
    })),
    enrolmentLeaves: enrolmentLeaves(entries, 0, 1).map((leaf) => ({
      ...leaf,
      hash: toHex(keccak256(encodeEnrolmentLeaf(leaf))),
    })),
    reportLeaves: report.leaves.map((leaf) => ({ ...leaf, hash: toHex(keccak256(encodeReportLeaf(leaf))) })),
    enrolment: digests(enrolment),
    milestoneReport: digests(milestone),
    wagerReport: digests(wager),
  };
}
