/** An agreement with real enrolments, a report that waits, and reports on its other patients, honest or not. */

import { id } from "ethers";

import type { Case, EarlierReport } from "../../../oracle/refute/case.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { enrolmentLeaves, type EnrolmentEntry } from "../../../oracle/report/enrolment.ts";
import { hashEnrolmentLeaves, hashReportLeaves, type ReportLeaf } from "../../../oracle/report/leaf.ts";
import type { MilestoneReport, WagerReport } from "../../../oracle/report/messages.ts";
import { compareText } from "../../../oracle/report/order.ts";
import { merkleRoot } from "../../../oracle/report/root.ts";
import { tally, type Outcome } from "../../../oracle/report/tally.ts";
import type { Payoff } from "../../../terms/model.ts";
import { at, openAgreement } from "../../contracts/support/agreement.ts";
import { dayOf } from "../../contracts/support/chain.ts";
import { sheet, WITH_WINDOW } from "../../contracts/support/sheet.ts";

const CLAUSES = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 30, pays: 50%, perUnit: -1 }, { atLeast: 60, pays: 0 }], notEvaluable: 30% }
  bonus: { type: wager, metric: survival, due: 90d, basis: total, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 60%, pays: 10 }], notEvaluable: 0 }`;

export const REFUND = 1;
export const BONUS = 2;
/** Tiers of the refund: below 30, from 30 with a slope, from 60. */
export const SLOPED = 1;
export const NOT_EVALUABLE = 3;
const AS_OF = dayOf("2026-04-20");

export interface Person {
  readonly key: Hex;
  readonly batch: number;
}

/** People of three enrolments; the third is not due when the report is made. */
const BATCHES = [
  { number: 1, indexedDay: dayOf("2026-01-10"), people: 5 },
  { number: 2, indexedDay: dayOf("2026-01-15"), people: 4 },
  { number: 3, indexedDay: dayOf("2026-02-20"), people: 3 },
].map((batch) => {
  const entries = Array.from({ length: batch.people }, (_, i): EnrolmentEntry => {
    const name = `${batch.number}/${i}`;
    return { patientKey: id(name) as Hex, indexDay: batch.indexedDay, salt: id(`salt ${name}`) as Hex };
  });
  return { ...batch, patients: batch.people, leaves: enrolmentLeaves(entries, 0, batch.number) };
});
const PEOPLE: readonly Person[] = BATCHES.flatMap(({ number, leaves }) =>
  leaves.map(({ patientKey: key }) => ({ key, batch: number })),
);
/** The first two stand in the report that waits, the others can be reported. */
export const EARLY = PEOPLE.slice(0, 2);
export const DUE = PEOPLE.slice(2, 9);
export const NOT_DUE = PEOPLE.slice(9);

export const saltOf = ({ key }: Person): Hex => id(`blind ${key}`) as Hex;

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** @param on The day of the reports. */
export async function openStage(on: string) {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, clauses: CLAUSES }));
  await stage.fund(5_000_000n, 2_000_000n);
  await at("2026-02-20");
  for (const { patients, indexedDay, leaves } of BATCHES) {
    await stage.enrol({ patients, indexedDay, root: merkleRoot(hashEnrolmentLeaves(leaves)) });
  }
  await at(on);
  const payoff = stage.model.clauses[REFUND]?.payoffs.get(0);
  if (payoff === undefined) throw new Error("the refund applies to the cohort");
  const first = honest(
    payoff,
    EARLY.map(() => ({ value: 7n })),
    1,
    EARLY,
  );
  const { message } = await stage.forgeReport({ ...first.says, asOfDay: AS_OF });
  await stage.report(message, { hint: 2n });
  const earlier: EarlierReport[] = [{ number: 1, message, leaves: first.leaves }];
  return { ...stage, payoff, earlier, waiting: message };
}

/** What a report says beside its place. */
export type Says = Pick<MilestoneReport, "notEvaluable"> & { tallies: { patients: number; sum: bigint }[]; root: Hex };

export interface Told {
  readonly leaves: readonly ReportLeaf[];
  readonly says: Says;
}

/** An honest report of these outcomes, of the first people who are due. */
export function honest(payoff: Payoff, outcomes: readonly Outcome[], number: number, people = DUE): Told {
  const assessed = outcomes.map((outcome, i) => {
    const person = people[i];
    if (person === undefined) throw new RangeError(`there is no person ${i}`);
    return { patientKey: person.key, batch: person.batch, salt: saltOf(person), outcome };
  });
  const subject = { kind: "report", clause: REFUND, cohort: 0, number } as const;
  const { leaves, tallies, notEvaluable, root } = tally(payoff, assessed, subject);
  return { leaves, says: { tallies: [...tallies], notEvaluable, root } };
}

export const rootOf = (leaves: readonly ReportLeaf[]): Hex => merkleRoot(hashReportLeaves(leaves));

/** In order again, with sums that follow: a liar who is careful. */
export function tidied(leaves: readonly ReportLeaf[], sloped: readonly number[] = [SLOPED]): ReportLeaf[] {
  let sum = 0n;
  const ordered = [...leaves].sort((a, b) => a.tier - b.tier || compareText(a.patientKey, b.patientKey));
  return ordered.map((leaf, i) => {
    if (ordered[i - 1]?.tier !== leaf.tier) sum = 0n;
    if (sloped.includes(leaf.tier)) sum += leaf.value;
    return { ...leaf, runningSum: sloped.includes(leaf.tier) ? sum : 0n };
  });
}

/** Everything is at hand. */
export function milestoneCase(
  { payoff, earlier }: Pick<Stage, "payoff" | "earlier">,
  message: MilestoneReport,
  leaves: readonly ReportLeaf[],
): Case {
  const report = { kind: "milestone", message } as const;
  return { report, leaves, terms: { tiers: payoff.tiers, dueAfter: 90 }, batches: BATCHES, earlier };
}

export function wagerCase(message: WagerReport, leaves: readonly ReportLeaf[]): Case {
  const terms = { tiers: [{ start: null, slope: 0n }], dueAfter: 0 };
  return { report: { kind: "wager", message }, leaves, terms, batches: BATCHES, earlier: [] };
}

/** The leaves of a wager on everybody. */
export const WHOLE: readonly ReportLeaf[] = tidied(
  PEOPLE.map((person, i) => ({
    tier: i % 4 === 0 ? 1 : 0,
    patientKey: person.key,
    batch: person.batch,
    value: i % 4 === 0 ? 0n : 5n,
    runningSum: 0n,
    blind: saltOf(person),
  })),
  [],
);
