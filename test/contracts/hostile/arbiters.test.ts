import { expect } from "chai";

import { at, ethers, openAgreement, patients } from "../support/agreement.ts";
import { networkHelpers, today } from "../support/chain.ts";
import { draft } from "../support/draft.ts";
import { AUTOMATIC, sheet, WITH_WINDOW } from "../support/sheet.ts";
import { REFUND, REST } from "./support/due.ts";

const SHEET = sheet({ parties: AUTOMATIC, oracle: WITH_WINDOW });
const TEN_DEAD = patients(10, 0);
const TWO_DEAD = patients(2, 8);

/** A report that waits and is challenged by the maker; the arbiter is a contract that anyone can make act. */
async function challenged() {
  const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("HookToken", [2]) });
  await stage.fund(2_000_000n, 10_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  const judge = await ethers.deployContract("Accomplice");
  const chamber = await judge.getAddress();
  await stage.perform("appoint", { oracle: ethers.ZeroAddress, arbiter: chamber });
  const { message } = await stage.forgeReport({ tallies: TWO_DEAD });
  await stage.report(message);
  await stage.as(1).challenge(1, 0, 1, 1);
  const rules = (report: typeof message, uphold: boolean) =>
    stage.agreement.interface.encodeFunctionData("ruleMilestone", [report, uphold]);
  return {
    ...stage,
    judge,
    message,
    rules,
    /** One ruling after the other, in one transaction. */
    rule: (...calls: string[]) =>
      judge.act(
        calls.map(() => stage.address),
        calls,
      ),
  };
}

describe("An arbiter", () => {
  it("given it rules twice at once, then both rulings fail; one ruling stands", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message, books } = stage;
    for (const [first, second] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      await expect(rule(rules(message, first), rules(message, second))).to.be.revertedWithCustomError(
        agreement,
        "NotChallenged",
      );
    }
    await expect(rule(rules(message, true)))
      .to.emit(agreement, "Ruled")
      .withArgs(1, 0, 1, true);
    expect((await books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
    await expect(rule(rules(message, false))).to.be.revertedWithCustomError(agreement, "NotChallenged");
  });

  it("given it rules again from within the payout of its ruling, then it can't enter", async () => {
    const stage = await challenged();
    const { agreement, address, token, party, judge, rule, rules, message } = stage;
    await token.setHook(party(1), judge);
    await judge.prepare(address, rules(message, true));
    await expect(rule(rules(message, true)))
      .to.emit(agreement, "PaidOut")
      .withArgs(0, party(0), 10_000n + REFUND);
    expect(await judge.called()).to.equal(true);
    expect(await judge.result()).to.equal(agreement.interface.getError("ReentrancyGuardReentrantCall")!.selector);
  });

  it("given a report that was rejected and replaced, when it rules on the old one, then there is nothing to rule on", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message, report, forgeReport, as } = stage;
    await rule(rules(message, false));
    const { message: second } = await forgeReport({ tallies: TEN_DEAD });
    expect(second.number).to.equal(2);
    await report(second);
    await as(1).challenge(1, 0, 2, 1);
    await expect(rule(rules(message, true))).to.be.revertedWithCustomError(agreement, "NotChallenged");
    // The old content under the new number.
    await expect(rule(rules({ ...message, number: 2 }, true))).to.be.revertedWithCustomError(
      agreement,
      "NotThePendingReport",
    );
    await expect(rule(rules(second, false)))
      .to.emit(agreement, "Ruled")
      .withArgs(1, 0, 2, false);
  });

  it("given a report that nobody challenged, then it has no word", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message, report, forgeReport } = stage;
    await rule(rules(message, false));
    const { message: second } = await forgeReport({ tallies: TWO_DEAD });
    await report(second);
    await expect(rule(rules(second, false))).to.be.revertedWithCustomError(agreement, "NotChallenged");
    await expect(rule(rules(second, true))).to.be.revertedWithCustomError(agreement, "NotChallenged");
  });

  it("given its time is over and the report settled, then it comes too late", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message } = stage;
    await at("2026-04-11", 60);
    await agreement.settleMilestone(message);
    await expect(rule(rules(message, false))).to.be.revertedWithCustomError(agreement, "NotChallenged");
  });

  it("given its time is over and nobody settled, then its word still counts: whoever is first", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message } = stage;
    await at("2026-04-11", 60);
    await rule(rules(message, false));
    await expect(agreement.settleMilestone(message)).to.be.revertedWithCustomError(agreement, "AlreadySettled");
  });

  it("given another is appointed while a report is challenged, then that one rules, and the first no more", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message, arbiter, judge, perform, stranger } = stage;
    // The first arbiter, of the terms, was replaced before.
    await expect(agreement.connect(arbiter).ruleMilestone(message, true))
      .to.be.revertedWithCustomError(agreement, "NotArbiter")
      .withArgs(arbiter);
    await perform("appoint", { oracle: ethers.ZeroAddress, arbiter: stranger.address });
    await expect(rule(rules(message, true)))
      .to.be.revertedWithCustomError(agreement, "NotArbiter")
      .withArgs(judge);
    await expect(agreement.connect(stranger).ruleMilestone(message, false)).to.emit(agreement, "Ruled");
  });

  it("given it is, or becomes, a party, then that is refused wherever it is tried", async () => {
    const { factory, terms, legal } = await draft(SHEET);
    const [payer, maker] = terms.parties;
    const account = terms.oracle.arbiter;
    await expect(factory.create({ ...terms, parties: [payer!, { ...maker!, account }] }, legal, []))
      .to.be.revertedWithCustomError(factory, "InvalidAccount")
      .withArgs("parties.account", account);
    const { agreement, as, party, judge, perform } = await challenged();
    await expect(perform("appoint", { oracle: ethers.ZeroAddress, arbiter: party(0).address }))
      .to.be.revertedWithCustomError(agreement, "InvalidHolder")
      .withArgs(party(0));
    await expect(as(1).assign(1, judge)).to.be.revertedWithCustomError(agreement, "InvalidHolder").withArgs(judge);
  });

  it("given a ruling with little gas, then it is refused as a whole, or made as a whole", async () => {
    const stage = await challenged();
    const { agreement, party, perform, stranger, message, token, books } = stage;
    await perform("appoint", { oracle: ethers.ZeroAddress, arbiter: stranger.address });
    const before = await books();
    const court = agreement.connect(stranger);
    const enough = await court.ruleMilestone.estimateGas(message, true);
    let refusals = 0;
    for (let gasLimit = 60_000n; gasLimit < enough; gasLimit += 40_000n) {
      const outcome = await court.ruleMilestone.staticCall(message, true, { gasLimit }).then(
        () => "made",
        () => "refused",
      );
      if (outcome === "refused") refusals++;
      expect(await books()).to.deep.equal(before);
    }
    expect(refusals).to.be.greaterThan(3);
    const paid = await token.balanceOf(party(1));
    await court.ruleMilestone(message, true, { gasLimit: enough });
    expect((await token.balanceOf(party(1))) - paid).to.equal(REST);
  });

  it("given it upholds everything, then a challenger loses its bond and no more", async () => {
    const stage = await challenged();
    const { books, rule, rules, message, agreement, token, party } = stage;
    const maker = await token.balanceOf(party(1));
    await rule(rules(message, true));
    // The bond of 10,000 is the payer's, what the maker's lock held beyond the refund its own.
    expect(await books()).to.deep.equal([
      [1_000_000n, 0n],
      [0n, 0n],
    ]);
    expect((await token.balanceOf(party(1))) - maker).to.equal(REST);
    expect((await agreement.clauseState(1, 0)).total).to.equal(REFUND);
  });

  it("given it rejects everything, then silence settles in the end", async () => {
    const stage = await challenged();
    const { agreement, rule, rules, message, report, forgeReport, as } = stage;
    await rule(rules(message, false));
    for (let number = 2; number < 5; number++) {
      const { message: next } = await forgeReport({ tallies: TWO_DEAD });
      await report(next);
      await as(1).challenge(1, 0, number, 1);
      await rule(rules(next, false));
    }
    // The reporting window ran anew from the first rejection only.
    expect((await agreement.clauseState(1, 0)).reopenedDay).to.equal(await today());
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1))
      .to.emit(agreement, "Lapsed")
      .withArgs(1, 0, 10n, 300_000n, 0n);
  });

  it("given it has no code any more, then its time runs out and the report settles", async () => {
    const stage = await challenged();
    const { agreement, message, judge } = stage;
    await networkHelpers.setCode(await judge.getAddress(), "0x");
    await at("2026-04-11", 60);
    await expect(agreement.settleMilestone(message)).to.emit(agreement, "Settled");
  });
});
