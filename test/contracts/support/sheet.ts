/** Term sheets for tests: a guarantee of two parties, with the parts that a test is about written anew. */

const GUARANTEE = {
  outcomes: "1",
  title: "Guarantee",
  currency: "{ code: EUR, decimals: 2 }",
  parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker }] }",
  oracle: "{ reportWithin: 30d }",
  cohorts: `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 100 }`,
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }`,
} as const;

type Part = keyof typeof GUARANTEE | "metrics" | "legal" | "validUntil" | "nonce";

/** The guarantee: 1,000 a patient at enrolment; 600 back when dead after 90 days, 300 when nobody knows. */
export function sheet(parts: Readonly<Partial<Record<Part, string>>> = {}): string {
  return Object.entries({ ...GUARANTEE, ...parts })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
}

/** Automatic payout on both sides. */
export const AUTOMATIC =
  "{ payer: [{ name: Fund, payout: automatic }], manufacturer: [{ name: Maker, payout: automatic }] }";

/** A week to challenge against a bond of 100, ten days to rule. */
export const WITH_WINDOW =
  "{ reportWithin: 30d, challengeWindow: 7d, challengeBond: 100, arbiter: Board, ruleWithin: 10d }";
