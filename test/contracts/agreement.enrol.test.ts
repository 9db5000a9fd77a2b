import { expect } from "chai";
import { id } from "ethers";

import { at, openAgreement } from "./support/agreement.ts";
import { dayOf, endorsedBy, outsider } from "./support/chain.ts";
import { refusedInOrder } from "./support/ladder.ts";
import { AUTOMATIC, sheet } from "./support/sheet.ts";

const OPENS = dayOf("2026-01-01");
const CLOSES = dayOf("2027-01-01");

/** Funded for a hundred patients. */
async function open(source = sheet()) {
  const stage = await openAgreement(source);
  await stage.fund(10_000_000n, 6_000_000n);
  return stage;
}

const LATE = sheet({
  cohorts: `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, enrolWithin: 10d, maxPatients: 100 }`,
});

const TOTALS = sheet({
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  each: { type: wager, metric: survival, due: 1y, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: 0 }
  whole: { type: wager, basis: total, metric: survival, due: 1y, from: payer, to: manufacturer, pays: [{ pays: -5000 }, { atLeast: 80%, pays: 3000 }], notEvaluable: 0 }`,
});

describe("Enrolment", () => {
  it("given funds, when patients enrol, then the treatment is paid and the refund is locked", async () => {
    const { agreement, enrol, books } = await open();
    await expect(enrol({ patients: 10 }))
      .to.emit(agreement, "Enrolled")
      .withArgs(0, 1, 10, OPENS, id("root"));
    expect(await books()).to.deep.equal([
      [9_000_000n, 0n],
      [7_000_000n, 600_000n],
    ]);
    expect(await agreement.cohortState(0)).to.deep.equal([10n, 1n, BigInt(OPENS), true]);
    expect(await agreement.batchOf(0, 1)).to.deep.equal([BigInt(OPENS), 10n, id("root").slice(0, 50)]);
  });

  it("given several batches, when a day is asked for, then the batches and patients indexed by then are told", async () => {
    const { agreement, enrol } = await open();
    await at("2026-03-01");
    await enrol({ patients: 3, indexedDay: OPENS + 5 });
    await enrol({ patients: 4, indexedDay: OPENS + 5 });
    await enrol({ patients: 5, indexedDay: OPENS + 9 });
    expect(await agreement.dueBatches(0, OPENS + 4)).to.deep.equal([0n, 0n]);
    expect(await agreement.dueBatches(0, OPENS + 5)).to.deep.equal([2n, 7n]);
    expect(await agreement.dueBatches(0, OPENS + 8)).to.deep.equal([2n, 7n]);
    expect(await agreement.dueBatches(0, OPENS + 9)).to.deep.equal([3n, 12n]);
  });

  it("given a maker without deposit, when patients enrol, then the price that it is paid covers its lock", async () => {
    const { fund, enrol, books } = await openAgreement(sheet());
    await fund(1_000_000n);
    await enrol({ patients: 10 });
    expect(await books()).to.deep.equal([
      [0n, 0n],
      [1_000_000n, 600_000n],
    ]);
  });

  it("given too little, when patients enrol, then it is refused with what the account needs", async () => {
    const { agreement, fund, enrol, books } = await openAgreement(sheet());
    await fund(999_999n);
    await expect(enrol({ patients: 10 }))
      .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
      .withArgs(0, 999_999n, 1_000_000n);
    expect(await books()).to.deep.equal([
      [999_999n, 0n],
      [0n, 0n],
    ]);
  });

  it("given automatic payout, when patients enrol, then the maker is sent what is free and the payer nothing", async () => {
    const { agreement, enrol, books, token, party } = await open(sheet({ parties: AUTOMATIC }));
    await expect(enrol({ patients: 10 }))
      .to.emit(agreement, "PaidOut")
      .withArgs(1, party(1), 400_000n);
    expect(await books()).to.deep.equal([
      [9_000_000n, 0n],
      [6_600_000n, 600_000n],
    ]);
    expect(await token.balanceOf(party(1))).to.equal(400_000n);
    expect(await token.balanceOf(party(0))).to.equal(0n);
  });

  it("given clauses in total, when a cohort is opened without patients, then they lock once and for all", async () => {
    const { agreement, enrol, books } = await open(TOTALS);
    await enrol({ patients: 0 });
    expect((await agreement.cohortState(0)).opened).to.equal(true);
    expect(await books()).to.deep.equal([
      [10_000_000n, 300_000n],
      [6_000_000n, 500_000n],
    ]);
    await enrol({ patients: 2 });
    expect(await books()).to.deep.equal([
      [9_800_000n, 320_000n],
      [6_200_000n, 540_000n],
    ]);
  });

  describe("its window", () => {
    it("takes index days from the first to the one before closing", async () => {
      const { agreement, enrol } = await open(LATE);
      await at("2027-01-05");
      await expect(enrol({ indexedDay: OPENS - 1 }))
        .to.be.revertedWithCustomError(agreement, "EnrolmentClosed")
        .withArgs(CLOSES + 4, OPENS - 1);
      await expect(enrol({ indexedDay: CLOSES })).to.be.revertedWithCustomError(agreement, "EnrolmentClosed");
      await enrol({ indexedDay: OPENS });
      await enrol({ indexedDay: CLOSES - 1 });
    });

    it("takes no index day after today", async () => {
      const { agreement, enrol } = await open();
      await expect(enrol({ indexedDay: OPENS + 1 }))
        .to.be.revertedWithCustomError(agreement, "EnrolmentClosed")
        .withArgs(OPENS, OPENS + 1);
    });

    it("ends with the last day of enrolWithin, to the second", async () => {
      const { agreement, enrol } = await open(LATE);
      await at("2027-01-11", -10);
      await enrol({ indexedDay: CLOSES - 1, patients: 1 });
      await at("2027-01-11");
      await expect(enrol({ indexedDay: CLOSES - 1, patients: 1 }))
        .to.be.revertedWithCustomError(agreement, "EnrolmentClosed")
        .withArgs(CLOSES + 10, CLOSES - 1);
    });
  });

  it("given a batch, when an earlier index day follows, then it is refused; the straggler joins a later one", async () => {
    const { agreement, enrol } = await open();
    await at("2026-02-01");
    await enrol({ indexedDay: OPENS + 20 });
    await expect(enrol({ indexedDay: OPENS + 19 }))
      .to.be.revertedWithCustomError(agreement, "IndexOutOfOrder")
      .withArgs(OPENS + 19, OPENS + 20);
    await enrol({ indexedDay: OPENS + 20, patients: 1 });
  });

  it("given a cohort, when one patient too many enrols, then it is refused", async () => {
    const { agreement, enrol } = await open();
    await enrol({ patients: 60 });
    await expect(enrol({ patients: 41 }))
      .to.be.revertedWithCustomError(agreement, "CohortFull")
      .withArgs(101n, 100n);
    await enrol({ patients: 40 });
  });

  it("given an authoriser, when it has not signed this very message, then enrolment is refused", async () => {
    const { agreement, forgeEnrolment, enrol, party, stranger } = await open(
      sheet({ oracle: "{ authorisedBy: payer/Fund }" }),
    );
    const genuine = await forgeEnrolment();
    const another = await forgeEnrolment({ patients: 9 });
    for (const authorisation of ["0x", another.authorisation]) {
      await expect(agreement.enrol(genuine.message, genuine.endorsement, authorisation))
        .to.be.revertedWithCustomError(agreement, "NotAuthorised")
        .withArgs(genuine.digest);
    }
    for (const authoriser of [party(1), stranger]) {
      await expect(enrol({}, { authoriser })).to.be.revertedWithCustomError(agreement, "NotAuthorised");
    }
    await agreement.enrol(genuine.message, genuine.endorsement, genuine.authorisation);
  });

  it("given an authoriser's account handed over, when patients enrol, then the new holder's signature counts", async () => {
    const { agreement, as, enrol, party, stranger } = await open(sheet({ oracle: "{ authorisedBy: payer/Fund }" }));
    await as(0).assign(0, stranger);
    await expect(enrol({}, { authoriser: party(0) })).to.be.revertedWithCustomError(agreement, "NotAuthorised");
    await expect(enrol({}, { authoriser: stranger })).to.emit(agreement, "Enrolled");
  });

  it("given several faults, when it is sent, then they are told in the order of the interface", async () => {
    const { agreement, enrol, fund, stranger, perform } = await openAgreement(
      sheet({ oracle: "{ authorisedBy: payer/Fund }" }),
    );
    await fund(1_000_000n);
    await at("2026-02-01");
    await enrol({ patients: 1, indexedDay: OPENS + 2 });
    await refusedInOrder(
      agreement,
      [
        ["UnknownCohort", { cohort: 1 }],
        ["EnrolmentClosed", { indexedDay: OPENS - 1 }],
        ["IndexOutOfOrder", { indexedDay: OPENS + 1 }],
        ["CohortFull", { patients: 100 }],
        ["WrongNumber", { number: 1 }],
        ["Expired", { lastDay: OPENS }],
        ["NotEndorsed", {}, { endorse: endorsedBy([outsider]) }],
        ["NotAuthorised", {}, { authoriser: stranger }],
        ["InsufficientEscrow", { patients: 10 }],
      ],
      (overrides, signing) => enrol({ patients: 5, ...overrides }, signing),
    );
    await perform("terminate");
    await expect(enrol({ cohort: 1 }))
      .to.be.revertedWithCustomError(agreement, "UnknownCohort")
      .withArgs(1);
    await expect(enrol({ indexedDay: 0 })).to.be.revertedWithCustomError(agreement, "EnrolmentTerminated");
  });
});
