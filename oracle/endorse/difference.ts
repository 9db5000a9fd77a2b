/** Where two operators' computations of one message part: fields, tallies, and by pseudonym the patients. */

import type { Tally } from "../../terms/payoff.ts";
import type { Hex } from "../report/bytes.ts";
import type { EnrolmentEntry } from "../report/enrolment.ts";
import type { ReportLeaf } from "../report/leaf.ts";
import type { OracleMessage } from "../report/messages.ts";

/** A patient's place in a report: as much as another operator needs to find her in the records. */
export interface PlacedPatient {
  readonly patientKey: Hex;
  /** Position of the tier; one past the last when not evaluable. In an enrolment 0. */
  readonly tier: number;
  /** As a decimal string; in an enrolment the index day. */
  readonly value: string;
}

export interface Difference {
  readonly fields: readonly { readonly field: string; readonly proposed: string; readonly computed: string }[];
  readonly tiers: readonly {
    readonly tier: number;
    readonly proposed: TallyText | null;
    readonly computed: TallyText | null;
  }[];
  /** Every patient as the operator who was asked sees her. */
  readonly patients: readonly PlacedPatient[];
}

interface TallyText {
  readonly patients: number;
  readonly sum: string;
}

/** A patient whom two operators see differently; null where one does not see her at all. */
export interface PatientDifference {
  readonly patientKey: Hex;
  readonly proposed: Omit<PlacedPatient, "patientKey"> | null;
  readonly computed: Omit<PlacedPatient, "patientKey"> | null;
}

/** Null when the two say the same. Messages of different kinds differ in `kind`. */
export function differenceOf(
  proposed: OracleMessage,
  computed: OracleMessage,
  patients: readonly PlacedPatient[],
): Difference | null {
  if (proposed.kind !== computed.kind) {
    return { fields: [{ field: "kind", proposed: proposed.kind, computed: computed.kind }], tiers: [], patients };
  }
  const theirs = Object.entries(proposed.message);
  const ours = new Map<string, unknown>(Object.entries(computed.message));
  const fields = theirs
    .filter(([field]) => field !== "tallies")
    .map(([field, value]) => ({ field, proposed: String(value), computed: String(ours.get(field)) }))
    .filter((entry) => entry.proposed !== entry.computed);
  const tiers = differentTallies(talliesOf(proposed), talliesOf(computed));
  return fields.length + tiers.length === 0 ? null : { fields, tiers, patients };
}

/** The patients whom the two see differently, in the order of their keys. */
export function differentPatients(
  proposed: readonly PlacedPatient[],
  computed: readonly PlacedPatient[],
): PatientDifference[] {
  const theirs = new Map(proposed.map((patient) => [patient.patientKey, patient]));
  const ours = new Map(computed.map((patient) => [patient.patientKey, patient]));
  return [...new Set([...theirs.keys(), ...ours.keys()])].sort().flatMap((patientKey) => {
    const a = theirs.get(patientKey);
    const b = ours.get(patientKey);
    if (a?.tier === b?.tier && a?.value === b?.value) return [];
    return [{ patientKey, proposed: withoutKey(a), computed: withoutKey(b) }];
  });
}

/** The patients of a report's leaves. */
export function placedPatients(leaves: readonly ReportLeaf[]): PlacedPatient[] {
  return leaves.map(({ patientKey, tier, value }) => ({ patientKey, tier, value: value.toString() }));
}

/** Of an enrolment: her index day takes the place of a value. */
export function placedEntries(entries: readonly Pick<EnrolmentEntry, "patientKey" | "indexDay">[]): PlacedPatient[] {
  return entries.map(({ patientKey, indexDay }) => ({ patientKey, tier: 0, value: String(indexDay) }));
}

function withoutKey(patient: PlacedPatient | undefined): Omit<PlacedPatient, "patientKey"> | null {
  return patient === undefined ? null : { tier: patient.tier, value: patient.value };
}

function talliesOf({ kind, message }: OracleMessage): readonly Tally[] {
  return kind === "milestone" ? message.tallies : [];
}

function differentTallies(proposed: readonly Tally[], computed: readonly Tally[]): Difference["tiers"] {
  const text = (tally: Tally | undefined): TallyText | null =>
    tally === undefined ? null : { patients: tally.patients, sum: tally.sum.toString() };
  return Array.from({ length: Math.max(proposed.length, computed.length) }, (_, tier) => ({
    tier,
    proposed: text(proposed[tier]),
    computed: text(computed[tier]),
  })).filter(({ proposed: a, computed: b }) => a?.patients !== b?.patients || a?.sum !== b?.sum);
}
