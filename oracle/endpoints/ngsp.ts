/**
 * Reading HbA1c as NGSP percent (DCCT-aligned). The unit decides the scheme and the code must agree with it; schemes are
 * converted by the published equations, never by the algebra of units, which would make 80 mmol/mol 8 % instead of 9.5 %.
 *
 * Sources: LOINC (codes, and that labs report 59261-8 in mmol/mol whatever its example unit); IFCC-NGSP master equations
 * (information.ifcchba1c.org): JDS % = 0.0927 × IFCC + 1.73. NGSP's five-digit form, NGSP % = 0.09148 × IFCC + 2.152, and the
 * plausible ranges are not verified against a stored source. Mono-S has no code in the clinical rules, so nothing is read as it.
 */

import { parseDecimal } from "../../terms/decimal.ts";
import type { Measurement } from "../record.ts";
import { sameCode } from "./codes.ts";
import { add, compare, divide, fromDecimal, halfUp, multiply, ratio, subtract, type Rational } from "./exact.ts";
import { rangeOf, type Range } from "./reading.ts";

/** Decimals of the metric: hundredths of a percent. */
export const NGSP_DECIMALS = 2;

const LOINC = "http://loinc.org|";

/** The scheme that a code names; `open`: whichever its unit says. */
const SCHEMES: ReadonlyMap<string, "ngsp" | "ifcc" | "jds" | "open"> = new Map([
  [`${LOINC}4548-4`, "ngsp"],
  [`${LOINC}96595-4`, "ngsp"],
  [`${LOINC}17856-6`, "open"],
  [`${LOINC}17855-8`, "open"],
  [`${LOINC}59261-8`, "ifcc"],
  [`${LOINC}62388-4`, "jds"],
  // Glucose management indicator: an estimate from continuous glucose, taken only where a clause lists it.
  [`${LOINC}97506-0`, "ngsp"],
]);

/** What is taken for HbA1c where a clause lists no codes. */
export const HBA1C_CODES: readonly string[] = [...SCHEMES.keys()].filter((code) => !code.endsWith("|97506-0"));

const constant = (text: string): Rational => {
  const decimal = parseDecimal(text);
  if (decimal === null) throw new RangeError(`no decimal: ${text}`);
  return fromDecimal(decimal);
};

/** Limits of what can be an HbA1c, in the unit as reported. */
const PLAUSIBLE = {
  "%": [ratio(3n), ratio(20n)],
  "mmol/mol": [ratio(9n), ratio(195n)],
} as const;

/** NGSP % of IFCC mmol/mol, exact. */
export function ngspOfIfcc(ifcc: Rational): Rational {
  return add(multiply(constant("0.09148"), ifcc), constant("2.152"));
}

/** NGSP % of JDS %, by way of IFCC, exact. */
export function ngspOfJds(jds: Rational): Rational {
  return ngspOfIfcc(divide(subtract(jds, constant("1.73")), constant("0.0927")));
}

/** Why a measurement can't be read as HbA1c. */
export type HbA1cProblem = "no HbA1c code" | "no unit" | "unknown unit" | "unit contradicts code" | "implausible value";

/**
 * A measurement as NGSP percent, in hundredths, rounded half up; or why it can't be read.
 * @param accepted codes that count; a code that the rules do not know is read by its unit alone
 */
export function readHba1c(
  { codes, value, unit, comparator }: Pick<Measurement, "codes" | "value" | "unit" | "comparator">,
  accepted: readonly string[] = HBA1C_CODES,
): { readonly range: Range } | { readonly problem: HbA1cProblem } {
  const matched = accepted.filter((wanted) => codes.some((code) => sameCode(code, wanted)));
  if (matched.length === 0) return { problem: "no HbA1c code" };
  if (unit === null) return { problem: "no unit" };
  // An annotation such as %{HemoglobinA1c} is no part of the unit.
  const plain = unit.replace(/\{[^}]*\}/g, "").trim();
  if (plain !== "%" && plain !== "mmol/mol") return { problem: "unknown unit" };
  // Every code of the rules that the measurement carries has a say, listed by the clause or not.
  const known = [...SCHEMES].flatMap(([wanted, scheme]) =>
    scheme !== "open" && codes.some((code) => sameCode(code, wanted)) ? [scheme] : [],
  );
  const schemes = new Set(known);
  if (schemes.size > 1 || (schemes.has("ifcc") ? plain === "%" : schemes.size === 1 && plain === "mmol/mol")) {
    return { problem: "unit contradicts code" };
  }
  const reported = fromDecimal(value);
  const [least, most] = PLAUSIBLE[plain];
  if (compare(reported, least) < 0 || compare(reported, most) > 0) return { problem: "implausible value" };
  const ngsp = plain === "mmol/mol" ? ngspOfIfcc(reported) : schemes.has("jds") ? ngspOfJds(reported) : reported;
  return { range: rangeOf(ngsp, comparator, NGSP_DECIMALS, halfUp) };
}
