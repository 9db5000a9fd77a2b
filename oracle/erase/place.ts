/** Where an erased patient was enrolled, and what stands in her place from then on. */

import { toHex, type Hex } from "../report/bytes.ts";
import { isErased, type HeldEntry } from "../report/enrolment.ts";
import type { View } from "../view.ts";

/** The same on every operator's node, since all must compute the same reports. Nothing of it follows from who she was. */
export interface ErasurePlace {
  readonly cohort: number;
  /** Number of the enrolment. */
  readonly number: number;
  readonly root: Hex;
  /** Of her leaf in the enrolment's tree. */
  readonly position: number;
  /**
   * A random key that later reports name her place by. It lies between the keys of her neighbours in the enrolment's
   * tree, so that an order by key stays as it was, and nobody can show by two neighbouring leaves that it was never
   * enrolled: one of the two is hers.
   */
  readonly patientKey: Hex;
  /** A random salt by which later reports blind her leaf. */
  readonly salt: Hex;
}

/** Bytes of a key. */
const KEY = 32;
/** More than a key has, so that the remainder of a division by a range of keys is even. */
const DRAWN = 48;

/**
 * The place of a patient among the enrolments that landed; null when she is in none.
 * @param draw Random bytes.
 * @throws RangeError when there is no room for a key between those of her neighbours, which no hash ever leaves.
 */
export function placeOfPatient(
  { state, entries }: Pick<View, "state" | "entries">,
  patientKey: Hex,
  draw: (bytes: number) => Uint8Array,
): ErasurePlace | null {
  for (const [cohort, { enrolments }] of state.cohorts.entries()) {
    for (const { number, root } of enrolments) {
      const held = entries.get(root) ?? [];
      const position = held.findIndex((entry) => entry.patientKey === patientKey && !isErased(entry));
      if (position === -1) continue;
      const key = keyBetween(held[position - 1]?.patientKey, held[position + 1]?.patientKey, draw(DRAWN));
      return { cohort, number, root, position, patientKey: key, salt: toHex(draw(KEY)) };
    }
  }
  return null;
}

/** Whether a key may stand at a position: between the keys of its neighbours as they are held. */
export function fitsBetween(entries: readonly HeldEntry[], position: number, key: Hex): boolean {
  // Neighbours who were erased too may have been given their keys in another order elsewhere.
  const below = entries.slice(0, position).findLast((entry) => !isErased(entry));
  const above = entries.slice(position + 1).find((entry) => !isErased(entry));
  return (below === undefined || below.patientKey < key) && (above === undefined || key < above.patientKey);
}

function keyBetween(below: Hex | undefined, above: Hex | undefined, random: Uint8Array): Hex {
  const low = below === undefined ? 0n : BigInt(below) + 1n;
  const high = above === undefined ? 1n << 256n : BigInt(above);
  if (low >= high) throw new RangeError(`there is no key between ${below ?? "the first"} and ${above ?? "the last"}`);
  const key = low + (BigInt(toHex(random)) % (high - low));
  return `0x${key.toString(16).padStart(2 * KEY, "0")}`;
}
