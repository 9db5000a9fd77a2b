import { expect } from "chai";

import { at, nextCallAt, openAgreement } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const DAY = 86_400;
const DUE = dayOf("2027-04-01");

const SHEET = sheet({
  oracle: WITH_WINDOW,
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }`,
});

/** A result of 85% waits: worth 100 for each of ten patients. */
async function reported() {
  const stage = await openAgreement(SHEET);
  await stage.fund(2_000_000n, 1_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2027-04-01");
  const { message } = await stage.forgeWager({ value: 850_000n });
  await stage.reportWager(message);
  const { landed } = await stage.agreement.pendingReport(1, 0, 1);
  return { ...stage, message, landed: Number(landed), arbitrated: stage.agreement.connect(stage.arbiter) };
}

const OPEN_BOOKS = [
  [1_000_000n, 100_000n],
  [2_000_000n, 200_000n],
];
const PAID_BOOKS = [
  [900_000n, 0n],
  [2_100_000n, 0n],
];

describe("A wager report with a challenge window", () => {
  it("given it waits, when the week is over to the second, then anyone settles it", async () => {
    const { agreement, message, landed, books } = await reported();
    expect(await books()).to.deep.equal(OPEN_BOOKS);
    await nextCallAt(landed + 7 * DAY - 1);
    await expect(agreement.settleWager(message))
      .to.be.revertedWithCustomError(agreement, "ChallengeWindowOpen")
      .withArgs(landed + 7 * DAY);
    await nextCallAt(landed + 7 * DAY);
    await expect(agreement.settleWager(message)).to.emit(agreement, "Settled").withArgs(1, 0, 1, 0n, 100_000n);
    expect(await books()).to.deep.equal(PAID_BOOKS);
    await expect(agreement.settleWager(message))
      .to.be.revertedWithCustomError(agreement, "AlreadySettled")
      .withArgs(1, 0);
  });

  it("given another content under its number, when it is settled, then it is refused, field by field", async () => {
    const { agreement, message } = await reported();
    await at("2027-04-09");
    const others = [
      { asOfDay: message.asOfDay - 1 },
      { evaluable: false },
      { value: 840_000n },
      { root: `0x${"11".repeat(32)}` },
      { lastDay: message.lastDay + 1 },
    ];
    for (const other of others) {
      await expect(agreement.settleWager({ ...message, ...other })).to.be.revertedWithCustomError(
        agreement,
        "NotThePendingReport",
      );
    }
  });

  it("given it is challenged, when it is rejected, then it may be reported again, and the bond is free", async () => {
    const { agreement, message, arbitrated, as, books, reportWager } = await reported();
    await as(0).challenge(1, 0, 1, 0);
    await expect(agreement.settleWager(message)).to.be.revertedWithCustomError(agreement, "ReportChallenged");
    await arbitrated.ruleWager(message, false);
    expect(await books()).to.deep.equal(OPEN_BOOKS);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([0n, 0n, 1n, BigInt(DUE), false, 0n]);
    const second = { ...message, number: 2, value: 700_000n };
    await reportWager(second);
    await at("2027-04-09");
    await agreement.settleWager(second);
    expect((await agreement.clauseState(1, 0)).total).to.equal(-200_000n);
  });

  it("given it is challenged, when it is upheld, then it settles and the bond goes to the other side", async () => {
    const { agreement, message, arbitrated, as, books } = await reported();
    await as(1).challenge(1, 0, 1, 1);
    await expect(arbitrated.ruleWager(message, true)).to.emit(agreement, "Settled").withArgs(1, 0, 1, 0n, 100_000n);
    expect(await books()).to.deep.equal([
      [910_000n, 0n],
      [2_090_000n, 0n],
    ]);
  });

  it("given it is challenged, when nobody rules in time, then it settles and the bond is free", async () => {
    const { agreement, message, as, books } = await reported();
    await as(0).challenge(1, 0, 1, 0);
    await at("2027-04-12");
    await agreement.settleWager(message);
    expect(await books()).to.deep.equal(PAID_BOOKS);
  });

  it("given several faults, when it is ruled, then they are told in the order of the interface", async () => {
    const { agreement, message, arbitrated, as, stranger } = await reported();
    await expect(agreement.connect(stranger).ruleWager({ ...message, cohort: 9 }, true))
      .to.be.revertedWithCustomError(agreement, "NotArbiter")
      .withArgs(stranger);
    const refused = (overrides: Partial<typeof message>, error: string) =>
      expect(arbitrated.ruleWager({ ...message, ...overrides }, true)).to.be.revertedWithCustomError(agreement, error);
    await refused({ cohort: 9, clause: 9 }, "UnknownCohort");
    await refused({ clause: 9 }, "ClauseNotInCohort");
    await refused({}, "NotChallenged");
    await as(0).challenge(1, 0, 1, 0);
    await refused({ value: 0n }, "NotThePendingReport");
  });

  it("given several faults, when it is settled, then they are told in the order of the interface", async () => {
    const { agreement, message, as } = await reported();
    const refused = (overrides: Partial<typeof message>, error: string) =>
      expect(agreement.settleWager({ ...message, ...overrides })).to.be.revertedWithCustomError(agreement, error);
    await refused({ cohort: 9, clause: 9 }, "UnknownCohort");
    await refused({ clause: 9 }, "ClauseNotInCohort");
    await refused({ number: 2, value: 0n }, "AlreadySettled");
    await refused({ value: 0n }, "NotThePendingReport");
    await refused({}, "ChallengeWindowOpen");
    await as(0).challenge(1, 0, 1, 0);
    await refused({}, "ReportChallenged");
  });
});
