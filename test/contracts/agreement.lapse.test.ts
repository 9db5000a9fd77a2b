import { expect } from "chai";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const WAGER = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }
  whole: { type: wager, basis: total, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: 0 }, { above: 80%, pays: 3000 }], notEvaluable: 1000 }`,
});

/** Ten patients of the first day, due on 2026-04-01, and five of ten days later. */
async function enrolled(source = sheet()) {
  const stage = await openAgreement(source);
  await stage.fund(2_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-01-11");
  await stage.enrol({ patients: 5 });
  return { ...stage, arbitrated: stage.agreement.connect(stage.arbiter) };
}

describe("Silence", () => {
  it("given 30 days to report, when the last of them is not over, then nothing lapses; from the next day on it does", async () => {
    const { agreement, books } = await enrolled();
    await at("2026-05-02", -10);
    await expect(agreement.lapse(1, 0, 1))
      .to.be.revertedWithCustomError(agreement, "ReportingWindowOpen")
      .withArgs(0n, 0n);
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 10n, 300_000n, 5n);
    expect(await books()).to.deep.equal([
      [800_000n, 0n],
      [3_200_000n, 300_000n],
    ]);
    expect((await agreement.clauseState(1, 0)).assessed).to.equal(10n);
  });

  it("given it lapsed, when it lapses again, then only those overdue since count, and none twice", async () => {
    const { agreement } = await enrolled();
    await at("2026-05-02");
    await agreement.lapse(1, 0, 1);
    await expect(agreement.lapse(1, 0, 1)).to.be.revertedWithCustomError(agreement, "ReportingWindowOpen");
    await at("2026-05-12");
    await expect(agreement.lapse(1, 0, 2))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 5n, 150_000n, 0n);
    await expect(agreement.lapse(1, 0, 2))
      .to.be.revertedWithCustomError(agreement, "AlreadySettled")
      .withArgs(1, 0);
  });

  for (const hint of [0n, 1n, 2n, 2n ** 255n]) {
    it(`given ${hint} as a hint, when it lapses, then exactly those overdue count`, async () => {
      const { agreement } = await enrolled();
      await at("2026-05-02");
      await expect(agreement.lapse(1, 0, hint))
        .to.emit(agreement, "Lapsed")
        .withArgs(1, 0, 10n, 300_000n, 5n);
    });
  }

  it("given grace, when the window is counted, then it begins after the grace", async () => {
    const { agreement } = await enrolled(sheet({ oracle: "{ reportWithin: 30d, grace: 28d }" }));
    await at("2026-05-29");
    await expect(agreement.lapse(1, 0, 1)).to.be.revertedWithCustomError(agreement, "ReportingWindowOpen");
    await at("2026-05-30");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 10n, 300_000n, 5n);
  });

  it("given no time to report, when the due day is over, then it lapses", async () => {
    const { agreement, report } = await enrolled(sheet({ oracle: "{}" }));
    await at("2026-04-01");
    await expect(agreement.lapse(1, 0, 1)).to.be.revertedWithCustomError(agreement, "ReportingWindowOpen");
    await report({ tallies: patients(0, 4) });
    await at("2026-04-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 6n, 180_000n, 0n);
  });

  it("given a pending report, when the others lapse, then its patients are left to it", async () => {
    const { agreement, report, forgeReport } = await enrolled(sheet({ oracle: WITH_WINDOW }));
    await at("2026-05-01");
    const { message } = await forgeReport({ tallies: patients(0, 7) });
    await report(message);
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 3n, 90_000n, 5n);
    await expect(agreement.lapse(1, 0, 1))
      .to.be.revertedWithCustomError(agreement, "ReportPending")
      .withArgs(7n);
    await at("2026-05-09");
    await agreement.settleMilestone(message);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([10n, 0n, 1n, 0n, false, 90_000n]);
  });

  it("given a first rejection, when the window was over, then the oracle has its time again, once", async () => {
    const { agreement, arbitrated, report, forgeReport, as } = await enrolled(sheet({ oracle: WITH_WINDOW }));
    async function rejected(): Promise<void> {
      const { message } = await forgeReport({ tallies: patients(0, 15) });
      await report(message);
      await as(0).challenge(1, 0, message.number, 0);
      await arbitrated.ruleMilestone(message, false);
    }
    await at("2026-06-01");
    await rejected();
    const reopenedUntil = dayOf("2026-07-01");
    await at("2026-06-20");
    await rejected();
    expect((await agreement.clauseState(1, 0)).reopenedDay).to.equal(dayOf("2026-06-01"));
    await at("2026-07-01");
    await expect(agreement.lapse(1, 0, 2))
      .to.be.revertedWithCustomError(agreement, "ReportingWindowOpen")
      .withArgs(15n, reopenedUntil);
    await at("2026-07-02");
    await expect(agreement.lapse(1, 0, 2))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 15n, 450_000n, 0n);
  });

  describe("on a wager", () => {
    it("given 30 days to report, when they are over, then the whole is not evaluable", async () => {
      const { agreement, books } = await enrolled(WAGER);
      await at("2027-05-01");
      await expect(agreement.lapse(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "ReportingWindowOpen")
        .withArgs(0n, 0n);
      await at("2027-05-02");
      await expect(agreement.lapse(1, 0, 0))
        .to.emit(agreement, "Lapsed")
        .withArgs(1, 0, 0n, -75_000n, 0n);
      await expect(agreement.lapse(2, 0, 0))
        .to.emit(agreement, "Lapsed")
        .withArgs(2, 0, 0n, 100_000n, 0n);
      expect(await books()).to.deep.equal([
        [475_000n, 0n],
        [3_525_000n, 0n],
      ]);
      await expect(agreement.lapse(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "AlreadySettled")
        .withArgs(1, 0);
    });

    it("given a pending report, when the window is over, then it waits for that", async () => {
      const { agreement, reportWager, forgeWager } = await enrolled(
        WAGER.replace("{ reportWithin: 30d }", WITH_WINDOW),
      );
      await at("2027-05-01");
      const { message } = await forgeWager();
      await reportWager(message);
      await at("2027-06-01");
      await expect(agreement.lapse(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "ReportPending")
        .withArgs(1n);
      await agreement.settleWager(message);
    });

    it("given a rejection, when the window was over, then it is open again for as long", async () => {
      const { agreement, arbitrated, reportWager, forgeWager, as } = await enrolled(
        WAGER.replace("{ reportWithin: 30d }", WITH_WINDOW),
      );
      await at("2027-06-01");
      const { message } = await forgeWager();
      await reportWager(message);
      await as(1).challenge(1, 0, 1, 1);
      await arbitrated.ruleWager(message, false);
      await at("2027-07-01");
      await expect(agreement.lapse(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "ReportingWindowOpen")
        .withArgs(1n, dayOf("2027-07-01"));
      await at("2027-07-02");
      await agreement.lapse(1, 0, 0);
    });

    it("given a cohort never opened, when it lapses, then it ends at nothing", async () => {
      const { agreement } = await openAgreement(WAGER);
      await at("2027-05-02");
      await expect(agreement.lapse(2, 0, 0))
        .to.emit(agreement, "Lapsed")
        .withArgs(2, 0, 0n, 0n, 0n);
      expect((await agreement.clauseState(2, 0)).settled).to.equal(true);
    });
  });

  it("given neither oracle nor arbiter nor parties, when time passes, then anyone's calls release every lock", async () => {
    const { agreement, report, forgeReport, as, books } = await enrolled(
      sheet({
        oracle: WITH_WINDOW,
        clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 40% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 40% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  instalment: { type: milestone, due: 90d, from: payer, to: manufacturer, pays: 10% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }
  volume: { type: wager, metric: enrolled, due: 0d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 10, pays: 20 }] }
  cap: { type: wager, basis: total, metric: outlay, due: 120d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 8000, pays: 2000 }] }`,
      }),
    );
    await at("2026-05-01");
    const { message } = await forgeReport({ tallies: patients(1, 3) });
    await report(message);
    await as(1).challenge(1, 0, 1, 1);
    await at("2027-12-31");
    for (const clause of [1, 2, 3, 4]) await agreement.lapse(clause, 0, 2);
    await agreement.settleMilestone(message);
    await agreement.lapse(5, 0, 0);
    expect((await books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
    const balances = (await books()).map(([balance]) => balance);
    expect(balances[0]! + balances[1]!).to.equal(4_000_000n);
  });

  it("given several faults, when it is called, then they are told in the order of the interface", async () => {
    const { agreement } = await enrolled(WAGER);
    const refused = (clause: number, cohort: number, error: string, ...args: unknown[]) =>
      expect(agreement.lapse(clause, cohort, 0))
        .to.be.revertedWithCustomError(agreement, error)
        .withArgs(...args);
    await refused(9, 9, "UnknownCohort", 9);
    await refused(9, 0, "ClauseNotInCohort", 9, 0);
    await refused(0, 0, "AlreadySettled", 0, 0);
    await refused(1, 0, "ReportingWindowOpen", 0n, 0n);
  });
});
