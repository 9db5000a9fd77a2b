import { expect } from "chai";

import type { SignedTerms } from "../../../terms/onchain/compile.ts";
import { dayAsNumber } from "../../../terms/calendar.ts";
import { at, ethers, nextCallAt, openAgreement, patients, today } from "../support/agreement.ts";
import { dayOf, networkHelpers } from "../support/chain.ts";
import { draft } from "../support/draft.ts";
import { AUTOMATIC, sheet, WITH_WINDOW } from "../support/sheet.ts";
import { CROWD, MOST_AMOUNT, MOST_PATIENTS } from "./support/extremes.ts";
import { clauseWord, cohortWord, setMapped } from "./support/storage.ts";

const DAY = 86_400;
/** The largest sum of worst cases that the factory takes. */
const MOST_EXPOSURE = 2n ** 111n - 1n;
const FULL = 2n ** 120n - 1n;
const PANIC_OVERFLOW = 0x11;

/** An agreement of one cohort, on the day it opens; with a window only where the terms are stretched to one. */
const opened = (opens: string, closes: string, stretch?: (terms: SignedTerms) => void) =>
  openAgreement(sheet(stretch && { oracle: WITH_WINDOW }), {
    on: opens,
    stretch: (terms) => {
      Object.assign(terms.cohorts[0]!, { opens: dayAsNumber(dayOf(opens)), closes: dayAsNumber(dayOf(closes)) });
      stretch?.(terms);
    },
  });

const cohorts = (patients: number | bigint, closes = "2027-01-01") => `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: ${closes}, maxPatients: ${patients} }`;

describe("At its smallest", () => {
  it("given one patient at a cent, then it is enrolled, assessed and paid", async () => {
    const stage = await openAgreement(sheet({ parties: AUTOMATIC, cohorts: cohorts(1) }), {
      stretch: (terms) => {
        terms.clauses[0]!.payoffs[0]!.pays = 1n;
        terms.clauses[1]!.payoffs[0]!.pays = 1n;
      },
    });
    await stage.fund(1n, 300n * 100n);
    await stage.enrol({ patients: 1 });
    await expect(stage.enrol({ patients: 1 })).to.be.revertedWithCustomError(stage.agreement, "CohortFull");
    await at("2026-04-01");
    await stage.report({ tallies: patients(1, 0) });
    const { assessed, total } = await stage.agreement.clauseState(1, 0);
    expect([assessed, total]).to.deep.equal([1n, 1n]);
    expect((await stage.books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
  });

  it("given nobody, then a batch opens its cohort and its wagers end", async () => {
    const clauses = `
  bonus: { type: wager, metric: enrolled, due: 0d, basis: total, from: payer, to: manufacturer, pays: [{ pays: 5 }, { atLeast: 1, pays: 0 }] }`;
    const stage = await openAgreement(sheet({ clauses, cohorts: cohorts(1) }));
    await stage.fund(500n);
    await stage.enrol({ patients: 0 });
    expect((await stage.books())[0]).to.deep.equal([500n, 500n]);
    await at("2027-01-01");
    await expect(stage.agreement.settleClause(0, 0, 0))
      .to.emit(stage.agreement, "SettledByContract")
      .withArgs(0, 0, 0, 500n);
  });
});

describe("At its largest", () => {
  it("given all the patients that 32 bits count, in one batch and one report, then each is assessed and one more refused", async () => {
    const stage = await openAgreement(sheet({ cohorts: cohorts(MOST_PATIENTS) }));
    const { agreement, enrol, report, books } = stage;
    const price = 100_000n * MOST_PATIENTS;
    await stage.fund(price);
    await enrol({ patients: Number(MOST_PATIENTS) });
    await expect(enrol({ patients: 1 }))
      .to.be.revertedWithCustomError(agreement, "CohortFull")
      .withArgs(MOST_PATIENTS + 1n, MOST_PATIENTS);
    await expect(enrol({ patients: Number(MOST_PATIENTS) }))
      .to.be.revertedWithCustomError(agreement, "CohortFull")
      .withArgs(2n * MOST_PATIENTS, MOST_PATIENTS);
    expect(await books()).to.deep.equal([
      [0n, 0n],
      [price, 60_000n * MOST_PATIENTS],
    ]);
    await at("2026-04-01");
    const most = Number(MOST_PATIENTS);
    await expect(report({ tallies: patients(most, most), notEvaluable: most }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(3n * MOST_PATIENTS, MOST_PATIENTS);
    await report({ tallies: patients(1, most - 2), notEvaluable: 1 });
    const { assessed, total } = await agreement.clauseState(1, 0);
    expect([assessed, total]).to.deep.equal([MOST_PATIENTS, 90_000n]);
    await expect(report({ tallies: patients(1, 0) })).to.be.revertedWithCustomError(
      agreement,
      "MorePatientsThanEnrolled",
    );
    expect((await books())[1]).to.deep.equal([price - 90_000n, 0n]);
  });

  it("given the largest amounts, then they are locked, paid to the last unit, and one more is refused by name", async () => {
    const largest = (terms: SignedTerms) => {
      const [treatment, refund] = terms.clauses;
      treatment!.payoffs[0]!.pays = MOST_AMOUNT;
      Object.assign(refund!.payoffs[0]!, {
        pays: MOST_AMOUNT,
        tiers: [{ atLeast: 1n, pays: -MOST_AMOUNT, slope: 0n }],
        notEvaluable: -MOST_AMOUNT,
      });
    };
    const stage = await openAgreement(sheet({ parties: AUTOMATIC, cohorts: cohorts(100) }), { stretch: largest });
    const { agreement, enrol, report, books, token, party } = stage;
    const all = 100n * MOST_AMOUNT;
    await stage.fund(2n * all, all);
    await enrol({ patients: 100 });
    expect(await books()).to.deep.equal([
      [all, all],
      [2n * all, all],
    ]);
    await at("2026-04-01");
    await report({ tallies: patients(0, 50), notEvaluable: 50 });
    // The payer has lost all it had; the maker is paid what this set free.
    expect(await books()).to.deep.equal([
      [0n, 0n],
      [all, 0n],
    ]);
    expect(await token.balanceOf(party(1))).to.equal(2n * all);
    expect((await agreement.clauseState(1, 0)).total).to.equal(-all);

    for (const amount of [MOST_AMOUNT + 1n, -MOST_AMOUNT - 1n]) {
      const terms = structuredClone(stage.terms);
      terms.clauses[1]!.payoffs[0]!.pays = amount;
      await expect(stage.factory.pack(terms))
        .to.be.revertedWithCustomError(stage.factory, "InvalidTerms")
        .withArgs("clauses.payoffs.pays", MOST_AMOUNT + 1n, MOST_AMOUNT);
    }
  });

  it("given the largest exposure, then its total fits the clause's slot; one patient more is refused by name", async () => {
    // As many patients at the largest amount as fit, and a second clause for the rest.
    const count = 2n ** 16n;
    const rest = MOST_EXPOSURE - count * MOST_AMOUNT;
    const exposed = (more: bigint) => (terms: SignedTerms) => {
      const [treatment, refund] = terms.clauses;
      Object.assign(refund!.payoffs[0]!, { pays: MOST_AMOUNT, tiers: [], notEvaluable: 0n });
      Object.assign(treatment!, { kind: "wager in total", metric: "score" });
      Object.assign(treatment!.payoffs[0]!, { pays: rest + more, notEvaluable: 0n });
    };
    const stage = await openAgreement(sheet({ cohorts: cohorts(count) }), { stretch: exposed(0n) });
    const { agreement, factory, enrol, report, fund, books } = stage;
    await fund(rest, count * MOST_AMOUNT);
    await enrol({ patients: Number(count) });
    expect((await books()).reduce((sum, [, locked]) => sum + locked, 0n)).to.equal(MOST_EXPOSURE);
    await at("2026-04-01");
    await report({ tallies: patients(Number(count)) });
    expect((await agreement.clauseState(1, 0)).total).to.equal(count * MOST_AMOUNT);
    expect((await books())[0]).to.deep.equal([rest + count * MOST_AMOUNT, rest]);

    const drafted = await draft(sheet({ cohorts: cohorts(count) }), { stretch: exposed(1n) });
    await expect(factory.pack(drafted.terms))
      .to.be.revertedWithCustomError(factory, "InvalidTerms")
      .withArgs("exposure of all cohorts", MOST_EXPOSURE + 1n, MOST_EXPOSURE);
  });

  it("given the largest bond and a ledger that is full, then it is locked and goes to the other side", async () => {
    const stage = await openAgreement(sheet({ oracle: WITH_WINDOW }), {
      stretch: (terms) => (terms.oracle.challengeBond = MOST_AMOUNT),
    });
    const { agreement, enrol, report, forgeReport, as, arbiter, fund, books } = stage;
    await fund(1_000_000n, FULL - 1_000_000n);
    await enrol({ patients: 10 });
    await at("2026-04-01");
    const { message } = await forgeReport({ tallies: patients(0, 10) });
    await report(message);
    await as(1).challenge(1, 0, 1, 1);
    expect((await books())[1]).to.deep.equal([FULL, 600_000n + MOST_AMOUNT]);
    await agreement.connect(arbiter).ruleMilestone(message, true);
    expect(await books()).to.deep.equal([
      [MOST_AMOUNT, 0n],
      [FULL - MOST_AMOUNT, 0n],
    ]);
  });

  it("given sixteen members and 64 clauses, then everybody's part is released to the last unit, by report and by silence", async () => {
    const stage = await openAgreement(
      sheet({ parties: CROWD.replaceAll("automatic", "on-request"), cohorts: cohorts(10) }),
      {
        byKey: true,
        stretch: (terms) => {
          const [treatment, refund] = terms.clauses;
          terms.clauses = [treatment!, ...Array.from({ length: 63 }, (_, i) => ({ ...refund!, id: `${i}` }))];
          // Odd amounts, so that every part is rounded.
          refund!.payoffs[0]!.pays = 101n;
          refund!.payoffs[0]!.notEvaluable = 7n;
        },
      },
    );
    const { agreement, enrol, report, fund, books } = stage;
    await fund(1_000_000n, ...Array.from({ length: 15 }, () => 100_000n));
    const before = (await books()).reduce((sum, [balance]) => sum + balance, 0n);
    await enrol({ patients: 10 });
    await at("2026-04-01");
    for (let clause = 1; clause < 33; clause++) await report({ clause, tallies: patients(3, 7) });
    await at("2026-06-01");
    for (let clause = 33; clause < 64; clause++) await agreement.lapse(clause, 0, 1);
    const after = await books();
    expect(after.map(([, locked]) => locked)).to.deep.equal(after.map(() => 0n));
    expect(after.reduce((sum, [balance]) => sum + balance, 0n)).to.equal(before);
  });

  it("given a token with 36 decimals beyond the currency's, then a cent is 10^36 units all the way", async () => {
    const stage = await openAgreement(sheet({ parties: AUTOMATIC }), {
      token: () => ethers.deployContract("PlainToken", [38]),
    });
    await stage.fund(2_000_000n);
    await stage.enrol({ patients: 10 });
    await at("2026-04-01");
    const sent = await stage.report({ tallies: patients(2, 8) });
    await expect(sent)
      .to.emit(stage.agreement, "PaidOut")
      .withArgs(0, stage.party(0), 120_000n * 10n ** 36n);
  });

  for (const [decimals, currency] of [
    [0, 0],
    [18, 0],
    [18, 18],
    [6, 2],
  ] as const) {
    it(`given a token of ${decimals} decimals and a currency of ${currency}, then the ledger counts the currency's`, async () => {
      const stage = await openAgreement(sheet({ parties: AUTOMATIC }), {
        token: () => ethers.deployContract("PlainToken", [decimals]),
        stretch: (terms) => (terms.decimals = currency),
      });
      const unit = 10n ** BigInt(decimals - currency);
      await stage.fund(2_000_000n);
      await stage.enrol({ patients: 10 });
      expect((await stage.books())[0]).to.deep.equal([1_000_000n, 0n]);
      expect(await stage.token.balanceOf(stage.address)).to.equal(1_600_000n * unit);
      await at("2026-04-01");
      const sent = await stage.report({ tallies: patients(2, 8) });
      await expect(sent)
        .to.emit(stage.agreement, "PaidOut")
        .withArgs(1, stage.party(1), 480_000n * unit);
    });
  }
});

describe("At the ends of its numbers", () => {
  it("given a clause whose report numbers are used up, then no report is taken, and silence still settles", async () => {
    const stage = await openAgreement(sheet());
    const { agreement, address, enrol, report, fund } = stage;
    await fund(2_000_000n);
    await enrol({ patients: 10 });
    await at("2026-04-01");
    const last = 2n ** 32n - 1n;
    const shown = (number: bigint) => async () => (await agreement.clauseState(1, 0)).number === number;
    await setMapped(address, [1n << 16n], clauseWord(0n, 0n, last - 1n), shown(last - 1n));
    await report({ tallies: patients(1, 1), number: Number(last) });
    await expect(report({ tallies: patients(1, 1), number: Number(last) })).to.be.revertedWithPanic(PANIC_OVERFLOW);
    await expect(report({ tallies: patients(1, 1), number: 0 })).to.be.revertedWithPanic(PANIC_OVERFLOW);
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 8n, 240_000n, 0n);
  });

  it("given a cohort whose batches are used up, then nobody more is enrolled, and those enrolled settle", async () => {
    const stage = await openAgreement(sheet());
    const { agreement, address, enrol, report, fund } = stage;
    await fund(2_000_000n);
    const last = 2n ** 32n - 1n;
    await setMapped(
      address,
      [0n],
      cohortWord(0n, last - 1n, BigInt(await today())),
      async () => (await agreement.cohortState(0)).number === last - 1n,
    );
    await enrol({ patients: 10 });
    await expect(enrol({ patients: 10, number: 0 })).to.be.revertedWithPanic(PANIC_OVERFLOW);
    await at("2026-04-01");
    await expect(report({ tallies: patients(2, 8) }, { hint: 2n ** 256n - 1n })).to.emit(
      agreement,
      "MilestoneReported",
    );
  });

  it("given any hint, then the same patients are due", async () => {
    const stage = await openAgreement(sheet());
    const { agreement, enrol, fund, forgeReport } = stage;
    await fund(4_000_000n, 1_000_000n);
    for (const date of ["2026-01-02", "2026-01-11", "2026-01-21"]) {
      await at(date);
      await enrol({ patients: 10 });
    }
    await at("2026-04-12");
    const { message, endorsement } = await forgeReport({ tallies: patients(0, 21) });
    for (const hint of [0n, 1n, 2n, 3n, 4n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 255n, 2n ** 256n - 1n]) {
      await expect(agreement.reportMilestone(message, endorsement, hint))
        .to.be.revertedWithCustomError(agreement, "NotYetDue")
        .withArgs(21n, 20n);
    }
  });
});

describe("At the ends of time", () => {
  it("given a cohort of ten years, thirty years to the due day and windows of a year, then all run to the day", async () => {
    const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, cohorts: cohorts(100, "2036-01-02") }), {
      stretch: (terms) => {
        Object.assign(terms.oracle, { challengeWindow: 366, ruleWithin: 366, reportWithin: 366, grace: 366 });
        terms.cohorts[0]!.enrolWithin = 366;
        terms.clauses[1]!.due = 10_958;
      },
    });
    const { agreement, enrol, report, forgeReport, as, fund } = stage;
    await fund(1_000_000n, 10_000n);
    await at("2036-01-01");
    await enrol({ patients: 9, indexedDay: dayOf("2036-01-01") });
    const due = dayOf("2036-01-01") + 10_958 + 366;
    await nextCallAt(due * DAY - 1);
    await expect(report({ tallies: patients(1, 8), asOfDay: due - 1 }))
      .to.be.revertedWithCustomError(agreement, "NotYetDue")
      .withArgs(9n, 0n);
    await nextCallAt(due * DAY);
    await networkHelpers.mine();
    const { message } = await forgeReport({ tallies: patients(1, 8) });
    await report(message);
    await nextCallAt((due + 366) * DAY - 10);
    await as(1).challenge(1, 0, 1, 1);
    await nextCallAt((due + 732) * DAY - 11);
    await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "ReportChallenged");
    await nextCallAt((due + 732) * DAY - 10);
    await expect(agreement.settleMilestone(message)).to.emit(agreement, "Settled").withArgs(1, 0, 1, 9n, 60_000n);
  });

  for (const [opens, closes] of [
    ["1970-01-03", "1970-01-04"],
    ["2028-02-29", "2028-03-01"],
    ["2068-12-30", "2068-12-31"],
  ] as const) {
    it(`given a cohort from ${opens} to ${closes}, then its one day is that day`, async () => {
      const { agreement, enrol, report, fund } = await opened(opens, closes);
      await fund(1_000_000n);
      await enrol({ patients: 1 });
      await expect(enrol({ patients: 1, indexedDay: dayOf(opens) - 1 })).to.be.revertedWithCustomError(
        agreement,
        "EnrolmentClosed",
      );
      await nextCallAt(dayOf(closes) * DAY);
      await expect(enrol({ patients: 1, indexedDay: dayOf(opens) })).to.be.revertedWithCustomError(
        agreement,
        "EnrolmentClosed",
      );
      await nextCallAt((dayOf(opens) + 90) * DAY);
      await networkHelpers.mine();
      await expect(report({ tallies: patients(1, 0) })).to.emit(agreement, "MilestoneReported");
      expect((await agreement.clauseState(1, 0)).total).to.equal(60_000n);
    });
  }

  it("given the last cohort, the longest clause and every window used up, then the end lies before 2^32 seconds", async () => {
    const stage = await opened("2068-12-30", "2068-12-31", (terms) => {
      Object.assign(terms.oracle, { challengeWindow: 366, ruleWithin: 366, reportWithin: 366, grace: 366 });
      terms.clauses[1]!.due = 10_958;
    });
    const { agreement, enrol, report, forgeReport, as, arbiter, fund } = stage;
    await fund(1_000_000n, 10_000n);
    await enrol({ patients: 9 });
    // Reported on the last day, challenged and rejected in the last second; and again, within the window that this opens.
    const YEAR = 366 * DAY;
    let now = (dayOf("2068-12-30") + 10_958 + 366) * DAY;
    for (const upheld of [false, true]) {
      now += YEAR;
      await nextCallAt(now);
      await networkHelpers.mine();
      const { message } = await forgeReport({ tallies: patients(1, 8) });
      await report(message);
      now += YEAR - 1;
      await nextCallAt(now);
      await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "ChallengeWindowOpen");
      await as(1).challenge(1, 0, message.number, 1);
      now += YEAR - 1;
      await nextCallAt(now);
      await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "ReportChallenged");
      await agreement.connect(arbiter).ruleMilestone(message, upheld);
    }
    expect((await agreement.clauseState(1, 0)).assessed).to.equal(9n);
    expect(now).to.be.lessThan(2 ** 32);
  });

  it("given a cohort that closes a day later, then its disputes could reach 2106 and it is refused by name", async () => {
    const { factory, terms } = await draft(sheet());
    const [cohort] = terms.cohorts;
    const last = dayOf("2068-12-31");
    for (const date of ["2069-01-01", "2106-02-07", "2199-12-31"]) {
      const closes = dayOf(date);
      const late = { ...cohort!, opens: dayAsNumber(closes - 1), closes: dayAsNumber(closes) };
      await expect(factory.pack({ ...terms, cohorts: [late] }), date)
        .to.be.revertedWithCustomError(factory, "InvalidTerms")
        .withArgs("cohorts.closes", closes, last);
    }
  });

  it("given no window, then a report settles beyond 2^32 seconds as on any day", async () => {
    const { agreement, enrol, report, fund } = await opened("2068-12-30", "2068-12-31");
    await fund(1_000_000n);
    await enrol({ patients: 10 });
    await nextCallAt(2 ** 32 + DAY);
    await networkHelpers.mine();
    await expect(report({ tallies: patients(1, 1) })).to.emit(agreement, "MilestoneReported");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 8n, 240_000n, 0n);
  });

  it("given a day that no calendar of the factory knows, then the terms are refused by name", async () => {
    const { factory, terms } = await draft(sheet());
    for (const date of [0, 19691231, 22000101, 21000229, 20261301, 2 ** 32 - 1]) {
      const [cohort] = terms.cohorts;
      await expect(factory.pack({ ...terms, cohorts: [{ ...cohort!, closes: date }] }), String(date))
        .to.be.revertedWithCustomError(factory, "NoSuchDay")
        .withArgs(date);
    }
  });
});
