import { expect } from "chai";
import { TypedDataEncoder, ZeroAddress } from "ethers";

import { MESSAGE_TYPES } from "../../oracle/report/messages.ts";
import {
  CentralizedArbitratorWithAppeal__factory,
  ReentrantDisputant__factory,
  SimpleCentralizedArbitrator__factory,
  type ReentrantDisputant,
} from "../../typechain-types/index.ts";
import { ethers, patients } from "../contracts/support/agreement.ts";
import { networkHelpers, type Account } from "../contracts/support/chain.ts";
import { EXTRA_DATA, FEE, META_EVIDENCE, openInCourt, RULING, VERDICT } from "./support/courtStage.ts";

const BOND = 10_000n;
const RULE_WITHIN = 10 * 86_400;

const { Tally, MilestoneReport } = MESSAGE_TYPES.milestone as Record<string, { name: string; type: string }[]>;
const hashOf = (report: object): string =>
  TypedDataEncoder.hashStruct("MilestoneReport", { Tally: Tally!, MilestoneReport: MilestoneReport! }, report);

/** A dispute on the milestone's report, number 0 at the court. */
async function disputed() {
  const stage = await openInCourt();
  await stage.dispute();
  const before = await stage.books();
  return { ...stage, before, ruled: (ruling: bigint) => stage.court["rule"](0n, ruling) };
}

describe("An ERC-792 arbitrator as an agreement's arbiter", () => {
  describe("a dispute", () => {
    it("given a challenged report, when anyone pays the fee, then the arbitrator has it", async () => {
      const { arbitration, court, dispute, address, milestone } = await openInCourt();
      const opened = dispute();
      await expect(opened).to.emit(court, "DisputeCreation").withArgs(0n, arbitration);
      await expect(opened).to.emit(arbitration, "Dispute").withArgs(court, 0n, 0n, 0n);
      await expect(opened).to.emit(arbitration, "MilestoneDisputed");
      const [event] = await arbitration.queryFilter(arbitration.filters.MilestoneDisputed(0n, address));
      // Whoever carries the ruling out takes the report from here.
      expect(hashOf(event!.args.report)).to.equal(hashOf(milestone));
      expect(await ethers.provider.getBalance(court)).to.equal(FEE);
      expect(await arbitration.disputes(0n)).to.deep.equal([address, VERDICT.pending, hashOf(milestone)]);
      expect(await arbitration.isDisputed(address, hashOf(milestone))).to.equal(true);
      const { arbitrated, choices } = await court.disputes(0n);
      expect([arbitrated, choices]).to.deep.equal([await arbitration.getAddress(), 2n]);
    });

    it("given more than the fee, then the rest comes back and nothing stays; given less, it is refused", async () => {
      const { arbitration, court, dispute, stranger } = await openInCourt();
      expect(await arbitration.fee()).to.equal(FEE);
      await expect(dispute(FEE - 1n))
        .to.be.revertedWithCustomError(arbitration, "FeeTooLow")
        .withArgs(FEE - 1n, FEE);
      await expect(dispute(5n * FEE)).to.changeEtherBalances(ethers, [stranger, court, arbitration], [-FEE, FEE, 0n]);
    });

    it("given a dispute, when another is opened on the report, then it is refused, also after the ruling", async () => {
      const { arbitration, dispute, milestone, ruled } = await disputed();
      const again = () =>
        expect(dispute()).to.be.revertedWithCustomError(arbitration, "AlreadyDisputed").withArgs(hashOf(milestone));
      await again();
      await ruled(RULING.refuse);
      await again();
    });

    it("given a report that nobody challenged, or none, then there is nothing to dispute", async () => {
      const { arbitration, address, milestone, forgeReport } = await openInCourt();
      const refused = (message: typeof milestone) =>
        expect(arbitration.disputeMilestone(address, message, { value: FEE })).to.be.revertedWithCustomError(
          arbitration,
          "NotChallenged",
        );
      const { message: second } = await forgeReport({ number: 2 });
      await refused(second);
      await refused({ ...milestone, clause: 9 });
    });

    it("given a pending report, when nobody has challenged it yet, then there is nothing to dispute", async () => {
      const { arbitration, address, as, court, dispute, execute, forgeReport, report } = await openInCourt();
      await dispute();
      await court["rule"](0n, RULING.reject);
      await execute(0n);
      const { message } = await forgeReport({ tallies: patients(2, 8) });
      await report(message);
      const again = () => arbitration.disputeMilestone(address, message, { value: FEE });
      await expect(again()).to.be.revertedWithCustomError(arbitration, "NotChallenged");
      await as(0).challenge(1, 0, 2, 0);
      await again();
    });

    it("given another content under the report's number, then it is refused, field by field", async () => {
      const { arbitration, address, milestone } = await openInCourt();
      for (const other of [
        { asOfDay: milestone.asOfDay - 1 },
        { tallies: patients(3, 7) },
        { notEvaluable: 1 },
        { root: `0x${"11".repeat(32)}` },
        { lastDay: milestone.lastDay + 1 },
      ]) {
        await expect(
          arbitration.disputeMilestone(address, { ...milestone, ...other }, { value: FEE }),
        ).to.be.revertedWithCustomError(arbitration, "NotThePendingReport");
      }
    });

    it("given an agreement with another arbiter, then no fee is spent on it", async () => {
      const { arbitration, address, milestone, perform, relayer } = await openInCourt();
      await perform("appoint", { oracle: ZeroAddress, arbiter: relayer.address });
      await expect(arbitration.disputeMilestone(address, milestone, { value: FEE }))
        .to.be.revertedWithCustomError(arbitration, "NotItsArbiter")
        .withArgs(relayer);
    });

    it("given evidence, then anyone can point to it until the ruling", async () => {
      const { arbitration, court, stranger, ruled } = await disputed();
      await expect(arbitration.submitEvidence(0n, "ipfs://leaves"))
        .to.emit(arbitration, "Evidence")
        .withArgs(court, 0n, stranger, "ipfs://leaves");
      await expect(arbitration.submitEvidence(1n, "ipfs://leaves"))
        .to.be.revertedWithCustomError(arbitration, "UnknownDispute")
        .withArgs(1n);
      await ruled(RULING.uphold);
      await expect(arbitration.submitEvidence(0n, "ipfs://leaves"))
        .to.be.revertedWithCustomError(arbitration, "AlreadyRuled")
        .withArgs(0n);
    });

    it("given its deployment, then arbitrator, extra data and the question to it are public", async () => {
      const { arbitration, court } = await openInCourt();
      expect(await arbitration.arbitrator()).to.equal(await court.getAddress());
      expect(await arbitration.arbitratorExtraData()).to.equal(EXTRA_DATA);
      const [event] = await arbitration.queryFilter(arbitration.filters.MetaEvidence(0n));
      expect(event!.args._evidence).to.equal(META_EVIDENCE);
    });
  });

  describe("a ruling", () => {
    it("given it upholds, when anyone carries it out, then the report settles and the maker gets the bond", async () => {
      const { arbitration, agreement, court, ruled, execute, address, before, books } = await disputed();
      await expect(ruled(RULING.uphold)).to.emit(arbitration, "Ruling").withArgs(court, 0n, RULING.uphold);
      expect(await books(), "nothing moves by the ruling itself").to.deep.equal(before);
      const executed = execute(0n);
      await expect(executed).to.emit(agreement, "Ruled").withArgs(1, 0, 1, true);
      await expect(executed).to.emit(arbitration, "Executed").withArgs(0n, address, true);
      const [[payer], [maker]] = (await books()) as [[bigint, bigint], [bigint, bigint]];
      expect(payer - before[0]![0]).to.equal(120_000n - BOND);
      expect(maker - before[1]![0]).to.equal(BOND - 120_000n);
      expect((await agreement.clauseState(1, 0)).assessed).to.equal(10n);
    });

    it("given it rejects, when anyone carries it out, then the report is void and the bond is free", async () => {
      const { arbitration, agreement, ruled, execute, address, before, books } = await disputed();
      await ruled(RULING.reject);
      const executed = execute(0n);
      await expect(executed).to.emit(agreement, "Ruled").withArgs(1, 0, 1, false);
      await expect(executed).to.emit(arbitration, "Executed").withArgs(0n, address, false);
      const after = await books();
      expect(after[0]).to.deep.equal([before[0]![0], before[0]![1] - BOND]);
      expect(after[1]).to.deep.equal(before[1]);
      expect((await agreement.clauseState(1, 0)).pending).to.equal(0n);
    });

    it("given a wager's report, then upheld or rejected it goes the same way", async () => {
      for (const [ruling, upheld] of [
        [RULING.uphold, true],
        [RULING.reject, false],
      ] as const) {
        const { arbitration, agreement, court, address, wager } = await openInCourt();
        await expect(arbitration.disputeWager(address, wager, { value: 2n * FEE })).to.emit(
          arbitration,
          "WagerDisputed",
        );
        await court["rule"](0n, ruling);
        await expect(arbitration.executeWager(0n, wager)).to.emit(agreement, "Ruled").withArgs(2, 0, 1, upheld);
        expect((await agreement.clauseState(2, 0)).settled).to.equal(upheld);
      }
    });

    it("given the arbitrator refuses, then nothing happens, and the agreement settles by itself in its time", async () => {
      const { arbitration, agreement, ruled, execute, milestone } = await disputed();
      await expect(ruled(RULING.refuse)).to.emit(arbitration, "Ruling");
      await expect(execute(0n))
        .to.be.revertedWithCustomError(arbitration, "NothingToExecute")
        .withArgs(0n, VERDICT.none);
      await networkHelpers.time.increase(RULE_WITHIN);
      await expect(agreement.settleMilestone(milestone)).to.emit(agreement, "Settled");
    });

    it("given no ruling yet, or a dispute that there is not, then there is nothing to carry out", async () => {
      const { arbitration, execute } = await disputed();
      await expect(execute(0n))
        .to.be.revertedWithCustomError(arbitration, "NothingToExecute")
        .withArgs(0n, VERDICT.pending);
      await expect(execute(1n)).to.be.revertedWithCustomError(arbitration, "UnknownDispute").withArgs(1n);
    });

    it("given the report settled before, when it is ruled, then the arbitrator is paid and nothing changes", async () => {
      const { agreement, milestone, ruled, execute, court, judge, books } = await disputed();
      await networkHelpers.time.increase(RULE_WITHIN);
      await agreement.settleMilestone(milestone);
      const settled = await books();
      await expect(ruled(RULING.reject)).to.changeEtherBalances(ethers, [court, judge], [-FEE, FEE]);
      await expect(execute(0n)).to.be.revertedWithCustomError(agreement, "NotChallenged");
      expect(await books()).to.deep.equal(settled);
    });

    it("given the time to rule is over and nobody settled, then a ruling still counts", async () => {
      const { agreement, ruled, execute } = await disputed();
      await networkHelpers.time.increase(RULE_WITHIN + 1);
      await ruled(RULING.reject);
      await expect(execute(0n)).to.emit(agreement, "Ruled").withArgs(1, 0, 1, false);
    });

    it("given the parties appointed another arbiter, when it is ruled, then the agreement does not listen", async () => {
      const { agreement, arbitration, perform, relayer, ruled, execute } = await disputed();
      await perform("appoint", { oracle: ZeroAddress, arbiter: relayer.address });
      await ruled(RULING.uphold);
      await expect(execute(0n)).to.be.revertedWithCustomError(agreement, "NotArbiter").withArgs(arbitration);
    });

    it("given it was carried out, when it is again, then the agreement refuses", async () => {
      const { agreement, ruled, execute } = await disputed();
      await ruled(RULING.uphold);
      await execute(0n);
      await expect(execute(0n)).to.be.revertedWithCustomError(agreement, "NotChallenged");
    });

    it("given another report that is challenged too, then the ruling is not for it", async () => {
      const { arbitration, wager, milestone, ruled } = await disputed();
      await ruled(RULING.reject);
      await expect(arbitration.executeWager(0n, wager)).to.be.revertedWithCustomError(
        arbitration,
        "NotTheDisputedReport",
      );
      await expect(arbitration.executeMilestone(0n, { ...milestone, notEvaluable: 1 })).to.be.revertedWithCustomError(
        arbitration,
        "NotTheDisputedReport",
      );
    });

    it("given anyone but the arbitrator, when he rules, then he is refused: its owner, a party, another court", async () => {
      const { arbitration, judge, party, court } = await disputed();
      for (const caller of [judge, party(0)]) {
        await expect(arbitration.connect(caller).rule(0n, RULING.uphold))
          .to.be.revertedWithCustomError(arbitration, "NotArbitrator")
          .withArgs(caller);
      }
      const other = await new SimpleCentralizedArbitrator__factory(judge).deploy();
      await other.createDispute(2n, EXTRA_DATA, { value: FEE });
      expect((await other.disputes(0n)).choices, "another court's dispute of the same number").to.equal(2n);
      await expect(impersonating(await other.getAddress(), (signer) => arbitration.connect(signer).rule(0n, 1n)))
        .to.be.revertedWithCustomError(arbitration, "NotArbitrator")
        .withArgs(other);
      expect(await court.currentRuling(0n)).to.equal(0n);
    });

    it("given the arbitrator rules twice, or on what was never opened here, then it is refused", async () => {
      const { arbitration, court, ruled } = await disputed();
      await ruled(RULING.reject);
      const address = await court.getAddress();
      await expect(impersonating(address, (signer) => arbitration.connect(signer).rule(0n, RULING.uphold)))
        .to.be.revertedWithCustomError(arbitration, "AlreadyRuled")
        .withArgs(0n);
      await expect(impersonating(address, (signer) => arbitration.connect(signer).rule(7n, RULING.uphold)))
        .to.be.revertedWithCustomError(arbitration, "UnknownDispute")
        .withArgs(7n);
      expect((await arbitration.disputes(0n)).verdict).to.equal(VERDICT.reject);
    });

    it("given a number beyond the choices, then it counts as refused: the arbitrator is not held up", async () => {
      const { arbitration, court, execute } = await disputed();
      await impersonating(await court.getAddress(), (signer) => arbitration.connect(signer).rule(0n, 3n));
      await expect(execute(0n))
        .to.be.revertedWithCustomError(arbitration, "NothingToExecute")
        .withArgs(0n, VERDICT.none);
    });
  });

  describe("an arbitrator that takes appeals", () => {
    const COST = 10n ** 15n;
    const openAppealable = async () => {
      const stage = await openInCourt(async (judge) =>
        (await new CentralizedArbitratorWithAppeal__factory(judge).deploy()).getAddress(),
      );
      const court = CentralizedArbitratorWithAppeal__factory.connect(await stage.court.getAddress(), stage.judge);
      await stage.dispute();
      return { ...stage, court };
    };

    it("given a first ruling and no appeal, then only its execution at the arbitrator counts", async () => {
      const { arbitration, agreement, court, execute } = await openAppealable();
      expect(await ethers.provider.getBalance(court), "it takes the exact fee and no more").to.equal(COST);
      await court.giveRuling(0n, RULING.reject);
      await expect(execute(0n)).to.be.revertedWithCustomError(arbitration, "NothingToExecute");
      await networkHelpers.time.increase(181);
      await court.executeRuling(0n);
      await expect(execute(0n)).to.emit(agreement, "Ruled").withArgs(1, 0, 1, false);
    });

    it("given anyone appeals and pays for it, then the second ruling counts", async () => {
      const { arbitration, agreement, court, execute, party } = await openAppealable();
      await court.giveRuling(0n, RULING.reject);
      // This arbitrator asks twice what its `appealCost` says before the appeal.
      const cost = 2n * (await court.appealCost(0n, EXTRA_DATA));
      await expect(arbitration.connect(party(1)).appeal(0n, { value: cost }))
        .to.emit(court, "AppealDecision")
        .withArgs(0n, arbitration);
      await court.giveRuling(0n, RULING.uphold);
      await networkHelpers.time.increase(181);
      await court.executeRuling(0n);
      await expect(execute(0n)).to.emit(agreement, "Ruled").withArgs(1, 0, 1, true);
    });

    it("given too little, no such dispute, or a final ruling, then there is no appeal", async () => {
      const { arbitration, court } = await openAppealable();
      await court.giveRuling(0n, RULING.reject);
      await expect(arbitration.appeal(0n, { value: 1n })).to.be.revertedWithCustomError(court, "InsufficientPayment");
      await expect(arbitration.appeal(9n, { value: COST }))
        .to.be.revertedWithCustomError(arbitration, "UnknownDispute")
        .withArgs(9n);
      await networkHelpers.time.increase(181);
      await court.executeRuling(0n);
      await expect(arbitration.appeal(0n, { value: COST }))
        .to.be.revertedWithCustomError(arbitration, "AlreadyRuled")
        .withArgs(0n);
    });
  });

  describe("re-entrancy", () => {
    it("given who opened a dispute calls back when it is given change, then no second dispute opens", async () => {
      const { arbitration, address, milestone, relayer, court } = await openInCourt();
      const disputant = await new ReentrantDisputant__factory(relayer).deploy();
      const data = arbitration.interface.encodeFunctionData("disputeMilestone", [address, milestone]);
      await disputant.aim(arbitration, data, true);
      await disputant.act({ value: 3n * FEE });
      expect(await disputant.callbacks()).to.equal(1n);
      expect(arbitration.interface.parseError(await disputant.answer())?.name).to.equal("AlreadyDisputed");
      expect(await ethers.provider.getBalance(disputant)).to.equal(2n * FEE);
      expect(await ethers.provider.getBalance(court)).to.equal(FEE);
    });

    it("given who opened a dispute takes no change, then it must pay the exact fee", async () => {
      const { arbitration, address, milestone, relayer } = await openInCourt();
      const disputant = await new ReentrantDisputant__factory(relayer).deploy();
      const data = arbitration.interface.encodeFunctionData("disputeMilestone", [address, milestone]);
      await disputant.aim(arbitration, data, false);
      await expect(disputant.act({ value: FEE + 1n })).to.be.revertedWithCustomError(disputant, "NotNow");
      await disputant.act({ value: FEE });
    });

    it("given an arbitrator that opens disputes while it opens one, then there is one", async () => {
      let hostile: ReentrantDisputant | undefined;
      const { arbitration, address, milestone, dispute } = await openInCourt(async (judge) => {
        hostile = await new ReentrantDisputant__factory(judge).deploy();
        return hostile.getAddress();
      });
      const data = arbitration.interface.encodeFunctionData("disputeMilestone", [address, milestone]);
      await hostile!.aim(arbitration, data, true);
      await dispute(0n);
      expect(await hostile!.callbacks()).to.equal(1n);
      expect(arbitration.interface.parseError(await hostile!.answer())?.name).to.equal("AlreadyDisputed");
    });
  });

  it("given two agreements with one arbiter, then each has its own disputes", async () => {
    const stage = await openInCourt();
    const { arbitration, court, factory, terms, create, milestone, wager, address } = stage;
    const twin = { ...terms, nonce: terms.nonce + 1n };
    const second = await factory.addressOf(twin);
    await create(twin);
    await arbitration.disputeMilestone(address, milestone, { value: FEE });
    await expect(arbitration.disputeMilestone(second, milestone, { value: FEE })).to.be.revertedWithCustomError(
      arbitration,
      "NotChallenged",
    );
    await arbitration.disputeWager(address, wager, { value: FEE });
    await court["rule"](1n, RULING.uphold);
    await expect(arbitration.executeMilestone(1n, milestone)).to.be.revertedWithCustomError(
      arbitration,
      "NotTheDisputedReport",
    );
    await arbitration.executeWager(1n, wager);
    expect((await arbitration.disputes(0n)).verdict).to.equal(VERDICT.pending);
  });
});

/** A call by a contract that has no such call of its own. */
async function impersonating<T>(address: string, call: (signer: Account) => Promise<T>): Promise<T> {
  await networkHelpers.setBalance(address, 10n ** 18n);
  await networkHelpers.impersonateAccount(address);
  return call(await ethers.getSigner(address));
}
