/** Fractions to integers. */

/** The nearest integer to numerator ÷ denominator, of two equally near the even one. @throws RangeError when the denominator is not positive */
export function roundedRatio(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError(`denominator: found ${denominator}, expected a positive number`);
  let whole = numerator / denominator;
  let rest = numerator % denominator;
  if (rest < 0n) {
    whole -= 1n;
    rest += denominator;
  }
  const twice = 2n * rest;
  return twice > denominator || (twice === denominator && whole % 2n !== 0n) ? whole + 1n : whole;
}
