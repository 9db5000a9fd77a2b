/**
 * Bounds of the ledger and of the factory. Terms beyond them could not be deployed or could brick an agreement, so
 * they are refused when they are read.
 */

import { durationDays } from "./calendar.ts";

const days = (text: string): number => {
  const found = durationDays(text);
  if (found === null) throw new RangeError(`not a duration: ${text}`);
  return found;
};

export const LIMITS = {
  /** Days from an index day, or from a cohort's end, to a due day: 30 years. */
  dueDays: days("30y"),
  /** Days a cohort may be open: 10 years. */
  cohortDays: days("10y"),
  /** 2068-12-31: the longest clause and its disputes end before 2106, when the contract's seconds of 32 bits do. */
  lastClose: 36_159,
  /** Days of any window: a year, a leap one included. */
  windowDays: 366,
  members: 16,
  clausesInCohort: 64,
  /** uint32. */
  patients: 4_294_967_295n,
  /** Minor units: an amount fits 96 bits with its sign. */
  money: (1n << 95n) - 1n,
  /** Minor units: what all patients of a cohort can lock. */
  locked: 1n << 111n,
  /** int96, in smallest steps of a metric. */
  start: (1n << 95n) - 1n,
  /** int128, in 10⁻⁹ minor units a smallest step. */
  slope: (1n << 127n) - 1n,
  nonce: (1n << 64n) - 1n,
  /** Characters of an id. */
  id: 64,
  /** Characters of a name, a title or another line of text. */
  line: 200,
  /** Characters of a population or a definition. */
  prose: 2_000,
} as const;
