import { expect } from "chai";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { sheet } from "./support/sheet.ts";

const OPENS = dayOf("2026-01-01");
const CLOSES = dayOf("2027-01-01");

const BY_TIME = sheet({
  oracle: "{ grace: 28d }",
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 40% }
  instalment: { type: milestone, due: 90d, from: payer, to: manufacturer, pays: 60% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }`,
});

const OUTLAY = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  volume: { type: wager, metric: enrolled, due: 0d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 10, pays: 20 }] }
  cap: { type: wager, basis: total, metric: outlay, due: 120d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 8000, pays: 0, perUnit: 1 }, { atLeast: 10000, pays: 2000 }] }`,
});

describe("A clause that the contract settles by itself", () => {
  describe("a payment by time", () => {
    async function open() {
      const stage = await openAgreement(BY_TIME);
      await stage.fund(2_000_000n, 1_000_000n);
      await stage.enrol({ patients: 10 });
      await at("2026-01-11");
      await stage.enrol({ patients: 5 });
      return stage;
    }

    it("given patients due, when anyone settles it, then these are paid for, without grace, and no other", async () => {
      const { agreement, books } = await open();
      await at("2026-03-31");
      await expect(agreement.settleClause(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(0n, 0n);
      await at("2026-04-01");
      const [payer, maker] = await books();
      await expect(agreement.settleClause(1, 0, 1))
        .to.emit(agreement, "SettledByContract")
        .withArgs(1, 0, 10n, 600_000n);
      expect(await books()).to.deep.equal([
        [payer![0] - 600_000n, payer![1] - 600_000n],
        [maker![0] + 600_000n, maker![1]],
      ]);
      await expect(agreement.settleClause(1, 0, 1))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(10n, 10n);
    });

    it("given all paid for, when it is settled again, then it is refused", async () => {
      const { agreement } = await open();
      await at("2026-04-11");
      await expect(agreement.settleClause(1, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(1, 0, 15n, 900_000n);
      for (const call of [agreement.settleClause(1, 0, 2), agreement.lapse(1, 0, 2)]) {
        await expect(call).to.be.revertedWithCustomError(agreement, "AlreadySettled").withArgs(1, 0);
      }
    });

    it("given patients due, when it lapses, then it is settled all the same", async () => {
      const { agreement } = await open();
      await expect(agreement.lapse(1, 0, 0))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(0n, 0n);
      await at("2026-04-01");
      await expect(agreement.lapse(1, 0, 1))
        .to.emit(agreement, "SettledByContract")
        .withArgs(1, 0, 10n, 600_000n);
    });

    it("given a compromise before the due day, when that comes, then those patients are not paid for twice", async () => {
      const { agreement, perform } = await open();
      await perform("agree", { clause: 1, patients: 12, total: 0n });
      await at("2026-04-01");
      await expect(agreement.settleClause(1, 0, 1))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(10n, 12n);
      await at("2026-04-11");
      await expect(agreement.settleClause(1, 0, 2))
        .to.emit(agreement, "SettledByContract")
        .withArgs(1, 0, 3n, 180_000n);
    });

    it("given a payment at enrolment, when somebody settles it, then there is nothing to settle", async () => {
      const { agreement } = await open();
      for (const call of [agreement.settleClause(0, 0, 0), agreement.lapse(0, 0, 0)]) {
        await expect(call).to.be.revertedWithCustomError(agreement, "AlreadySettled").withArgs(0, 0);
      }
      expect(await agreement.clauseState(0, 0)).to.deep.equal([15n, 0n, 0n, 0n, false, 600_000n]);
    });
  });

  describe("a wager on what it knows", () => {
    async function open(enrolled = 10) {
      const stage = await openAgreement(OUTLAY);
      await stage.fund(2_000_000n, 1_000_000n);
      await stage.enrol({ patients: enrolled });
      return stage;
    }

    it("given the cohort closed, when the number enrolled is settled, then it counts every patient", async () => {
      const { agreement } = await open();
      await at("2026-12-31");
      await expect(agreement.settleClause(2, 0, 0))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(CLOSES - 1, CLOSES);
      await at("2027-01-01");
      await expect(agreement.settleClause(2, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(2, 0, 0n, 20_000n);
      expect((await agreement.clauseState(2, 0)).settled).to.equal(true);
      await expect(agreement.settleClause(2, 0, 0)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
      await expect(agreement.lapse(2, 0, 0)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
    });

    it("given one patient fewer, when the number enrolled is settled, then the lower tier holds", async () => {
      const { agreement } = await open(9);
      await at("2027-01-01");
      await expect(agreement.lapse(2, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(2, 0, 0n, 0n);
    });

    it("given outcomes outstanding, when outlay is settled, then it names the clause it waits for", async () => {
      const { agreement, report } = await open();
      await at("2027-05-01");
      const refused = (clause: number) =>
        expect(agreement.settleClause(3, 0, 0))
          .to.be.revertedWithCustomError(agreement, "OutcomesOutstanding")
          .withArgs(clause);
      await refused(1);
      await report({ tallies: patients(1, 8) });
      await refused(1);
      await report({ tallies: patients(1, 0) });
      await refused(2);
      await agreement.settleClause(2, 0, 0);
      // Paid 10,000, had back 2 × 600 and 10 × 20: an outlay of 8,600, of which the 600 over 8,000 come back.
      await expect(agreement.settleClause(3, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(3, 0, 0n, 60_000n);
    });

    it("given everything ended, when outlay is not due, then it waits", async () => {
      const { agreement, report } = await open();
      await at("2027-01-01");
      await report({ tallies: patients(0, 10) });
      await agreement.settleClause(2, 0, 0);
      await expect(agreement.lapse(3, 0, 0))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(CLOSES, CLOSES + 120);
      await at("2027-05-01");
      await expect(agreement.lapse(3, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(3, 0, 0n, 180_000n);
    });

    it("given a settled wager, when a lock was held for it, then nothing stays locked", async () => {
      const { agreement, report, books } = await open();
      await at("2027-05-01");
      await report({ tallies: patients(0, 10) });
      await agreement.settleClause(2, 0, 0);
      await agreement.settleClause(3, 0, 0);
      expect((await books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
    });

    it("given a cohort without patients, when it is settled, then nothing moves", async () => {
      const { agreement } = await openAgreement(OUTLAY);
      await at("2027-05-01");
      await expect(agreement.settleClause(2, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(2, 0, 0n, 0n);
      await expect(agreement.settleClause(3, 0, 0))
        .to.emit(agreement, "SettledByContract")
        .withArgs(3, 0, 0n, 0n);
    });
  });

  it("given several faults, when it is called, then they are told in the order of the interface", async () => {
    const { agreement, fund, enrol, report } = await openAgreement(OUTLAY);
    await fund(2_000_000n, 1_000_000n);
    await enrol({ patients: 10 });
    const refused = (clause: number, cohort: number, error: string, ...args: unknown[]) =>
      expect(agreement.settleClause(clause, cohort, 0))
        .to.be.revertedWithCustomError(agreement, error)
        .withArgs(...args);
    await refused(9, 9, "UnknownCohort", 9);
    await refused(9, 0, "ClauseNotInCohort", 9, 0);
    await refused(1, 0, "ReportedByOracle", 1);
    await refused(3, 0, "NotYetDue", OPENS, CLOSES + 120);
    await at("2026-04-01");
    await report({ tallies: patients(0, 10) });
    await refused(1, 0, "AlreadySettled", 1, 0);
  });
});
