/**
 * Quality-adjusted life years: the area under the index of quality of life, by trapezoids (Manca 2005; clinical rules,
 * section 3.5). Exact, but for a discount. The index may be negative and is not cut off.
 */

import { discountedArea, type Piece } from "./discount.ts";
import { add, compare, divide, multiply, ratio, subtract, sum, ZERO, type Rational } from "./exact.ts";

/** An index at a time after the start, in years. */
export interface Point {
  readonly t: Rational;
  readonly u: Rational;
}

export interface Course {
  /** By time, the first at 0, each time once. */
  readonly points: readonly Point[];
  readonly horizon: Rational;
  /** Time of death; null when alive at the horizon. */
  readonly death: Rational | null;
  /** The index between the last point and a death: falls in a straight line to 0, or stays until then. From the death on it is 0. */
  readonly deathPath: "linear" | "last";
  /** A last point at most this long before the horizon stands for it. */
  readonly carry: Rational;
  /** A year, from 0 to 1. */
  readonly discount: Rational;
}

/** QALYs from the start to the horizon; null when the course does not reach it, or has no start. */
export function qalys(course: Course): Rational | null {
  const pieces =
    course.death !== null && compare(course.death, course.horizon) <= 0
      ? untilDeath(course, course.death)
      : untilHorizon(course);
  return pieces === null ? null : area(pieces, course.discount);
}

/** The area of straight pieces; with a discount, of what each moment is worth at the start. */
export function area(pieces: readonly Piece[], discount: Rational): Rational {
  const wide = pieces.filter(({ a, b }) => compare(a, b) < 0);
  if (discount.n !== 0n) return discountedArea(wide, discount);
  return sum(wide.map(({ a, b, ua, ub }) => divide(multiply(add(ua, ub), subtract(b, a)), ratio(2n))));
}

function between(points: readonly Point[]): Piece[] {
  return points.slice(1).map(({ t, u }, k) => {
    const before = points[k] ?? { t, u };
    return { a: before.t, b: t, ua: before.u, ub: u };
  });
}

function untilDeath({ points, deathPath }: Course, death: Rational): Piece[] | null {
  if (points[0]?.t.n !== 0n) return null;
  const alive = points.filter(({ t }) => compare(t, death) < 0);
  const last = alive.at(-1);
  if (last === undefined) return [];
  return [...between(alive), { a: last.t, b: death, ua: last.u, ub: deathPath === "linear" ? ZERO : last.u }];
}

function untilHorizon({ points, horizon, carry }: Course): Piece[] | null {
  if (points[0]?.t.n !== 0n) return null;
  const inside = points.filter(({ t }) => compare(t, horizon) <= 0);
  const last = inside.at(-1);
  const next = points.find(({ t }) => compare(t, horizon) > 0);
  if (last === undefined) return null;
  if (next !== undefined) {
    const slope = divide(subtract(next.u, last.u), subtract(next.t, last.t));
    const u = add(last.u, multiply(slope, subtract(horizon, last.t)));
    return between([...inside, { t: horizon, u }]);
  }
  if (compare(add(last.t, carry), horizon) < 0) return null;
  return between([...inside, { t: horizon, u: last.u }]);
}
