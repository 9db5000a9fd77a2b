import { expect } from "chai";

import { at, nextCallAt, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { AUTOMATIC, sheet, WITH_WINDOW } from "./support/sheet.ts";

const DAY = 86_400;
const DUE = dayOf("2026-04-01");
const BOND = 10_000n;

/** Ten patients, of whom two are reported dead: the report waits. */
async function reported(parts: Parameters<typeof sheet>[0] = {}) {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, ...parts }));
  await stage.fund(2_000_000n, 1_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  const { message } = await stage.forgeReport({ tallies: patients(2, 8) });
  await stage.report(message);
  const { landed } = await stage.agreement.pendingReport(1, 0, 1);
  return { ...stage, message, landed: Number(landed), arbitrated: stage.agreement.connect(stage.arbiter) };
}

async function challenged(account = 0, parts: Parameters<typeof sheet>[0] = {}) {
  const stage = await reported(parts);
  await stage.as(account).challenge(1, 0, 1, account);
  const pending = await stage.agreement.pendingReport(1, 0, 1);
  return { ...stage, challengedAt: Number(pending.challenged) };
}

describe("A report with a challenge window", () => {
  it("given patients due, when it is reported, then it waits: their locks stay and no money moves", async () => {
    const { agreement, books, forgeReport } = await reported();
    expect(await books()).to.deep.equal([
      [1_000_000n, 0n],
      [2_000_000n, 600_000n],
    ]);
    expect(await agreement.clauseState(1, 0)).to.deep.equal([0n, 10n, 1n, 0n, false, 0n]);
    const { number } = (await forgeReport()).message;
    expect(number).to.equal(2);
  });

  it("given it waits, when its patients are reported again, then they count as assessed", async () => {
    const { agreement, report } = await reported();
    await expect(report({ notEvaluable: 1 }))
      .to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled")
      .withArgs(1n, 0n);
  });

  describe("settling", () => {
    it("given a week passed to the second, when anyone settles it, then it pays", async () => {
      const { agreement, message, landed, books } = await reported();
      await nextCallAt(landed + 7 * DAY - 1);
      await expect(agreement.settleMilestone(message))
        .to.be.revertedWithCustomError(agreement, "ChallengeWindowOpen")
        .withArgs(landed + 7 * DAY);
      await nextCallAt(landed + 7 * DAY);
      await expect(agreement.settleMilestone(message)).to.emit(agreement, "Settled").withArgs(1, 0, 1, 10n, 120_000n);
      expect(await books()).to.deep.equal([
        [1_120_000n, 0n],
        [1_880_000n, 0n],
      ]);
      expect(await agreement.clauseState(1, 0)).to.deep.equal([10n, 0n, 1n, 0n, false, 120_000n]);
    });

    it("given it settled, when it is settled again, then it is refused", async () => {
      const { agreement, message } = await reported();
      await at("2026-04-08", 10);
      await agreement.settleMilestone(message);
      await expect(agreement.settleMilestone(message))
        .to.be.revertedWithCustomError(agreement, "AlreadySettled")
        .withArgs(1, 0);
    });

    it("given another content under its number, when it is settled, then it is refused, field by field", async () => {
      const { agreement, message } = await reported();
      await at("2026-04-08", 10);
      const others = [
        { asOfDay: message.asOfDay - 1 },
        { tallies: patients(3, 7) },
        { notEvaluable: 1 },
        { root: `0x${"11".repeat(32)}` as const },
        { lastDay: message.lastDay + 1 },
      ];
      for (const other of others) {
        await expect(agreement.settleMilestone({ ...message, ...other })).to.be.revertedWithCustomError(
          agreement,
          "NotThePendingReport",
        );
      }
    });

    it("given several faults, when it is called, then they are told in the order of the interface", async () => {
      const { agreement, message, as } = await reported();
      const refused = (overrides: Partial<typeof message>, error: string) =>
        expect(agreement.settleMilestone({ ...message, ...overrides })).to.be.revertedWithCustomError(agreement, error);
      await refused({ cohort: 1, clause: 9, number: 2 }, "UnknownCohort");
      await refused({ clause: 9, number: 2 }, "ClauseNotInCohort");
      await refused({ number: 2, notEvaluable: 1 }, "AlreadySettled");
      await refused({ notEvaluable: 1 }, "NotThePendingReport");
      await refused({}, "ChallengeWindowOpen");
      await as(0).challenge(1, 0, 1, 0);
      await refused({ notEvaluable: 1 }, "NotThePendingReport");
      await refused({}, "ReportChallenged");
    });
  });

  describe("a challenge", () => {
    it("given the window open, when a holder challenges, then its bond is locked", async () => {
      const { agreement, as, books } = await reported();
      await expect(as(0).challenge(1, 0, 1, 0))
        .to.emit(agreement, "Challenged")
        .withArgs(1, 0, 1, 0);
      expect(await books()).to.deep.equal([
        [1_000_000n, BOND],
        [2_000_000n, 600_000n],
      ]);
      expect((await agreement.pendingReport(1, 0, 1)).challenger).to.equal(0n);
    });

    it("given the window's last second, when a holder challenges, then it counts; a second later it does not", async () => {
      const { agreement, as, landed } = await reported();
      await nextCallAt(landed + 7 * DAY);
      await expect(as(0).challenge(1, 0, 1, 0))
        .to.be.revertedWithCustomError(agreement, "ChallengeWindowClosed")
        .withArgs(landed + 7 * DAY);
      await nextCallAt(landed + 7 * DAY - 1);
      await as(0).challenge(1, 0, 1, 0);
    });

    it("given a challenge, when another follows, then it is refused until when it tells", async () => {
      const { agreement, as, challengedAt } = await challenged();
      await expect(as(1).challenge(1, 0, 1, 1))
        .to.be.revertedWithCustomError(agreement, "ReportChallenged")
        .withArgs(challengedAt + 10 * DAY);
    });

    it("given a challenge and the window over, when another follows, then the window is what it is told of", async () => {
      const { agreement, as, landed } = await challenged();
      await nextCallAt(landed + 7 * DAY);
      await expect(as(1).challenge(1, 0, 1, 1))
        .to.be.revertedWithCustomError(agreement, "ChallengeWindowClosed")
        .withArgs(landed + 7 * DAY);
    });

    it("given only an account's holder, when anyone else challenges for it, then it is refused", async () => {
      const { agreement, as, stranger, party } = await reported();
      await expect(agreement.connect(stranger).challenge(1, 0, 1, 0))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(0, stranger);
      await expect(as(1).challenge(1, 0, 1, 0))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(0, party(1));
      await expect(as(0).challenge(9, 9, 9, 2))
        .to.be.revertedWithCustomError(agreement, "UnknownAccount")
        .withArgs(2);
    });

    it("given a settled, void or unknown report, when it is challenged, then it is refused", async () => {
      const { agreement, as, message, arbitrated } = await challenged();
      for (const [clause, cohort, number] of [
        [1, 0, 2],
        [1, 1, 1],
        [0, 0, 1],
      ] as const) {
        await expect(as(0).challenge(clause, cohort, number, 0))
          .to.be.revertedWithCustomError(agreement, "AlreadySettled")
          .withArgs(clause, cohort);
      }
      await arbitrated.ruleMilestone(message, false);
      await expect(as(0).challenge(1, 0, 1, 0)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
    });

    it("given too little free, when it challenges, then it is refused with what the bond needs", async () => {
      const { agreement, as, party } = await reported();
      await as(0).withdraw(0, 1_000_000n - BOND + 1n, party(0));
      await expect(as(0).challenge(1, 0, 1, 0))
        .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
        .withArgs(0, BOND - 1n, BOND);
    });
  });

  describe("a ruling", () => {
    it("given it is rejected, then the report is void, the bond free, and its patients may be reported again", async () => {
      const { agreement, arbitrated, message, books, report } = await challenged();
      await expect(arbitrated.ruleMilestone(message, false)).to.emit(agreement, "Ruled").withArgs(1, 0, 1, false);
      expect(await books()).to.deep.equal([
        [1_000_000n, 0n],
        [2_000_000n, 600_000n],
      ]);
      expect(await agreement.clauseState(1, 0)).to.deep.equal([0n, 0n, 1n, BigInt(DUE), false, 0n]);
      await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
      await expect(report({ number: 1, tallies: patients(0, 10) }))
        .to.be.revertedWithCustomError(agreement, "WrongNumber")
        .withArgs(1, 2);
      await report({ number: 2, tallies: patients(0, 10) });
    });

    it("given it is upheld, then the report settles and the bond goes to the clause's other side", async () => {
      const { agreement, arbitrated, message, books } = await challenged(1);
      await expect(arbitrated.ruleMilestone(message, true))
        .to.emit(agreement, "Ruled")
        .withArgs(1, 0, 1, true)
        .and.to.emit(agreement, "Settled")
        .withArgs(1, 0, 1, 10n, 120_000n);
      expect(await books()).to.deep.equal([
        [1_120_000n + BOND, 0n],
        [1_880_000n - BOND, 0n],
      ]);
    });

    it("given the challenger belongs to `to`, when it is upheld, then the bond goes to `from`", async () => {
      const { arbitrated, message, books } = await challenged(0);
      await arbitrated.ruleMilestone(message, true);
      expect(await books()).to.deep.equal([
        [1_120_000n - BOND, 0n],
        [1_880_000n + BOND, 0n],
      ]);
    });

    it("given a challenger of neither side, when it is upheld, then the bond goes to `from`", async () => {
      const stage = await reported({
        parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker }], provider: [{ name: Hospital }] }",
      });
      await stage.fund(0n, 0n, BOND);
      await stage.as(2).challenge(1, 0, 1, 2);
      await stage.arbitrated.ruleMilestone(stage.message, true);
      expect(await stage.books()).to.deep.equal([
        [1_120_000n, 0n],
        [1_880_000n + BOND, 0n],
        [0n, 0n],
      ]);
    });

    it("given groups of several members, when it is upheld, then the bond is split by their shares", async () => {
      const { arbitrated, message, as, books, fund } = await reported({
        parties:
          "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, share: 33.333333% }, { name: Licensee, share: 66.666667% }] }",
      });
      await fund(0n, 0n, 1_000_000n);
      await as(0).challenge(1, 0, 1, 0);
      const [, maker, licensee] = await books();
      await arbitrated.ruleMilestone(message, true);
      const after = await books();
      // 120,000 of refund and 10,000 of bond, each rounded down for the first and made up by the second.
      expect(after[1]![0] - maker![0]).to.equal(-39_999n + 3_333n);
      expect(after[2]![0] - licensee![0]).to.equal(-80_001n + 6_667n);
    });

    it("given automatic payout, when it is rejected, then the bond that comes back is not paid out", async () => {
      const { agreement, arbitrated, message, token, party, books } = await challenged(0, { parties: AUTOMATIC });
      const held = await token.balanceOf(party(0));
      await expect(arbitrated.ruleMilestone(message, false)).not.to.emit(agreement, "PaidOut");
      expect(await token.balanceOf(party(0))).to.equal(held);
      expect((await books())[0]).to.deep.equal([1_000_000n, 0n]);
    });

    it("given automatic payout, when it settles unruled, then the refund is paid out and the bond stays", async () => {
      const { agreement, message, party, books } = await challenged(0, { parties: AUTOMATIC });
      await at("2026-04-11", 10);
      const sent = await agreement.settleMilestone(message);
      await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), 120_000n);
      expect((await books())[0]).to.deep.equal([1_000_000n, 0n]);
    });

    it("given automatic payout, when it is upheld, then the other side is sent the bond too", async () => {
      const { agreement, arbitrated, message, party } = await challenged(0, { parties: AUTOMATIC });
      const sent = await arbitrated.ruleMilestone(message, true);
      await expect(sent)
        .to.emit(agreement, "PaidOut")
        .withArgs(1, party(1), 480_000n + BOND);
      // The bond was locked: its loss takes nothing from what is set free.
      await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), 120_000n);
    });

    it("given no ruling, when the arbiter's time is over to the second, then it settles and the bond comes back", async () => {
      const { agreement, message, challengedAt, books } = await challenged(0);
      await nextCallAt(challengedAt + 10 * DAY - 1);
      await expect(agreement.settleMilestone(message))
        .to.be.revertedWithCustomError(agreement, "ReportChallenged")
        .withArgs(challengedAt + 10 * DAY);
      await nextCallAt(challengedAt + 10 * DAY);
      await agreement.settleMilestone(message);
      expect(await books()).to.deep.equal([
        [1_120_000n, 0n],
        [1_880_000n, 0n],
      ]);
    });

    it("given the arbiter's time over and nobody settled, when it rules after all, then that counts", async () => {
      const { agreement, arbitrated, message } = await challenged(0);
      await at("2026-06-01");
      await expect(arbitrated.ruleMilestone(message, false)).to.emit(agreement, "Ruled").withArgs(1, 0, 1, false);
    });

    it("given several faults, when it is called, then they are told in the order of the interface", async () => {
      const { agreement, arbitrated, message, as, report, party } = await reported();
      await expect(as(0).ruleMilestone({ ...message, cohort: 9 }, true))
        .to.be.revertedWithCustomError(agreement, "NotArbiter")
        .withArgs(party(0));
      const refused = (overrides: Partial<typeof message>, error: string) =>
        expect(arbitrated.ruleMilestone({ ...message, ...overrides }, true)).to.be.revertedWithCustomError(
          agreement,
          error,
        );
      await refused({ cohort: 9, clause: 9 }, "UnknownCohort");
      await refused({ clause: 9 }, "ClauseNotInCohort");
      await refused({}, "NotChallenged");
      await refused({ number: 2 }, "NotChallenged");
      await as(0).challenge(1, 0, 1, 0);
      await refused({ notEvaluable: 1 }, "NotThePendingReport");
      await arbitrated.ruleMilestone(message, true);
      await refused({}, "NotChallenged");
      await expect(report({ notEvaluable: 1 })).to.be.revertedWithCustomError(agreement, "MorePatientsThanEnrolled");
    });
  });
});
