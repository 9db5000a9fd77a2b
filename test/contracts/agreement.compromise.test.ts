import { expect } from "chai";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { AUTOMATIC, sheet, WITH_WINDOW } from "./support/sheet.ts";

const clauses = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: -10% }], notEvaluable: 30% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: 0 }`;

/** Ten patients: the maker may owe 600 a patient and the payer 100 under clause 1; 200 and 100 under clause 2. */
async function enrolled(parts: Parameters<typeof sheet>[0] = {}) {
  const stage = await openAgreement(sheet({ clauses, ...parts }));
  await stage.fund(2_000_000n, 1_000_000n);
  await stage.enrol({ patients: 10 });
  return stage;
}

describe("A compromise", () => {
  it("given patients outstanding, when the parties agree, then these are settled at its total, due or not", async () => {
    const { agreement, perform, books } = await enrolled();
    const [payer, maker] = await books();
    await expect(perform("agree", { patients: 4, total: 50_000n }))
      .to.emit(agreement, "Agreed")
      .withArgs(1, 0, 1, 4, 50_000n);
    expect(await books()).to.deep.equal([
      [payer![0] + 50_000n, payer![1] - 4n * 10_000n],
      [maker![0] - 50_000n, maker![1] - 4n * 60_000n],
    ]);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([4n, 0n, 0n, 0n, false, 50_000n]);
  });

  it("given automatic payout, when the parties agree, then each side is sent what it set free", async () => {
    const { agreement, perform, party } = await enrolled({ parties: AUTOMATIC });
    const sent = await perform("agree", { patients: 4, total: 50_000n });
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), 90_000n);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(1, party(1), 190_000n);
  });

  it("given a total at either lock, then it is taken; a cent beyond, it is refused", async () => {
    const { agreement, perform } = await enrolled();
    for (const total of [240_001n, -40_001n, 2n ** 127n - 1n, -(2n ** 127n)]) {
      await expect(perform("agree", { patients: 4, total }))
        .to.be.revertedWithCustomError(agreement, "TotalOutsideLock")
        .withArgs(total, 240_000n, 40_000n);
    }
    await perform("agree", { patients: 4, total: 240_000n });
    await perform("agree", { patients: 4, total: -40_000n });
    expect((await agreement.clauseState(1, 0)).total).to.equal(200_000n);
  });

  it("given more patients than are outstanding, then it is refused; those in pending reports are not", async () => {
    const { agreement, perform, report, forgeReport } = await enrolled({ oracle: WITH_WINDOW });
    await at("2026-04-01");
    const { message } = await forgeReport({ tallies: patients(0, 6) });
    await report(message);
    await expect(perform("agree", { patients: 5 }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(5n, 4n);
    await perform("agree", { patients: 4 });
    await at("2026-04-09");
    await agreement.settleMilestone(message);
    await expect(perform("agree", { patients: 1 }))
      .to.be.revertedWithCustomError(agreement, "AlreadySettled")
      .withArgs(1, 0);
  });

  it("given patients settled so, when the others are reported, then none counts twice", async () => {
    const { agreement, perform, report } = await enrolled();
    await perform("agree", { patients: 4 });
    await at("2026-04-01");
    await expect(report({ notEvaluable: 7 }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(7n, 6n);
    await report({ notEvaluable: 6 });
  });

  describe("on a wager", () => {
    it("given enrolment is over, when the parties agree, then the whole is settled", async () => {
      const { agreement, perform, books } = await enrolled();
      const [payer, maker] = await books();
      await expect(perform("agree", { clause: 2, total: -70_000n }))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(dayOf("2026-01-01"), dayOf("2027-01-01"));
      await at("2027-01-01");
      await perform("agree", { clause: 2, total: -70_000n });
      expect(await books()).to.deep.equal([
        [payer![0] + 70_000n, payer![1] - 100_000n],
        [maker![0] - 70_000n, maker![1] - 200_000n],
      ]);
      expect((await agreement.clauseState(2, 0)).settled).to.equal(true);
    });

    it("given the parties ended enrolment, when they agree, then they need not wait", async () => {
      const { agreement, perform } = await enrolled();
      await perform("terminate");
      await expect(perform("agree", { clause: 2, total: 100_001n }))
        .to.be.revertedWithCustomError(agreement, "TotalOutsideLock")
        .withArgs(100_001n, 100_000n, 200_000n);
      await perform("agree", { clause: 2, total: 100_000n });
      await expect(perform("agree", { clause: 2 })).to.be.revertedWithCustomError(agreement, "AlreadySettled");
    });

    it("given a pending report, when the parties agree, then that is first", async () => {
      const { agreement, perform, reportWager } = await enrolled({ oracle: WITH_WINDOW });
      await at("2027-04-01");
      await reportWager({ clause: 2 });
      await expect(perform("agree", { clause: 2 }))
        .to.be.revertedWithCustomError(agreement, "ReportPending")
        .withArgs(1n);
    });
  });

  it("given a payment at enrolment, when the parties agree on it, then nothing is outstanding", async () => {
    const { agreement, perform } = await enrolled();
    await expect(perform("agree", { clause: 0 }))
      .to.be.revertedWithCustomError(agreement, "AlreadySettled")
      .withArgs(0, 0);
  });

  it("given an unknown place, when the parties agree, then it is refused", async () => {
    const { agreement, perform } = await enrolled();
    await expect(perform("agree", { cohort: 1 }))
      .to.be.revertedWithCustomError(agreement, "UnknownCohort")
      .withArgs(1);
    await expect(perform("agree", { clause: 3 }))
      .to.be.revertedWithCustomError(agreement, "ClauseNotInCohort")
      .withArgs(3, 0);
  });
});
