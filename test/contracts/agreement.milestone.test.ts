import { expect } from "chai";
import { id } from "ethers";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf, endorsedBy, outsider } from "./support/chain.ts";
import { refusedInOrder } from "./support/ladder.ts";
import { AUTOMATIC, sheet } from "./support/sheet.ts";

const OPENS = dayOf("2026-01-01");
/** 90 days later. */
const DUE = dayOf("2026-04-01");

/** Ten patients of the first day and five of ten days later; the first ten are due today. */
async function dueToday(source = sheet()) {
  const stage = await openAgreement(source);
  await stage.fund(2_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-01-11");
  await stage.enrol({ patients: 5 });
  await at("2026-04-01");
  return stage;
}

const SLOPED = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  cap: { type: milestone, metric: cost, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 100, pays: 10, perUnit: 0.333333333 }, { atLeast: 200, pays: 50 }], notEvaluable: 0 }`,
});

describe("A milestone report", () => {
  it("given patients due, when it is reported, then the refund is paid and their locks are released", async () => {
    const { agreement, report, books } = await dueToday();
    await expect(report({ tallies: patients(2, 7), notEvaluable: 1 }))
      .to.emit(agreement, "MilestoneReported")
      .withArgs(
        1,
        0,
        1,
        DUE,
        [
          [2n, 0n],
          [7n, 0n],
        ],
        1,
        id("root"),
        150_000n,
        0n,
      );
    expect(await books()).to.deep.equal([
      [650_000n, 0n],
      [3_350_000n, 300_000n],
    ]);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([10n, 0n, 1n, 0n, false, 150_000n]);
    expect((await agreement.pendingReport(1, 0, 1)).landed).to.equal(0n);
  });

  it("given ten due, when four are reported, then the public count of the others is six", async () => {
    const { agreement, report, books } = await dueToday();
    const sent = report({ tallies: patients(0, 4) });
    await expect(sent).to.emit(agreement, "MilestoneReported");
    const [event] = await agreement.queryFilter(agreement.filters.MilestoneReported());
    expect(event?.args.dueUnassessed).to.equal(6n);
    expect((await books())[1]).to.deep.equal([3_500_000n, 660_000n]);
  });

  it("given automatic payout, when it is reported, then each side is sent what it set free", async () => {
    const { agreement, report, books, party } = await dueToday(sheet({ parties: AUTOMATIC }));
    const before = await books();
    const sent = await report({ tallies: patients(2, 8) });
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), 120_000n);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(1, party(1), 480_000n);
    expect(await books()).to.deep.equal([before[0], [2_300_000n, 300_000n]]);
  });

  it("given nobody in it, when it is reported, then nothing moves and its number is used up", async () => {
    const { agreement, report, books } = await dueToday();
    const before = await books();
    await report();
    expect(await books()).to.deep.equal(before);
    expect((await agreement.clauseState(1, 0)).number).to.equal(1n);
  });

  for (const hint of [0n, 1n, 2n, 3n, 2n ** 255n]) {
    it(`given ${hint} as a hint, when it is reported, then exactly those due count`, async () => {
      const { agreement, report } = await dueToday();
      await expect(report({ tallies: patients(0, 11) }, { hint }))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(11n, 10n);
      await report({ tallies: patients(0, 10) }, { hint });
      await at("2026-04-11");
      await report({ tallies: patients(0, 5) }, { hint });
    });
  }

  it("given a due day, when it is as of the day before, then nobody is due", async () => {
    const { agreement, report } = await dueToday();
    await expect(report({ asOfDay: DUE - 1, notEvaluable: 1 }))
      .to.be.revertedWithCustomError(agreement, "NotYetDue")
      .withArgs(1n, 0n);
  });

  it("given grace, when the due day comes, then nobody is due before the grace is over", async () => {
    const { agreement, report } = await dueToday(sheet({ oracle: "{ grace: 28d }" }));
    await at("2026-04-28");
    await expect(report({ notEvaluable: 1 }))
      .to.be.revertedWithCustomError(agreement, "NotYetDue")
      .withArgs(1n, 0n);
    await at("2026-04-29");
    await report({ notEvaluable: 10 });
  });

  it("given a report from a later day, when one from an earlier day follows, then it finds nobody due", async () => {
    const { agreement, report } = await dueToday();
    await at("2026-04-11");
    await report({ tallies: patients(0, 12) });
    await expect(report({ asOfDay: DUE, tallies: patients(0, 1) }))
      .to.be.revertedWithCustomError(agreement, "NotYetDue")
      .withArgs(1n, 0n);
    await report({ tallies: patients(0, 3) });
  });

  it("given all assessed, when one more is reported, then it is refused", async () => {
    const { agreement, report } = await dueToday();
    await at("2026-04-11");
    await report({ tallies: patients(0, 15) });
    await expect(report({ notEvaluable: 1 }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(1n, 0n);
  });

  it("given counts near the limit of 32 bits, when it is reported, then they do not wrap around", async () => {
    const { agreement, report } = await dueToday();
    await expect(report({ tallies: patients(0xffff_ffff, 0xffff_ffff), notEvaluable: 0xffff_ffff }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(3n * 0xffff_ffffn, 15n);
  });

  it("given reporting days, when it is as of another day, then it is refused", async () => {
    const { agreement, report } = await dueToday(sheet({ oracle: "{ reportEvery: 30d, reportWithin: 30d }" }));
    for (const asOfDay of [DUE - 1, OPENS - 30]) {
      await expect(report({ asOfDay }))
        .to.be.revertedWithCustomError(agreement, "NotReportingDay")
        .withArgs(asOfDay, OPENS, 30n);
    }
    await report({ asOfDay: OPENS });
    await report({ asOfDay: DUE, notEvaluable: 3 });
  });

  describe("on a sloped tier", () => {
    /** Three patients in the sloped tier, their values adding up to `sum` cents. */
    const three = (sum: bigint) => [
      { patients: 0, sum: 0n },
      { patients: 3, sum },
      { patients: 0, sum: 0n },
    ];

    it("pays by the sum of values, rounded once and toward zero", async () => {
      const { agreement, report } = await dueToday(SLOPED);
      await report({ tallies: three(40_001n) });
      // 3 × 1,000 + 0.333333333 × 10,001 = 6,333.66… cents.
      expect((await agreement.clauseState(1, 0)).total).to.equal(6_333n);
    });

    it("takes sums from the tier's start to just below the next", async () => {
      const { agreement, report } = await dueToday(SLOPED);
      for (const sum of [29_999n, 59_998n, -1n, 2n ** 127n - 1n]) {
        await expect(report({ tallies: three(sum) }))
          .to.be.revertedWithCustomError(agreement, "SumOutsideTier")
          .withArgs(1n, sum);
      }
      await report({ tallies: three(30_000n) });
      await report({ tallies: three(59_997n) });
    });

    it("takes no sum on a tier without slope", async () => {
      const { agreement, report } = await dueToday(SLOPED);
      const [, sloped, last] = three(30_000n);
      await expect(report({ tallies: [{ patients: 1, sum: 5n }, sloped!, last!] }))
        .to.be.revertedWithCustomError(agreement, "SumOutsideTier")
        .withArgs(0n, 5n);
    });
  });

  it("given several faults, when it is sent, then they are told in the order of the interface", async () => {
    const { agreement, report } = await dueToday(
      sheet({
        oracle: "{ reportEvery: 30d }",
        clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  survival: { type: wager, metric: survival, due: 1y, from: manufacturer, to: payer, pays: [{ pays: 1 }, { atLeast: 50%, pays: 0 }], notEvaluable: 0 }`,
      }),
    );
    await refusedInOrder(
      agreement,
      [
        ["UnknownCohort", { cohort: 1 }],
        ["ClauseNotInCohort", { clause: 3 }],
        ["WrongKindOfReport", { clause: 2 }],
        ["ReportedByContract", { clause: 0 }],
        ["NotReportingDay", { asOfDay: DUE + 1 }],
        ["AsOfInFuture", { asOfDay: DUE + 30 }],
        ["WrongTallies", { tallies: patients(1) }],
        ["MorePatientsThanEnrolled", { notEvaluable: 16 }],
        ["NotYetDue", { notEvaluable: 11 }],
        [
          "SumOutsideTier",
          {
            tallies: [
              { patients: 1, sum: 0n },
              { patients: 1, sum: 1n },
            ],
          },
        ],
        ["WrongNumber", { number: 2 }],
        ["Expired", { lastDay: DUE - 1 }],
        ["NotEndorsed", {}, { endorse: endorsedBy([outsider]) }],
      ],
      (overrides, signing) => report({ clause: 1, ...overrides }, signing),
    );
  });

  it("given each refusal's values, when it is refused, then it tells what was found and expected", async () => {
    const { agreement, report } = await dueToday();
    const refused = (overrides: Parameters<typeof report>[0], error: string, ...args: unknown[]) =>
      expect(report(overrides))
        .to.be.revertedWithCustomError(agreement, error)
        .withArgs(...args);
    await refused({ cohort: 7 }, "UnknownCohort", 7);
    await refused({ clause: 7 }, "ClauseNotInCohort", 7, 0);
    await refused({ clause: 0 }, "ReportedByContract", 0);
    await refused({ asOfDay: DUE + 1 }, "AsOfInFuture", DUE + 1, DUE);
    await refused({ tallies: patients(1, 1, 1) }, "WrongTallies", 3n, 2n);
    await refused({ number: 5 }, "WrongNumber", 5, 1);
    await refused({ number: 0 }, "WrongNumber", 0, 1);
    await refused({ lastDay: DUE - 1 }, "Expired", DUE - 1, DUE);
  });
});
