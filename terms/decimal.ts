/** Exact decimals from their source text. No number of a term sheet passes through a float. */

/** digits × 10^−scale. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Longer numbers than any amount of the ledger are refused before they cost time. */
const LONGEST = 60;

/**
 * Reads `12`, `-0.5` or `620.50`. Null for every other form: exponents, hexadecimal, a leading zero (octal to some readers), a leading `+`,
 * separators and a bare point are read differently by different programs, so an agreement may not rest on them.
 */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > LONGEST) return null;
  const match = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  const size = BigInt(whole + fraction);
  return { digits: sign === "" ? size : -size, scale: fraction.length };
}

/** value × 10^decimals as an integer, or null when that is not whole. `decimals` may be negative. */
export function scaleExactly({ digits, scale }: Decimal, decimals: number): bigint | null {
  const shift = decimals - scale;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : null;
}

/** Digits after the point that carry something: 2 for `0.50` is written, 1 is what counts. */
export function significantScale({ digits, scale }: Decimal): number {
  let left = digits;
  let size = scale;
  while (size > 0 && left % 10n === 0n) {
    left /= 10n;
    size--;
  }
  return size;
}

/** Writes digits × 10^−scale plainly, without zeros at the end of the fraction but for the first `atLeast` places. */
export function formatDecimal({ digits, scale }: Decimal, atLeast = 0): string {
  const size = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = size.slice(0, size.length - scale);
  let fraction = size.slice(size.length - scale);
  while (fraction.length > atLeast && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return `${digits < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
