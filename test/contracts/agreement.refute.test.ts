import { expect } from "chai";
import { hexlify, id, solidityPackedKeccak256, ZeroHash } from "ethers";

import { FORMS, type Form } from "../../oracle/refute/refutation.ts";
import { historyOf } from "../../oracle/chain/history.ts";
import { hashEnrolmentLeaves, hashReportLeaves, type ReportLeaf } from "../../oracle/report/leaf.ts";
import { enrolmentLeaves } from "../../oracle/report/enrolment.ts";
import { merkleRoot } from "../../oracle/report/root.ts";
import { Refuter__factory, type IRefuter } from "../../typechain-types/index.ts";
import { at, ethers, openAgreement } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { entry, keyOf, leafOf, refutation, rootOf, shownEntry, shownLeaf, summed } from "./support/refutation.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const CLAUSES = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 30, pays: 50%, perUnit: -1 }, { atLeast: 60, pays: 0 }], notEvaluable: 30% }
  bonus: { type: wager, metric: survival, due: 90d, basis: total, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 60%, pays: 10 }], notEvaluable: 0 }`;

const FIRST = dayOf("2026-01-10");
const SECOND = dayOf("2026-02-20");
/** The tier whose payoff has a slope, and the place of those not evaluable. */
const SLOPED = 1;
const NOT_EVALUABLE = 3;

const batch1 = [2, 4, 6, 8].map((n) => entry(n, FIRST));
const batch2 = [1, 3].map((n) => entry(n, SECOND));

/** Four patients of the first batch: one early, two in the sloped tier, one not evaluable. */
const HONEST = summed(
  [leafOf(6, 0, 10n), leafOf(2, SLOPED, 31n), leafOf(8, SLOPED, 45n), leafOf(4, NOT_EVALUABLE, 0n)],
  [SLOPED],
);
const TALLIES = [
  { patients: 1, sum: 0n },
  { patients: 2, sum: 76n },
  { patients: 0, sum: 0n },
];

/** Both batches enrolled; the report's day is due for the first alone, then time passes for the second. */
async function enrolled() {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, clauses: CLAUSES }));
  await stage.fund(2_000_000n, 1_000_000n);
  await at("2026-02-20");
  for (const [i, entries] of [batch1, batch2].entries()) {
    const root = merkleRoot(hashEnrolmentLeaves(enrolmentLeaves(entries, 0, i + 1)));
    await stage.enrol({ patients: entries.length, indexedDay: i === 0 ? FIRST : SECOND, root });
  }
  await at("2026-04-10");
  return stage;
}

type Overrides = Parameters<Awaited<ReturnType<typeof enrolled>>["forgeReport"]>[0];

async function reported(leaves: readonly ReportLeaf[], overrides: Overrides = {}) {
  const stage = await enrolled();
  const { message } = await stage.forgeReport({
    tallies: TALLIES,
    notEvaluable: 1,
    root: rootOf(leaves),
    ...overrides,
  });
  await stage.report(message);
  const refute = (form: Form, parts: Partial<IRefuter.RefutationStruct> = {}) =>
    stage.agreement.connect(stage.stranger).refuteMilestone(message, refutation(form, parts));
  return { ...stage, message, refute, refuter: await refuterOf(stage) };
}

async function refuterOf({ agreement }: Awaited<ReturnType<typeof enrolled>>) {
  return Refuter__factory.connect(await agreement.refuter(), agreement.runner);
}

/** What the root commits to beside the number of leaves. */
function topOf(leaves: readonly ReportLeaf[]): { top: string } {
  let level = leaves.map((_, i) => hexlify(hashReportLeaves(leaves).subarray(32 * i, 32 * (i + 1))));
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => {
      const [left = "", right] = level.slice(2 * i, 2 * i + 2);
      return right === undefined ? left : solidityPackedKeccak256(["uint8", "bytes32", "bytes32"], [1, left, right]);
    });
  }
  return { top: level[0] ?? ZeroHash };
}

const NOTHING = `0x${"00".repeat(23)}`;

const changed = (position: number, overrides: Partial<ReportLeaf>): ReportLeaf[] =>
  HONEST.map((leaf, i) => (i === position ? { ...leaf, ...overrides } : leaf));

/** What refutes which report: leaves and what is shown of them. */
const CONTRADICTIONS: readonly [string, Form, readonly ReportLeaf[], (leaves: readonly ReportLeaf[]) => object][] = [
  ["a value under its tier", "Tier", changed(1, { value: 29n }), (leaves) => ({ shown: [shownLeaf(leaves, 1)] })],
  ["a value over its tier", "Tier", changed(0, { value: 30n }), (leaves) => ({ shown: [shownLeaf(leaves, 0)] })],
  [
    "a value of a patient not evaluable",
    "Tier",
    changed(3, { value: 1n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 3)] }),
  ],
  [
    "another tier than the tallies have there",
    "Tier",
    changed(0, { tier: 2, value: 90n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)] }),
  ],
  ["a tier that does not exist", "Tier", changed(3, { tier: 4 }), (leaves) => ({ shown: [shownLeaf(leaves, 3)] })],
  [
    "a first sum that is not the first value",
    "RunningSum",
    changed(1, { runningSum: 30n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 1)] }),
  ],
  [
    "a last sum that is not the tally's",
    "RunningSum",
    changed(2, { runningSum: 77n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 2)] }),
  ],
  [
    "neighbours whose sums do not follow",
    "RunningSum",
    changed(2, { value: 46n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 1), shownLeaf(leaves, 2)] }),
  ],
  [
    "a sum where the tier has none",
    "RunningSum",
    changed(0, { runningSum: 10n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)] }),
  ],
  [
    "a sum of a patient not evaluable",
    "RunningSum",
    changed(3, { runningSum: 1n }),
    (leaves) => ({ shown: [shownLeaf(leaves, 3)] }),
  ],
  [
    "neighbours whose keys descend",
    "Order",
    changed(1, { patientKey: keyOf(9) }),
    (leaves) => ({ shown: [shownLeaf(leaves, 1), shownLeaf(leaves, 2)] }),
  ],
  [
    "neighbours whose tiers descend",
    "Order",
    changed(0, { tier: 2 }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0), shownLeaf(leaves, 1)] }),
  ],
  [
    "a patient twice",
    "TwiceInReport",
    changed(3, { patientKey: keyOf(6) }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0), shownLeaf(leaves, 3)] }),
  ],
  [
    "a patient between two entries",
    "NotEnrolled",
    changed(0, { patientKey: keyOf(5) }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)], entries: [shownEntry(batch1, 1, 1), shownEntry(batch1, 1, 2)] }),
  ],
  [
    "a patient before the first entry",
    "NotEnrolled",
    changed(0, { patientKey: keyOf(1) }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)], entries: [shownEntry(batch1, 1, 0)] }),
  ],
  [
    "a patient after the last entry",
    "NotEnrolled",
    changed(0, { patientKey: keyOf(11) }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)], entries: [shownEntry(batch1, 1, 3)] }),
  ],
  [
    "a batch that is not there",
    "NotEnrolled",
    changed(0, { batch: 3 }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)] }),
  ],
  [
    "a batch without a number",
    "NotEnrolled",
    changed(0, { batch: 0 }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)] }),
  ],
  [
    "a patient who is not due",
    "NotDue",
    changed(0, { patientKey: keyOf(3), batch: 2 }),
    (leaves) => ({ shown: [shownLeaf(leaves, 0)] }),
  ],
];

describe("Refuting a report", () => {
  for (const [what, form, leaves, parts] of CONTRADICTIONS) {
    it(`given ${what}, when a stranger shows it, then the report is void`, async () => {
      const { agreement, refute, message } = await reported(leaves);
      await expect(refute(form, parts(leaves)))
        .to.emit(agreement, "Refuted")
        .withArgs(1, 0, 1, FORMS.indexOf(form));
      expect(await agreement.reportCommitment(1, 0, 1)).to.equal(NOTHING);
      expect((await agreement.clauseState(1, 0)).pending).to.equal(0n);
      await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
    });

    it(`given leaves without ${what}, when the same is claimed, then nothing is refuted`, async () => {
      const { refute, refuter, agreement } = await reported(HONEST);
      await expect(refute(form, parts(HONEST))).to.be.revertedWithCustomError(refuter, "NotRefuted");
      expect((await agreement.clauseState(1, 0)).pending).to.equal(4n);
    });
  }

  it("given more or fewer leaves than tallied, when the count is shown, then the report is void, and nobody is shown", async () => {
    for (const leaves of [HONEST.slice(0, 3), [...HONEST, leafOf(9, NOT_EVALUABLE, 0n)]]) {
      const { refute, agreement } = await reported(leaves);
      const { top } = topOf(leaves);
      await expect(refute("LeafCount", { leaves: leaves.length, top })).to.emit(agreement, "Refuted");
    }
  });

  it("given the tallied number of leaves, when another is claimed, then it is not the root's, and the right one refutes nothing", async () => {
    const { refute, refuter } = await reported(HONEST);
    const { top } = topOf(HONEST);
    await expect(refute("LeafCount", { leaves: 3, top })).to.be.revertedWithCustomError(refuter, "NotTheRoot");
    await expect(refute("LeafCount", { leaves: 4, top })).to.be.revertedWithCustomError(refuter, "NotRefuted");
  });

  it("given a leaf that is not what stands there, when it is shown, then it is refused", async () => {
    const { refute, refuter } = await reported(HONEST);
    const siblings = [...shownLeaf(HONEST, 1).siblings, id("one too many")];
    for (const overrides of [{ value: 29n }, { position: 2 }, { siblings: [] }, { siblings }, { position: 4 }]) {
      const shown = [shownLeaf(HONEST, 1, overrides)];
      await expect(refute("Tier", { shown }), Object.keys(overrides).join())
        .to.be.revertedWithCustomError(refuter, "LeafNotInReport")
        .withArgs(overrides.position ?? 1);
    }
    const stray = { shown: [shownLeaf(HONEST, 0)], entries: [{ ...shownEntry(batch1, 1, 0), indexDay: 1 }] };
    await expect(refute("NotEnrolled", stray)).to.be.revertedWithCustomError(refuter, "EntryNotInBatch").withArgs(0, 1);
  });

  it("given more or less than the form takes, when it is shown, then it is refused", async () => {
    const { refute, refuter } = await reported(HONEST);
    const two = [shownLeaf(HONEST, 0), shownLeaf(HONEST, 1)];
    for (const [form, shown] of [
      ["LeafCount", two],
      ["Tier", two],
      ["NotDue", []],
      ["Order", two.slice(1)],
      ["TwiceInReport", []],
      ["TwiceInClause", two],
      ["NotEnrolled", []],
    ] as const) {
      await expect(refute(form, { shown: [...shown] }), form).to.be.revertedWithCustomError(refuter, "WrongExhibits");
    }
  });

  for (const settled of [false, true]) {
    it(`given a patient in an earlier report that ${settled ? "has settled" : "is pending"}, when both leaves are shown, then the later one is void`, async () => {
      const first = [leafOf(6, 0, 10n)];
      const { agreement, forgeReport, report, message, refuter } = await reported(first, {
        tallies: [{ patients: 1, sum: 0n }, ...TALLIES.slice(2), ...TALLIES.slice(2)],
        notEvaluable: 0,
      });
      if (settled) {
        await at("2026-04-18");
        await agreement.settleMilestone(message);
      }
      const later = [leafOf(2, 0, 5n), leafOf(6, 0, 10n)];
      const again = await forgeReport({
        tallies: [{ patients: 2, sum: 0n }, ...TALLIES.slice(2), ...TALLIES.slice(2)],
        root: rootOf(later),
      });
      await report(again.message);
      const shown = [shownLeaf(later, 1), shownLeaf(first, 0)];
      const other = refutation("TwiceInClause", { shown: [shownLeaf(later, 0), shown[1]!], earlier: [message] });
      await expect(agreement.refuteMilestone(again.message, other)).to.be.revertedWithCustomError(
        refuter,
        "NotRefuted",
      );
      const forged = refutation("TwiceInClause", { shown, earlier: [{ ...message, notEvaluable: 1 }] });
      await expect(agreement.refuteMilestone(again.message, forged))
        .to.be.revertedWithCustomError(refuter, "NotAnEarlierReport")
        .withArgs(1);
      await expect(agreement.refuteMilestone(again.message, refutation("TwiceInClause", { shown, earlier: [message] })))
        .to.emit(agreement, "Refuted")
        .withArgs(1, 0, 2, FORMS.indexOf("TwiceInClause"));
      // The earlier one stands: it can't be refuted with the later.
      if (!settled) {
        const backwards = refutation("TwiceInClause", { shown: [shown[1]!, shown[0]!], earlier: [again.message] });
        await expect(agreement.refuteMilestone(message, backwards)).to.be.revertedWithCustomError(
          refuter,
          "NotAnEarlierReport",
        );
      }
    });
  }

  it("given a challenge, when the report is refuted, then the bond is free and its patients may be reported again", async () => {
    const leaves = changed(1, { value: 29n });
    const { as, refute, agreement, books, report } = await reported(leaves);
    const before = await books();
    await as(0).challenge(1, 0, 1, 0);
    await refute("Tier", { shown: [shownLeaf(leaves, 1)] });
    expect(await books()).to.deep.equal(before);
    expect((await agreement.clauseState(1, 0)).reopenedDay).to.equal(BigInt(dayOf("2026-04-10")));
    await report({ tallies: TALLIES, notEvaluable: 1, root: rootOf(HONEST) });
    expect(await agreement.reportCommitment(1, 0, 2)).not.to.equal(NOTHING);
  });

  it("given a report was refuted, when an operator reads the chain, then it is void and its patients are to be reported", async () => {
    const leaves = changed(1, { value: 29n });
    const { agreement, refute } = await reported(leaves);
    await refute("Tier", { shown: [shownLeaf(leaves, 1)] });
    const logs = await ethers.provider.getLogs({ address: await agreement.getAddress(), fromBlock: 0 });
    const { events, reports } = historyOf(logs, { clausesOf: () => [1], settlesAtOnce: false }).clause(1, 0);
    expect(reports.map(({ standing }) => standing)).to.deep.equal(["void"]);
    expect(events.at(-1)).to.deep.equal({ type: "voided", number: 1 });
  });

  it("given a report that has settled, is void or is another one, when it is to be refuted, then it is too late", async () => {
    const leaves = changed(1, { value: 29n });
    const { agreement, refute, message } = await reported(leaves);
    const parts = { shown: [shownLeaf(leaves, 1)] };
    await expect(
      agreement.refuteMilestone({ ...message, notEvaluable: 0 }, refutation("Tier", parts)),
    ).to.be.revertedWithCustomError(agreement, "NotThePendingReport");
    await at("2026-04-20");
    await agreement.settleMilestone(message);
    await expect(refute("Tier", parts)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
  });

  describe("on a wager", () => {
    const part = (n: number, tier = 0, batch = n % 2 === 0 ? 1 : 2): ReportLeaf => leafOf(n, tier, 1n, batch);
    const whole = [1, 2, 3, 4, 6, 8].map((n) => part(n));
    const wagered = async (leaves: readonly ReportLeaf[]) => {
      const stage = await enrolled();
      await at("2027-05-01");
      const { message } = await stage.forgeWager({ clause: 2, value: 700_000n, root: rootOf(leaves) });
      await stage.reportWager(message);
      const refute = (form: Form, parts: Partial<IRefuter.RefutationStruct>) =>
        stage.agreement.refuteWager(message, refutation(form, parts));
      return { ...stage, refute, refuter: await refuterOf(stage) };
    };
    const with_ = (position: number, overrides: Partial<ReportLeaf>) =>
      whole.map((leaf, i) => (i === position ? { ...leaf, ...overrides } : leaf));
    const cases: readonly [string, Form, readonly ReportLeaf[], (leaves: readonly ReportLeaf[]) => object][] = [
      ["fewer leaves than enrolled", "LeafCount", whole.slice(1), (leaves) => ({ leaves: 5, ...topOf(leaves) })],
      ["a third tier", "Tier", with_(5, { tier: 2 }), (leaves) => ({ shown: [shownLeaf(leaves, 5)] })],
      ["a sum", "RunningSum", with_(0, { runningSum: 1n }), (leaves) => ({ shown: [shownLeaf(leaves, 0)] })],
      [
        "keys that descend",
        "Order",
        with_(0, { patientKey: keyOf(7) }),
        (leaves) => ({ shown: [shownLeaf(leaves, 0), shownLeaf(leaves, 1)] }),
      ],
      [
        "a patient twice",
        "TwiceInReport",
        with_(5, { patientKey: keyOf(1) }),
        (leaves) => ({ shown: [shownLeaf(leaves, 0), shownLeaf(leaves, 5)] }),
      ],
      [
        "a stranger",
        "NotEnrolled",
        with_(5, { patientKey: keyOf(9) }),
        (leaves) => ({ shown: [shownLeaf(leaves, 5)], entries: [shownEntry(batch1, 1, 3)] }),
      ],
    ];
    for (const [what, form, leaves, parts] of cases) {
      it(`given ${what}, when a stranger shows it, then the report is void; without it, nothing is refuted`, async () => {
        const { agreement, refute } = await wagered(leaves);
        await expect(refute(form, parts(leaves)))
          .to.emit(agreement, "Refuted")
          .withArgs(2, 0, 1, FORMS.indexOf(form));
        expect((await agreement.clauseState(2, 0)).pending).to.equal(0n);
        const honest = await wagered(whole);
        const claim = form === "LeafCount" ? { leaves: 6, ...topOf(whole) } : parts(whole);
        await expect(honest.refute(form, claim)).to.be.revertedWithCustomError(honest.refuter, "NotRefuted");
      });
    }

    it("given a form for milestones, when it is claimed, then nothing is refuted, not even with what another form takes", async () => {
      const leaves = with_(5, { patientKey: keyOf(9) });
      const { refute, refuter } = await wagered(leaves);
      const stranger = { shown: [shownLeaf(leaves, 5)], entries: [shownEntry(batch1, 1, 3)] };
      for (const form of ["NotDue", "TwiceInClause"] as const) {
        for (const parts of [{ shown: [shownLeaf(leaves, 0)] }, stranger]) {
          await expect(refute(form, parts), form)
            .to.be.revertedWithCustomError(refuter, "NotRefuted")
            .withArgs(FORMS.indexOf(form));
        }
      }
    });
  });
});
