/**
 * Numbers of records as exact decimals from their source text. JSON.parse makes floats; a float whose text had at most 15
 * significant digits writes itself back as that text (IEEE 754 double precision), and longer ones are read from the text again.
 */

import { parseDecimal, type Decimal } from "../../terms/decimal.ts";

/** A JSON number as it was written. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Thrown when a number must be read from the source text to be exact. */
export class InexactNumber extends Error {
  override readonly name = "InexactNumber";
}

/** The text that was parsed as JSON, for the few numbers that a float can't hold. One object serves many texts. */
export class JsonText {
  #text = "";
  #long: boolean | null = null;
  #exact: unknown = undefined;

  set(text: string): void {
    this.#text = text;
    this.#long = null;
    this.#exact = undefined;
  }

  /** Whether some number may have more digits than a float keeps. */
  hasLongNumbers(): boolean {
    this.#long ??= /[\d.]{16,}/.test(this.#text);
    return this.#long;
  }

  /** The document with every number as it was written; null when it is nested too deep for that. */
  exact(): unknown {
    if (this.#exact === undefined) {
      try {
        this.#exact = JSON.parse(this.#text, (_key, value: unknown, context?: { readonly source?: string }) =>
          typeof value === "number" && context?.source !== undefined ? new NumberText(context.source) : value,
        );
      } catch (error) {
        // The text has been parsed before, so only the stack can be at fault.
        if (!(error instanceof RangeError)) throw error;
        this.#exact = null;
      }
    }
    return this.#exact;
  }
}

/**
 * A JSON number, exactly; null when it is none, or has an exponent beyond all use.
 * @throws InexactNumber when it must be read from the text
 */
export function jsonDecimal(value: unknown, source: JsonText): Decimal | null {
  if (value instanceof NumberText) return withExponent(value.text);
  if (typeof value !== "number") return null;
  const plain = String(value);
  const found = source.hasLongNumbers() ? null : parseDecimal(plain);
  if (found === null) throw new InexactNumber(plain);
  return found;
}

function withExponent(written: string): Decimal | null {
  const match = /^(-?\d+(?:\.\d+)?)(?:[eE]([+-]?\d{1,3}))?$/.exec(written);
  const mantissa = match?.[1] === undefined ? null : parseDecimal(match[1]);
  const shift = Number(match?.[2] ?? 0);
  if (mantissa === null || Math.abs(shift) > 60) return null;
  const scale = mantissa.scale - shift;
  return scale >= 0
    ? { digits: mantissa.digits, scale }
    : { digits: mantissa.digits * 10n ** BigInt(-scale), scale: 0 };
}

export type Comparator = "<" | "<=" | ">=" | ">";

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  "<": "<",
  "<=": "<=",
  "≤": "<=",
  ">=": ">=",
  "≥": ">=",
  ">": ">",
};

export function comparatorOf(written: string): Comparator | undefined {
  return Object.hasOwn(COMPARATORS, written) ? COMPARATORS[written] : undefined;
}

/**
 * A number of a CSV cell with the declared decimal sign; null for every other form. Zeros in front are no octal here, and a
 * separator of thousands is never guessed at.
 */
export function cellDecimal(cell: string, comma: boolean): Decimal | null {
  const match = /^([+-]?)0*(\d+)(?:([.,])(\d+))?$/.exec(cell.trim());
  if (match === null) return null;
  const [, sign = "", whole = "", point, fraction] = match;
  if (point !== undefined && (point === ",") !== comma) return null;
  return parseDecimal(`${sign === "-" ? "-" : ""}${whole}${fraction === undefined ? "" : `.${fraction}`}`);
}

/** A laboratory result: a number, or a bound such as `<0.5`. */
export function cellResult(
  cell: string,
  comma: boolean,
): { readonly value: Decimal; readonly comparator: Comparator | null } | null {
  const [, sign = "", rest = ""] = /^(<=|>=|[<>≤≥])?(.*)$/su.exec(cell.trim()) ?? [];
  const value = cellDecimal(rest, comma);
  return value === null ? null : { value, comparator: comparatorOf(sign) ?? null };
}
