import { expect } from "chai";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { sheet } from "./support/sheet.ts";

/** Clauses: 0 paid at enrolment, 1 reported for each patient, 2 by time, 3 reported for the cohort. */
const EVERY_KIND = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  second: { type: milestone, due: 30d, from: payer, to: manufacturer, pays: 10% }
  bonus: { type: wager, metric: survival, due: 30d, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 50%, pays: 10 }], notEvaluable: 0 }`,
});

async function enrolledTwice() {
  const stage = await openAgreement(EVERY_KIND);
  await stage.fund(4_000_000n, 4_000_000n);
  await stage.enrol({ patients: 3 });
  await stage.enrol({ patients: 4 });
  return stage;
}

/** A refusal names what was found and what would have been right: an operator mends its message by it. */
describe("A refusal", () => {
  it("given an enrolment out of turn, then it tells the number found and the next one", async () => {
    const { agreement, enrol } = await enrolledTwice();
    for (const number of [0, 1, 2, 4]) {
      await expect(enrol({ number }), String(number))
        .to.be.revertedWithCustomError(agreement, "WrongNumber")
        .withArgs(number, 3);
    }
    await enrol({ number: 3 });
  });

  it("given a report out of turn, then it tells the number found and the next one", async () => {
    const { agreement, report } = await enrolledTwice();
    await at("2026-04-01");
    await report({ tallies: patients(0, 2) });
    for (const number of [0, 1, 3]) {
      await expect(report({ number, tallies: patients(0, 1) }), String(number))
        .to.be.revertedWithCustomError(agreement, "WrongNumber")
        .withArgs(number, 2);
    }
    await report({ number: 2, tallies: patients(0, 1) });
  });

  it("given a tally too few or too many, then it tells how many there are and how many tiers", async () => {
    const { agreement, report } = await enrolledTwice();
    await at("2026-04-01");
    for (const counts of [[1], [1, 0, 0]]) {
      await expect(report({ tallies: patients(...counts) }))
        .to.be.revertedWithCustomError(agreement, "WrongTallies")
        .withArgs(counts.length, 2);
    }
  });

  it("given an as-of date in the future, then it tells that day and today, in reports of both kinds", async () => {
    const { agreement, report, reportWager } = await enrolledTwice();
    await at("2027-03-01");
    const today = dayOf("2027-03-01");
    const asOfDay = today + 1;
    await expect(report({ asOfDay, tallies: patients(0, 1) }))
      .to.be.revertedWithCustomError(agreement, "AsOfInFuture")
      .withArgs(asOfDay, today);
    await expect(reportWager({ clause: 3, asOfDay }))
      .to.be.revertedWithCustomError(agreement, "AsOfInFuture")
      .withArgs(asOfDay, today);
  });

  it("given a report of the other kind or for what no oracle reports, then it tells the clause", async () => {
    const { agreement, report, reportWager } = await enrolledTwice();
    await at("2027-03-01");
    await expect(report({ clause: 3, tallies: patients(0, 1) }))
      .to.be.revertedWithCustomError(agreement, "WrongKindOfReport")
      .withArgs(3);
    await expect(reportWager({ clause: 1 }))
      .to.be.revertedWithCustomError(agreement, "WrongKindOfReport")
      .withArgs(1);
    await expect(report({ clause: 2, tallies: patients(1) }))
      .to.be.revertedWithCustomError(agreement, "ReportedByContract")
      .withArgs(2);
    await expect(agreement.settleClause(3, 0, 0))
      .to.be.revertedWithCustomError(agreement, "ReportedByOracle")
      .withArgs(3);
  });
});
