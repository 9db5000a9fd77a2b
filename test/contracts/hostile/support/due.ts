/** What most tests of this folder start from: ten patients of the guarantee, due today. */

import { at, patients, type Stage } from "../../support/agreement.ts";
import { AUTOMATIC, sheet } from "../../support/sheet.ts";

/** The guarantee, both sides paid automatically. */
export const SHEET = sheet({ parties: AUTOMATIC });

/** What the report of each test sets free: the refund for the payer, the rest of its lock for the maker. */
export const REFUND = 120_000n;
export const REST = 480_000n;

/** The books after that report: paid out, or kept where no payout could be made. */
export const SETTLED = [
  [1_000_000n, 0n],
  [0n, 0n],
];
export const KEPT = [
  [1_000_000n + REFUND, 0n],
  [REST, 0n],
];

/** Ten patients, due today; the payer keeps 1,000,000 and the maker its lock of 600,000. */
export async function dueToday<T>(stage: T & Pick<Stage, "fund" | "enrol">): Promise<T> {
  await stage.fund(2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  return stage;
}

/** Two of them died. */
export const report = (stage: Pick<Stage, "report">) => stage.report({ tallies: patients(2, 8) });
