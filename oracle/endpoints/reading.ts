/** Measured values on the metric's own scale, and which of several counts. */

import type { Day } from "../../terms/model.ts";
import type { Measurement } from "../record.ts";
import { samePrice } from "./agree.ts";
import { notEvaluable, type Outcome, type Question } from "./endpoint.ts";
import { floorTo, ratio, type Rational, type Round } from "./exact.ts";

/** All that a value can be, in the metric's smallest steps; null where there is no limit on that side. */
export interface Range {
  readonly lo: bigint | null;
  readonly hi: bigint | null;
}

/** One measured value with its day. */
export interface Reading {
  readonly day: Day;
  /** Milliseconds at which it was released; null when not stated. */
  readonly issued: number | null;
  readonly range: Range;
  readonly ids: readonly string[];
}

export type Take = "first" | "last" | "min" | "max" | "mean";
export type SameDay = "lowest" | "highest" | "mean" | "latest";

/**
 * What a measured value can be, each value rounded to the metric's decimals. `< x` is every step under x and `> x` every step
 * over it: the true value lies beyond x, whichever way x itself would be rounded.
 */
export function rangeOf(value: Rational, comparator: Measurement["comparator"], decimals: number, round: Round): Range {
  const rounded = round(value, decimals);
  const floor = floorTo(value, decimals);
  const isWhole = floor * value.d === value.n * 10n ** BigInt(decimals);
  switch (comparator) {
    case null:
      return { lo: rounded, hi: rounded };
    case "<":
      return { lo: null, hi: isWhole ? floor - 1n : floor };
    case "<=":
      return { lo: null, hi: rounded };
    case ">":
      return { lo: floor + 1n, hi: null };
    case ">=":
      return { lo: rounded, hi: null };
  }
}

/** The reading that counts, or what is worked out from all of them; null without any. The mean is rounded by `round`. */
export function take(readings: readonly Reading[], how: Take, sameDay: SameDay, round: Round): Reading | null {
  if (readings.length === 0) return null;
  if (how === "first" || how === "last") {
    const days = readings.map(({ day }) => day);
    const day = how === "first" ? Math.min(...days) : Math.max(...days);
    return ofOneDay(
      readings.filter((reading) => reading.day === day),
      sameDay,
      round,
    );
  }
  return how === "mean" ? meanOf(readings, round) : extreme(readings, how);
}

/** Several readings of one day: one of them, or their mean. With `latest`, the one released last, else their mean. */
export function ofOneDay(readings: readonly Reading[], sameDay: SameDay, round: Round): Reading | null {
  if (sameDay === "lowest" || sameDay === "highest") return extreme(readings, sameDay === "lowest" ? "min" : "max");
  return meanOf(sameDay === "mean" ? readings : lastIssued(readings), round);
}

/** Those released last, when all say when; else all. */
export function lastIssued<T extends { readonly issued: number | null }>(all: readonly T[]): readonly T[] {
  const times = all.map(({ issued }) => issued);
  if (times.includes(null)) return all;
  const last = Math.max(...times.map((time) => time ?? 0));
  return all.filter(({ issued }) => issued === last);
}

const idsOf = (readings: readonly Reading[]): string[] => readings.flatMap(({ ids }) => ids).sort();

/** The lowest or highest that any can be, on both ends of what they can be. */
function extreme(readings: readonly Reading[], how: "min" | "max"): Reading | null {
  const limit = (end: "lo" | "hi"): bigint | null => {
    const values = readings.map(({ range }) => range[end]);
    // Without a limit on the side that is looked for, there is none; on the other side, any limit there is holds.
    const unlimited = (how === "min") === (end === "lo");
    const known = values.filter((value) => value !== null);
    if (known.length === 0 || (unlimited && known.length < values.length)) return null;
    return known.reduce((a, b) => (how === "min" ? (a < b ? a : b) : a > b ? a : b));
  };
  const range = { lo: limit("lo"), hi: limit("hi") };
  const same = readings.filter(({ range: { lo, hi } }) => lo === range.lo && hi === range.hi);
  const decided = same.length > 0 ? same : readings;
  const day = Math.min(...decided.map((reading) => reading.day));
  return { day, issued: null, range, ids: idsOf(decided) };
}

function meanOf(readings: readonly Reading[], round: Round): Reading | null {
  const mean = (end: "lo" | "hi"): bigint | null => {
    const values = readings.map(({ range }) => range[end]).filter((value) => value !== null);
    if (values.length < readings.length) return null;
    const total = values.reduce((a, b) => a + b, 0n);
    return round(ratio(total, BigInt(values.length)), 0);
  };
  const day = Math.max(...readings.map((reading) => reading.day));
  return { day, issued: null, range: { lo: mean("lo"), hi: mean("hi") }, ids: idsOf(readings) };
}

/** A reading as a clause's value: told when it has one price, and then it is the least that has a bound. */
export function told({ day, range: { lo, hi }, ids }: Reading, question: Question): Outcome {
  const value = lo ?? hi;
  if (value === null || !samePrice(question, lo, hi)) return notEvaluable("inexact-result", ids);
  return { value, day, event: null, evidence: ids };
}
