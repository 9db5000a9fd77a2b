import { expect } from "chai";
import { id, type ContractTransactionResponse } from "ethers";

import type { Case, EarlierReport } from "../../oracle/refute/case.ts";
import { judge } from "../../oracle/refute/judge.ts";
import { refutationStruct } from "../../oracle/refute/refutation.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { enrolmentLeaves } from "../../oracle/report/enrolment.ts";
import { hashEnrolmentLeaves, hashReportLeaves, type ReportLeaf } from "../../oracle/report/leaf.ts";
import { merkleRoot } from "../../oracle/report/root.ts";
import { tally } from "../../oracle/report/tally.ts";
import { at, openAgreement } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { itMatchesSnapshot } from "./support/gasSnapshot.ts";
import { itMeasures } from "./support/itMeasures.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

/** Committed; written anew with UPDATE_SNAPSHOTS=1. The table in docs/protocol.md is written from it by `npm run docs`. */
const SNAPSHOT = new URL("gas.refute.snapshot.json", import.meta.url);
/** What any refutation of a report on 1,000 patients may use at most. */
const GOAL = 120_000n;

const COHORTS = `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 200000 }`;
const CLAUSES = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 1% }
  refund: { type: milestone, metric: pfs, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 30, pays: 50%, perUnit: -1 }, { atLeast: 60, pays: 0 }], notEvaluable: 30% }
  bonus: { type: wager, metric: survival, due: 90d, basis: total, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 60%, pays: 10 }], notEvaluable: 0 }`;
const REFUND = 1;
const BONUS = 2;
const SLOPED = 1;
/** Keys below and above everybody else's. */
const LOWEST: Hex = `0x${"00".repeat(32)}`;
const NEVER = 9;

type Lie = (leaves: readonly ReportLeaf[]) => readonly ReportLeaf[];

const over = (leaves: readonly ReportLeaf[], i: number, by: Partial<ReportLeaf>): ReportLeaf[] =>
  leaves.map((leaf, k) => (k === i ? { ...leaf, ...by } : leaf));
const exchanged = (leaves: readonly ReportLeaf[], i: number): ReportLeaf[] => {
  const [a, b] = [leaves[i]!, leaves[i + 1]!];
  return [...leaves.slice(0, i), b, a, ...leaves.slice(i + 2)];
};
/** A key that stands between two of a tier. */
const between = (leaves: readonly ReportLeaf[], i: number): Hex =>
  `0x${(BigInt(leaves[i]!.patientKey) + 1n).toString(16).padStart(64, "0")}`;

/** On both kinds. The first leaves are of the first tier, those in the middle of the sloped one. */
const COMMON: Readonly<Record<string, Lie>> = {
  LeafCount: (leaves) => leaves.slice(1),
  Tier: (leaves) => over(leaves, 5, { tier: NEVER }),
  "RunningSum, one leaf": (leaves) => over(leaves, 0, { runningSum: 1n }),
  Order: (leaves) => exchanged(leaves, 4),
  TwiceInReport: (leaves) => {
    const { patientKey, batch } = leaves.at(-2)!;
    return over(leaves, 5, { patientKey, batch });
  },
  "NotEnrolled, no such enrolment": (leaves) => over(leaves, 5, { batch: NEVER }),
  "NotEnrolled, one entry": (leaves) => over(leaves, 0, { patientKey: LOWEST }),
  "NotEnrolled, two entries": (leaves) => over(leaves, 5, { patientKey: between(leaves, 5) }),
};

interface Group {
  readonly number: number;
  readonly day: string;
  readonly people: number;
}

async function used(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  return (await (await call).wait())!.gasUsed;
}

/** An agreement with enrolments of so many, on the day of the report, with one patient in a report that waits. */
async function openBig(groups: readonly Group[]) {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, cohorts: COHORTS, clauses: CLAUSES }));
  await stage.fund(1_000_000_000n, 20_000_000_000n);
  const batches: Case["batches"][number][] = [];
  for (const { number, day, people } of groups) {
    await at(day);
    const indexedDay = dayOf(day);
    const entries = Array.from({ length: people }, (_, i) => ({
      patientKey: id(`${number}/${i}`) as Hex,
      indexDay: indexedDay,
      salt: id(`salt ${number}/${i}`) as Hex,
    }));
    const leaves = enrolmentLeaves(entries, 0, number);
    await stage.enrol({ patients: people, indexedDay, root: merkleRoot(hashEnrolmentLeaves(leaves)) });
    batches.push({ number, patients: people, indexedDay, leaves });
  }
  await at("2026-04-20");
  const payoff = stage.model.clauses[REFUND]!.payoffs.get(0)!;
  const people = batches[0]!.leaves!;
  /** A fifth below, two in the sloped tier, one above, one not evaluable. */
  const honest = (keys: readonly Hex[], number: number) =>
    tally(
      payoff,
      keys.map((patientKey, i) => {
        const value = [10n, 35n, 45n, 70n][i % 5];
        const outcome = value === undefined ? { notEvaluable: "no assessment" } : { value };
        return { patientKey, batch: 1, salt: patientKey, outcome };
      }),
      { kind: "report", clause: REFUND, cohort: 0, number },
    );
  const told = ({ tallies, notEvaluable, root }: ReturnType<typeof honest>) => ({
    tallies: [...tallies],
    notEvaluable,
    root,
  });
  const first = honest([people[0]!.patientKey], 1);
  const { message } = await stage.forgeReport(told(first));
  await stage.report(message);
  const earlier: EarlierReport[] = [{ number: 1, message, leaves: first.leaves }];
  const rest = people.slice(1).map(({ patientKey }) => patientKey);

  /** Posts the lie, and has it refuted. @returns what the finder calls it, and the gas */
  const milestone = async (lie: Lie): Promise<[form: string, gas: bigint]> => {
    const true_ = honest(rest, 2);
    const leaves = lie(true_.leaves);
    const forged = await stage.forgeReport({ ...told(true_), root: merkleRoot(hashReportLeaves(leaves)) });
    await stage.report(forged.message);
    const terms = { tiers: payoff.tiers, dueAfter: 90 };
    const report = { kind: "milestone", message: forged.message } as const;
    const { contradiction } = judge({ report, leaves, terms, batches, earlier });
    if (contradiction === null) throw new Error("a lie");
    const struct = refutationStruct(contradiction.refutation);
    return [contradiction.refutation.form, await used(stage.agreement.refuteMilestone(forged.message, struct))];
  };
  const wager = async (lie: Lie): Promise<[form: string, gas: bigint]> => {
    const everybody = batches.flatMap(({ number: batch, leaves }) =>
      leaves!.map(({ patientKey }) => ({ patientKey, batch, salt: patientKey, outcome: { value: 1n } })),
    );
    const flat = { tiers: [{ start: null, pays: 0n, slope: 0n }], notEvaluable: 0n };
    const leaves = lie(tally(flat, everybody, { kind: "report", clause: BONUS, cohort: 0, number: 1 }).leaves);
    const forged = await stage.forgeWager({ clause: BONUS, root: merkleRoot(hashReportLeaves(leaves)) });
    await stage.reportWager(forged.message);
    const terms = { tiers: [{ start: null, slope: 0n }], dueAfter: 0 };
    const report = { kind: "wager", message: forged.message } as const;
    const { contradiction } = judge({ report, leaves, terms, batches, earlier: [] });
    if (contradiction === null) throw new Error("a lie");
    const struct = refutationStruct(contradiction.refutation);
    return [contradiction.refutation.form, await used(stage.agreement.refuteWager(forged.message, struct))];
  };
  return { milestone, wager, batches, known: people[0]!.patientKey };
}

const THOUSAND: readonly Group[] = [
  { number: 1, day: "2026-01-10", people: 1_001 },
  { number: 2, day: "2026-02-20", people: 10 },
];

let measured: Promise<Record<string, bigint>> | undefined;

/** All forms, measured once; each key begins with the form, which the finder must have called it. */
function measure(): Promise<Record<string, bigint>> {
  measured ??= (async () => {
    const found: Record<string, bigint> = {};
    const note = (kind: string, name: string, [form, gas]: [string, bigint]): void => {
      expect(name.split(",")[0]).to.equal(form);
      found[`${kind}: ${name}`] = gas;
    };
    const { milestone, wager, batches, known } = await openBig(THOUSAND);
    // The first rejection in a clause writes down its day: the others are measured.
    await milestone(COMMON["LeafCount"]!);
    const notDue = batches[1]!.leaves![0]!.patientKey;
    const milestones: Readonly<Record<string, Lie>> = {
      ...COMMON,
      "RunningSum, neighbours": (leaves) => {
        const i = leaves.findIndex(({ tier }) => tier === SLOPED) + 7;
        return over(leaves, i, { runningSum: leaves[i]!.runningSum + 1n });
      },
      TwiceInClause: (leaves) => over(leaves, 5, { patientKey: known }),
      NotDue: (leaves) => over(leaves, 5, { patientKey: notDue, batch: 2 }),
    };
    for (const [name, lie] of Object.entries(milestones)) note("milestone", name, await milestone(lie));
    await at("2027-05-01");
    await wager(COMMON["LeafCount"]!);
    for (const [name, lie] of Object.entries(COMMON)) note("wager", name, await wager(lie));
    const big = await openBig([{ number: 1, day: "2026-01-10", people: 100_001 }]);
    await big.milestone(COMMON["LeafCount"]!);
    note("milestone of 100,000", "Tier", await big.milestone(COMMON["Tier"]!));
    return found;
  })();
  return measured;
}

describe("Gas of a refutation", function () {
  this.timeout(240_000);

  itMeasures(`of a report on 1,000 patients is at most ${GOAL}, whatever the form`, async () => {
    for (const [call, gas] of Object.entries(await measure())) expect(gas, call).to.be.at.most(GOAL);
  });

  itMatchesSnapshot(SNAPSHOT, measure);
});
