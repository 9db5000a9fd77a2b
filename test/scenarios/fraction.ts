/** Exact fractions, for working out by hand what integers with a scale must come to. */

export interface Fraction {
  readonly top: bigint;
  /** Positive. */
  readonly bottom: bigint;
}

export const whole = (top: bigint): Fraction => ({ top, bottom: 1n });

export const plus = (a: Fraction, b: Fraction): Fraction => ({
  top: a.top * b.bottom + b.top * a.bottom,
  bottom: a.bottom * b.bottom,
});

export const times = (a: Fraction, b: Fraction): Fraction => ({ top: a.top * b.top, bottom: a.bottom * b.bottom });

export const minus = (a: Fraction): Fraction => ({ ...a, top: -a.top });

/** The greatest whole number that is not above `a`. */
export function floor({ top, bottom }: Fraction): bigint {
  const quotient = top / bottom;
  return top < 0n && quotient * bottom !== top ? quotient - 1n : quotient;
}

/** The least whole number that is not below `a`. */
export const ceiling = (a: Fraction): bigint => -floor(minus(a));

export const towardZero = (a: Fraction): bigint => (a.top < 0n ? ceiling(a) : floor(a));
