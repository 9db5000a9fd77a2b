import { expect } from "chai";
import { id } from "ethers";

import { at, openAgreement } from "./support/agreement.ts";
import { dayOf, endorsedBy, outsider } from "./support/chain.ts";
import { refusedInOrder } from "./support/ladder.ts";
import { sheet } from "./support/sheet.ts";

/** Closes 2027-01-01, 90 days later. */
const DUE = dayOf("2027-04-01");

const clauses = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 60%, pays: -200, perUnit: 10 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }
  whole: { type: wager, basis: total, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: 0 }, { above: 80%, pays: 3000 }], notEvaluable: 1000 }
  size: { type: wager, metric: enrolled, due: 0d, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 50, pays: 1 }] }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }`;

const PERCENT = 10_000n;

/** Ten patients; the wagers are due today. */
async function dueToday(oracle = "{ reportWithin: 30d }") {
  const stage = await openAgreement(sheet({ oracle, clauses }));
  await stage.fund(3_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2027-04-01");
  return stage;
}

describe("A wager report", () => {
  it("given a good result, when it is reported, then the payer pays for each patient enrolled", async () => {
    const { agreement, reportWager, books } = await dueToday();
    const [payer, maker] = await books();
    await expect(reportWager({ value: 85n * PERCENT }))
      .to.emit(agreement, "WagerReported")
      .withArgs(1, 0, 1, DUE, true, 85n * PERCENT, id("root"), 100_000n);
    expect(await books()).to.deep.equal([
      [payer![0] - 100_000n, payer![1] - 100_000n],
      [maker![0] + 100_000n, maker![1] - 200_000n],
    ]);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([0n, 0n, 1n, 0n, true, 100_000n]);
  });

  for (const [value, total] of [
    [0n, -200_000n],
    [60n * PERCENT, -200_000n],
    [70n * PERCENT, -100_000n],
    // 10 a percentage point: 0.1 cents a smallest step, ten patients.
    [60n * PERCENT + 1n, -199_999n],
    [80n * PERCENT - 1n, -1n],
    [80n * PERCENT, 100_000n],
    [-(2n ** 127n), -200_000n],
    [2n ** 127n - 1n, 100_000n],
  ] as const) {
    it(`given a value of ${value}, when it is reported, then ${total} moves`, async () => {
      const { agreement, reportWager } = await dueToday();
      await reportWager({ value });
      expect((await agreement.clauseState(1, 0)).total).to.equal(total);
    });
  }

  it("given no value, when it is reported, then the amount for not evaluable moves", async () => {
    const { agreement, reportWager } = await dueToday();
    await reportWager({ evaluable: false, value: 85n * PERCENT });
    expect((await agreement.clauseState(1, 0)).total).to.equal(-50_000n);
  });

  it("given a wager in total, when it is reported, then it pays once, however many patients there are", async () => {
    const { agreement, reportWager } = await dueToday();
    await reportWager({ clause: 2, value: 80n * PERCENT + 1n });
    expect((await agreement.clauseState(2, 0)).total).to.equal(300_000n);
  });

  it("given a cohort never opened, when it is reported, then it is worth nothing", async () => {
    const { agreement, reportWager } = await openAgreement(sheet({ clauses }));
    await at("2027-04-01");
    for (const clause of [1, 2]) {
      await reportWager({ clause, evaluable: false });
      expect(await agreement.clauseState(clause, 0)).to.deep.equal([0n, 0n, 1n, 0n, true, 0n]);
    }
  });

  it("given an outcome, when it is reported again, then it is refused", async () => {
    const { agreement, reportWager } = await dueToday();
    await reportWager({ value: 1n });
    await expect(reportWager({ value: 2n }))
      .to.be.revertedWithCustomError(agreement, "AlreadySettled")
      .withArgs(1, 0);
  });

  it("given a pending report, when another follows, then it is refused", async () => {
    const { agreement, reportWager } = await dueToday("{ challengeWindow: 7d, arbiter: Board }");
    await reportWager({ value: 1n });
    expect((await agreement.clauseState(1, 0)).pending).to.equal(1n);
    await expect(reportWager({ value: 2n })).to.be.revertedWithCustomError(agreement, "AlreadySettled");
  });

  it("given enrolment that goes on after the due day, when it is reported, then it waits for the end of enrolment", async () => {
    const { agreement, reportWager, enrol } = await openAgreement(
      sheet({
        cohorts: `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, enrolWithin: 120d, maxPatients: 100 }`,
        clauses,
      }),
    );
    await at("2027-04-30");
    await expect(reportWager())
      .to.be.revertedWithCustomError(agreement, "NotYetDue")
      .withArgs(DUE + 29, DUE + 30);
    await at("2027-05-01");
    await expect(enrol({ patients: 0, indexedDay: DUE - 91 })).to.be.revertedWithCustomError(
      agreement,
      "EnrolmentClosed",
    );
    await reportWager();
  });

  it("given several faults, when it is sent, then they are told in the order of the interface", async () => {
    const { agreement, reportWager } = await dueToday("{ reportEvery: 13d }");
    // 455 days after opening: 35 times 13.
    await refusedInOrder(
      agreement,
      [
        ["UnknownCohort", { cohort: 1 }],
        ["ClauseNotInCohort", { clause: 5 }],
        ["WrongKindOfReport", { clause: 4 }],
        ["WrongKindOfReport", { clause: 0 }],
        ["ReportedByContract", { clause: 3 }],
        ["NotReportingDay", { asOfDay: DUE + 1 }],
        ["AsOfInFuture", { asOfDay: DUE + 13 }],
        ["NotYetDue", { asOfDay: DUE - 13 }],
        ["WrongNumber", { number: 2 }],
        ["Expired", { lastDay: DUE - 1 }],
        ["NotEndorsed", {}, { endorse: endorsedBy([outsider]) }],
      ],
      reportWager,
    );
    await expect(reportWager({ asOfDay: DUE + 13 })).to.be.revertedWithCustomError(agreement, "AsOfInFuture");
    await expect(reportWager({ asOfDay: DUE - 13 })).to.be.revertedWithCustomError(agreement, "AlreadySettled");
  });
});
