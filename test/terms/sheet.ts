/** A correct term sheet for tests to vary, one line a statement so that an error's line is easy to see. */

import { readTerms, type ReadTerms } from "../../terms/read.ts";

export const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer:
    - { name: Basic, share: 40% }
    - { name: Commercial, share: 60% }
  manufacturer: [{ name: Maker }]
  provider: [{ name: Hospital }]
oracle: { reportWithin: 60d, grace: 30d }
cohorts:
  2027: { population: Second year, price: 1000, opens: 2027-01-01, closes: 2028-01-01, maxPatients: 50 }
  2026: { population: First year, price: 150000.50, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 120 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 50% }
  bonus: { type: wager, metric: survival, due: 1y, from: payer, to: manufacturer, pays: [{ pays: -100 }, { atLeast: 80%, pays: 0, perUnit: 10 }, { above: 90%, pays: 100 }], notEvaluable: 0 }
`;

/** The sheet with each first occurrence replaced; a text that does not occur is a mistake of the test. */
export function sheet(...replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((source, [from, to]) => {
    if (!source.includes(from)) throw new Error(`the sheet has no ${JSON.stringify(from)}`);
    return source.replace(from, () => to);
  }, SHEET);
}

export const read = (...replacements: readonly (readonly [string, string])[]): ReadTerms =>
  readTerms(sheet(...replacements));

/** `path: message` of every problem. */
export const said = ({ problems }: Pick<ReadTerms, "problems">): string[] =>
  problems.map(({ path, message }) => `${path}: ${message}`);
