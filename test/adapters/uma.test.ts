import { expect } from "chai";
import { id, ZeroAddress, ZeroHash } from "ethers";
import fc from "fast-check";

import {
  OracleCommittee__factory,
  OutcomeAgreement__factory,
  UmaEndorser__factory,
} from "../../typechain-types/index.ts";
import { at, ethers, midnight, nextCallAt, patients } from "../contracts/support/agreement.ts";
import { chainId, dayOf, endorsedBy, networkHelpers, operators, type Account } from "../contracts/support/chain.ts";
import { encodeMultiSignature, inCommitteeOrder } from "../contracts/support/multiSignature.ts";
import { IDENTIFIER, SMALLEST_BOND } from "./support/uma.ts";
import {
  asserting,
  BOND,
  EVIDENCE,
  LIVENESS,
  openWithUma,
  passLiveness,
  type Told,
  type UmaCast,
  type UmaStage,
} from "./support/umaStage.ts";

/** The endorsement that a member or an oracle of UMA's takes. */
const EMPTY = { endorse: () => "0x" };

/** UMA takes one assertion of a claim in a second. */
const nextSecond = () => networkHelpers.time.increase(1);

/** Ten patients, enrolled through UMA; the refund is due, and the wager too. */
async function due(cast: UmaCast = {}) {
  const stage = await openWithUma(cast);
  await stage.fund(2_000_000n, 2_000_000n);
  const { message, endorsement } = await stage.forgeEnrolment({ patients: 10 }, EMPTY);
  await stage.endorse({ kind: "enrolment", message });
  await stage.agreement.enrol(message, endorsement, "0x");
  await at("2027-04-01");
  const report = await stage.forgeReport({ tallies: patients(2, 8) }, EMPTY);
  const told = { kind: "milestone", message: report.message } as const;
  const take = () => stage.agreement.reportMilestone(report.message, "0x", 1);
  const refused = () =>
    expect(take()).to.be.revertedWithCustomError(stage.agreement, "NotEndorsed").withArgs(report.digest);
  return { ...stage, report, told, take, refused };
}

describe("UMA's Optimistic Oracle as an agreement's oracle", () => {
  it("given nobody disputed, when it has settled, then enrolment, milestone and wager are taken from anyone", async () => {
    const { agreement, endorse, told, take, forgeWager, books } = await due();
    expect((await agreement.cohortState(0)).patients).to.equal(10n);

    await endorse(told);
    await expect(take()).to.emit(agreement, "MilestoneReported");
    const wager = await forgeWager({ clause: 2, value: 850_000n });
    await endorse({ kind: "wager", message: wager.message });
    await expect(agreement.reportWager(wager.message, "0x")).to.emit(agreement, "WagerReported");
    // 10 × 1,000 at enrolment, 2 × 600 back, 10 × 100 for four in five who survive.
    expect((await books()).map(([balance]) => balance)).to.deep.equal([
      2_000_000n - 1_000_000n + 120_000n - 100_000n,
      2_000_000n + 1_000_000n - 120_000n + 100_000n,
    ]);
  });

  it("given it is endorsed, when it is sent twice, then its number is used up", async () => {
    const { agreement, endorse, forgeReport } = await due();
    const { message } = await forgeReport({ tallies: patients(1, 2) }, EMPTY);
    await endorse({ kind: "milestone", message });
    await agreement.reportMilestone(message, "0x", 1);
    await expect(agreement.reportMilestone(message, "0x", 1))
      .to.be.revertedWithCustomError(agreement, "WrongNumber")
      .withArgs(1, 2);
  });

  it("given it lives or has not been settled, then nothing is endorsed; UMA settles it not a second too early", async () => {
    const { uma, assert, told, take, refused, endorser, report } = await due();
    const assertionId = await assert(told);
    await refused();
    const { expirationTime, assertionTime } = await uma.assertion(assertionId);
    expect(expirationTime - assertionTime).to.equal(LIVENESS);
    await nextCallAt(Number(expirationTime) - 1);
    await expect(uma.settle(assertionId)).to.be.revertedWith("Assertion not expired");
    await nextCallAt(Number(expirationTime));
    await refused();
    expect(await endorser.digestOf(assertionId)).to.equal(report.digest);
    await uma.settle(assertionId);
    expect(await endorser.digestOf(assertionId), "resolved").to.equal(ZeroHash);
    await take();
  });

  it("given nobody disputed, when anyone settles it, then the asserter gets the bond back, whole", async () => {
    const { uma, assert, told, stranger, endorser } = await due();
    const before = await uma.currency.balanceOf(stranger);
    const assertionId = await assert(told);
    expect((await uma.assertion(assertionId)).asserter).to.equal(stranger.address);
    expect(await uma.currency.balanceOf(stranger)).to.equal(before);
    expect(await uma.currency.balanceOf(uma.address)).to.equal(BOND);
    await passLiveness();
    await uma.settle(assertionId);
    expect(await uma.currency.balanceOf(stranger)).to.equal(before + BOND);
    expect(await uma.currency.balanceOf(endorser)).to.equal(0n);
  });

  describe("a dispute", () => {
    it("given UMA has not decided, then nothing is endorsed, however long it takes", async () => {
      const { uma, assert, told, refused, party, endorser, report } = await due();
      const assertionId = await assert(told);
      await expect(uma.dispute(assertionId, party(0)))
        .to.emit(endorser, "Disputed")
        .withArgs(report.digest, assertionId);
      await passLiveness();
      await refused();
      await expect(uma.settle(assertionId)).to.be.revertedWithoutReason(ethers);
    });

    it("given UMA decides it is true, then it is endorsed, and the asserter gets both bonds but UMA's share", async () => {
      const { uma, assert, told, take, party, stranger, endorser, report } = await due();
      const before = await uma.currency.balanceOf(stranger);
      const assertionId = await assert(told);
      await uma.dispute(assertionId, party(0));
      await uma.decide(assertionId, true);
      await expect(uma.settle(assertionId)).to.emit(endorser, "Resolved").withArgs(report.digest, assertionId, true);
      await take();
      expect(await uma.currency.balanceOf(stranger)).to.equal(before + 2n * BOND - BOND / 2n);
      expect(await uma.currency.balanceOf(party(0))).to.equal(0n);
      expect(await uma.currency.balanceOf(uma.store)).to.equal(BOND / 2n);
    });

    it("given UMA decides it is false, then it is not endorsed, and the disputer gets the bonds", async () => {
      const { uma, assert, told, refused, party, stranger, endorser, report } = await due();
      const before = await uma.currency.balanceOf(stranger);
      const assertionId = await assert(told);
      await uma.dispute(assertionId, party(0));
      await uma.decide(assertionId, false);
      await expect(uma.settle(assertionId)).to.emit(endorser, "Resolved").withArgs(report.digest, assertionId, false);
      await refused();
      expect(await uma.currency.balanceOf(party(0))).to.equal(2n * BOND - BOND / 2n);
      expect(await uma.currency.balanceOf(stranger)).to.equal(before);
      expect(await uma.currency.balanceOf(uma.store)).to.equal(BOND / 2n);
    });

    it("given an assertion was false, when it is made again and stands, then it is endorsed", async () => {
      const { uma, assert, endorse, told, take, party, refused } = await due();
      const assertionId = await assert(told);
      await uma.dispute(assertionId, party(0));
      await uma.decide(assertionId, false);
      await uma.settle(assertionId);
      await refused();
      await nextSecond();
      expect(await endorse(told)).not.to.equal(assertionId);
      await take();
    });

    it("given a hostile assertion of the same message is in dispute, then the honest one goes on", async () => {
      const { uma, assert, told, take, party, relayer, report, endorses } = await due();
      const hostile = await assert(told, party(1));
      await uma.dispute(hostile, party(1));
      await nextSecond();
      const honest = await assert(told, relayer);
      await passLiveness();
      await uma.settle(honest);
      await take();
      await uma.decide(hostile, false);
      await uma.settle(hostile);
      expect(await endorses(report.digest), "settled is terminal").to.equal(true);
    });

    it("given two assertions of one message in one second, then UMA takes the first, and another a second later", async () => {
      const { uma, endorser, told, address, party } = await due();
      for (const by of [party(0), party(1)]) {
        await uma.currency.mint(by, BOND);
        await uma.currency.connect(by).approve(endorser, BOND);
      }
      const second = (await networkHelpers.time.latest()) + 10;
      const assertAt = async (time: number, by: Account) => {
        await networkHelpers.time.setNextBlockTimestamp(time);
        return asserting(endorser.connect(by), told, address);
      };
      await assertAt(second, party(0));
      await expect(assertAt(second, party(1))).to.be.revertedWith("Assertion already exists");
      await expect(assertAt(second + 1, party(1))).to.emit(endorser, "Asserted");
    });
  });

  describe("what is asserted", () => {
    it("given another content, then it endorses that and nothing else", async () => {
      const { endorse, forgeReport, endorses, refused } = await due();
      const other = await forgeReport({ tallies: patients(3, 7) }, EMPTY);
      await endorse({ kind: "milestone", message: other.message });
      expect(await endorses(other.digest)).to.equal(true);
      await refused();
    });

    it("given the same content for another agreement, then this one does not take it", async () => {
      const { assert, uma, told, refused, committee } = await due();
      const assertionId = await assert(told, undefined, await committee.getAddress());
      await passLiveness();
      await uma.settle(assertionId);
      await refused();
    });

    it("given two agreements with one oracle, then each takes what was asserted for it", async () => {
      const { uma, assert, endorser, endorses, terms, factory, create, forgeEnrolment } = await openWithUma();
      const twin = { ...terms, nonce: terms.nonce + 1n };
      const address = await factory.addressOf(twin);
      await create(twin);
      const second = OutcomeAgreement__factory.connect(address, endorser.runner);
      const { message } = await forgeEnrolment({ patients: 0 });
      const { digest } = await forgeEnrolment({ patients: 0 }, { address });
      const assertionId = await assert({ kind: "enrolment", message }, undefined, address);
      expect(await endorser.digestOf(assertionId)).to.equal(digest);
      await passLiveness();
      await uma.settle(assertionId);
      expect(await endorses(digest)).to.equal(true);
      await expect(second.enrol(message, "0x", "0x")).to.emit(second, "Enrolled");
    });

    it("given a word beyond its type, then it is refused: the claim says what is hashed", async () => {
      const { endorser, told, address, stranger, uma } = await due();
      await uma.currency.mint(stranger, BOND);
      await uma.currency.connect(stranger).approve(endorser, BOND);
      const data = endorser.interface.encodeFunctionData("assertMilestone", [address, told.message, ""]);
      const head = 10 + 64 * 3;
      const fields = { clause: 0, cohort: 1, number: 2, asOfDay: 3, notEvaluable: 5, lastDay: 7 };
      for (const [field, word] of Object.entries(fields)) {
        const from = head + 64 * word;
        const dirty = `${data.slice(0, from)}01${data.slice(from + 2)}`;
        await expect(stranger.sendTransaction({ to: endorser, data: dirty }), field).to.be.revertedWithoutReason(
          ethers,
        );
      }
      await stranger.sendTransaction({ to: endorser, data });
    });
  });
  describe("the claim that disputers read", () => {
    const claimOf = async (stage: UmaStage, told: Told) => {
      const assertionId = await stage.assert(told);
      const [made] = await stage.endorser.queryFilter(stage.endorser.filters.Asserted(undefined, assertionId));
      const { evidence, agreement, asserter } = made!.args;
      expect([evidence, agreement, asserter]).to.deep.equal([EVIDENCE, stage.address, stage.stranger.address]);
      return stage.uma.claimOf(assertionId);
    };
    const around = (stage: UmaStage, kind: string, content: string, digest: string, lastDay: string) =>
      `outcomepay: the agreement at ${stage.address} on chain ${chainId} may take this ${kind}. Content: ${content}. ` +
      `Outcomes root: ${id("root")}. Last day: ${lastDay}. EIP-712 digest: ${digest}. Clause, cohort and tier are ` +
      "positions in the terms that this agreement's parties signed; values are integers in the metric's smallest step. " +
      "True if the records and the rules that those terms name give exactly this content. False if they give any other, " +
      "or if who may read the records could not examine the leaves behind the root while this assertion could be disputed.";

    it("given an enrolment, then it names agreement, chain, digest and every field", async () => {
      const stage = await openWithUma();
      const { message, digest } = await stage.forgeEnrolment({ number: 3, patients: 12 });
      const content = "cohort 0, number 3: 12 patients enrolled, the latest of them indexed on 2026-01-01";
      expect(await claimOf(stage, { kind: "enrolment", message })).to.equal(
        around(stage, "enrolment", content, digest, "2026-01-08"),
      );
    });

    it("given a milestone report, then it names each tier's patients and sum too", async () => {
      const stage = await openWithUma();
      const tallies = [
        { patients: 2, sum: -7n },
        { patients: 8, sum: 1_464n },
      ];
      const { message, digest } = await stage.forgeReport({ cohort: 0, number: 4, tallies, notEvaluable: 1 });
      const content =
        "clause 1, cohort 0, number 4: as of 2026-01-01; tier 0: 2 patients, sum -7; tier 1: 8 patients, sum 1464; " +
        "not evaluable: 1 patients";
      expect(await claimOf(stage, { kind: "milestone", message })).to.equal(
        around(stage, "milestone report", content, digest, "2026-01-08"),
      );
    });

    it("given a wager report, then it names the value, or that there is none", async () => {
      const stage = await openWithUma();
      for (const [evaluable, words] of [
        [true, "value -850000"],
        [false, "not evaluable, value -850000"],
      ] as const) {
        const { message, digest } = await stage.forgeWager({ clause: 2, value: -850_000n, evaluable });
        expect(await claimOf(stage, { kind: "wager", message })).to.equal(
          around(
            stage,
            "wager report",
            `clause 2, cohort 0, number 1: as of 2026-01-01; ${words}`,
            digest,
            "2026-01-08",
          ),
        );
      }
    });

    it("given any day, then it is written as the calendar has it", async () => {
      const stage = await openWithUma();
      const days = ["2027-12-31", "2028-02-28", "2028-02-29", "2028-03-01", "2099-12-31", "2100-02-28", "2100-03-01"];
      const drawn = fc.sample(fc.integer({ min: dayOf("2026-01-02"), max: dayOf("2199-12-31") }), 20);
      for (const lastDay of new Set([...days.map(dayOf), ...drawn])) {
        const { message } = await stage.forgeWager({ clause: 2, lastDay });
        const claim = await claimOf(stage, { kind: "wager", message });
        expect(claim).to.contain(`Last day: ${new Date(lastDay * 86_400_000).toISOString().slice(0, 10)}. `);
      }
    });
  });

  describe("an assertion made at UMA itself", () => {
    it("given the very claim, but a second to live and the least bond, then it endorses nothing", async () => {
      const { uma, endorser, assert, told, stranger, refused, report } = await due();
      const claim = await uma.claimOf(await assert(told));
      const direct = await uma.assertDirectly(claim, stranger, await endorser.getAddress(), 1n);
      await networkHelpers.time.increase(1);
      await expect(uma.settle(direct)).not.to.emit(endorser, "Resolved");
      expect((await uma.assertion(direct)).settlementResolution).to.equal(true);
      expect(await endorser.digestOf(direct)).to.equal(ZeroHash);
      await refused();
      expect(await endorser.isValidSignature(report.digest, "0x")).to.equal("0xffffffff");
    });

    it("given it is disputed, then the endorser lets it pass", async () => {
      const { uma, endorser, stranger, party } = await due();
      const direct = await uma.assertDirectly("anything", stranger, await endorser.getAddress(), 100n);
      await expect(uma.dispute(direct, party(0))).not.to.emit(endorser, "Disputed");
      await uma.decide(direct, false);
      await expect(uma.settle(direct)).not.to.emit(endorser, "Resolved");
    });
  });

  it("given anyone but UMA's oracle, when he calls back, then he is refused", async () => {
    const { endorser, assert, told, stranger, relayer, refused } = await due();
    const assertionId = await assert(told);
    for (const caller of [stranger, relayer]) {
      await expect(endorser.connect(caller).assertionResolvedCallback(assertionId, true))
        .to.be.revertedWithCustomError(endorser, "NotOptimisticOracle")
        .withArgs(caller);
      await expect(endorser.connect(caller).assertionDisputedCallback(assertionId))
        .to.be.revertedWithCustomError(endorser, "NotOptimisticOracle")
        .withArgs(caller);
    }
    await refused();
  });

  describe("the bond", () => {
    it("given it is not approved, then nothing is asserted", async () => {
      const { endorser, uma, told, address, stranger } = await due();
      await uma.currency.mint(stranger, BOND);
      await expect(asserting(endorser.connect(stranger), told, address))
        .to.be.revertedWithCustomError(uma.currency, "ERC20InsufficientAllowance")
        .withArgs(endorser, 0n, BOND);
    });

    it("given UMA asks more than the endorser, then it is UMA's, from the next assertion on", async () => {
      const { endorser, uma, assert, told, forgeWager } = await due();
      expect(await endorser.bond()).to.equal(BOND);
      const first = await assert(told);
      await uma.setFinalFee(BOND);
      expect(await endorser.bond()).to.equal(2n * BOND);
      const wager = await forgeWager({ clause: 2 });
      const second = await assert({ kind: "wager", message: wager.message });
      expect((await uma.assertion(first)).bond).to.equal(BOND);
      expect((await uma.assertion(second)).bond).to.equal(2n * BOND);
    });

    it("given a new endorser that asks for nothing, then UMA's least bond is asked from the start", async () => {
      const { uma, relayer } = await due();
      const eager = await new UmaEndorser__factory(relayer).deploy(uma.address, uma.currency, 0n, 1n, ZeroAddress);
      expect(await eager.bond()).to.equal(SMALLEST_BOND);
    });

    it("given a currency that UMA does not take, then nothing can be asserted", async () => {
      const { uma, relayer, token, told, address } = await due();
      const foreign = await new UmaEndorser__factory(relayer).deploy(uma.address, token, BOND, LIVENESS, ZeroAddress);
      await token.mint(relayer, BOND);
      await token.connect(relayer).approve(foreign, BOND);
      await expect(asserting(foreign, told, address)).to.be.revertedWith("Unsupported currency");
    });
  });

  it("given a message endorsed already, when it is asserted again, then it is refused", async () => {
    const { endorser, endorse, told, address, report } = await due();
    await endorse(told);
    await expect(asserting(endorser, told, address))
      .to.be.revertedWithCustomError(endorser, "AlreadyEndorsed")
      .withArgs(report.digest);
  });

  it("given a last day before the assertion could settle, then it is refused; to the second", async () => {
    const { endorser, assert, forgeReport, address } = await due();
    const today = dayOf("2027-04-01");
    const { message } = await forgeReport({ tallies: patients(2, 8), lastDay: today }, EMPTY);
    await at("2027-04-02", -Number(LIVENESS) - 1);
    await nextCallAt(midnight("2027-04-02") - Number(LIVENESS));
    await expect(asserting(endorser, { kind: "milestone", message }, address))
      .to.be.revertedWithCustomError(endorser, "ExpiresBeforeSettlement")
      .withArgs(today, today + 1);
    const { message: earlier } = await forgeReport({ tallies: patients(2, 8), lastDay: today + 1 }, EMPTY);
    await assert({ kind: "milestone", message: earlier });
  });

  it("given no liveness, then an endorser can't be deployed; nor without UMA's oracle behind it", async () => {
    const { uma, relayer, stranger, endorser } = await due();
    const deployment = new UmaEndorser__factory(relayer);
    await expect(deployment.deploy(uma.address, uma.currency, BOND, 0n, ZeroAddress)).to.be.revertedWithCustomError(
      endorser,
      "NoLiveness",
    );
    await expect(deployment.deploy(stranger, uma.currency, BOND, 1n, ZeroAddress)).to.be.revert(ethers);
  });

  it("given its settings, then everybody can read what the parties sign by its address", async () => {
    const { endorser, uma } = await due();
    expect(await endorser.optimisticOracle()).to.equal(uma.address);
    expect(await endorser.currency()).to.equal(await uma.currency.getAddress());
    expect(await endorser.minimumBond()).to.equal(BOND);
    expect(await endorser.liveness()).to.equal(LIVENESS);
    expect(await endorser.escalationManager()).to.equal(ZeroAddress);
    expect(await endorser.identifier()).to.equal(IDENTIFIER);
  });

  describe("as one member of a committee", () => {
    /** Two of three: an operator's key, another's, and UMA. */
    const committeeWith = async (endorser: string) => {
      const deployer = (await ethers.getSigners())[0]!;
      const members = [operators[0]!.address, operators[1]!.address, endorser];
      return (await new OracleCommittee__factory(deployer).deploy(members, 2)).getAddress();
    };
    const withOne = (endorser: string) => (digest: string) =>
      encodeMultiSignature(
        inCommitteeOrder([
          { signer: operators[0]!.address, signature: operators[0]!.signingKey.sign(digest).serialized },
          { signer: endorser, signature: "0x" },
        ]),
      );

    it("given one operator and UMA, when UMA has settled, then it is a quorum; before, it is none", async () => {
      const stage = await openWithUma({ within: committeeWith });
      const endorse = withOne(await stage.endorser.getAddress());
      const { message, endorsement, digest } = await stage.forgeEnrolment({ patients: 0 }, { endorse });
      await expect(stage.agreement.enrol(message, endorsement, "0x"))
        .to.be.revertedWithCustomError(stage.agreement, "NotEndorsed")
        .withArgs(digest);
      await stage.endorse({ kind: "enrolment", message });
      await expect(stage.agreement.enrol(message, endorsement, "0x")).to.emit(stage.agreement, "Enrolled");
    });

    it("given two operators, then UMA is not needed", async () => {
      const stage = await openWithUma({ within: committeeWith });
      await stage.enrol({ patients: 0 }, { endorse: endorsedBy(operators.slice(0, 2)) });
    });
  });

  describe("with an escalation manager", () => {
    it("given its arbiters decide, then strangers can't dispute, and UMA's token holders are not asked", async () => {
      const { uma, manager, assert, told, take, refused, party, stranger, endorses, report } = await due({
        managed: true,
      });
      await manager!.configure([party(0)], "decides");
      const disputed = await assert(told);
      await nextSecond();
      const second = await assert(told, party(1));
      await expect(uma.dispute(disputed, stranger)).to.be.revertedWith("Dispute not allowed");
      await uma.dispute(disputed, party(0));
      await uma.dispute(second, party(0));
      await manager!.decide(disputed, false);
      await uma.settle(disputed);
      await refused();
      await manager!.decide(second, true);
      await uma.settle(second);
      expect(await endorses(report.digest)).to.equal(true);
      await take();
    });

    it("given a dispute discards the assertion, then settling it later endorses nothing", async () => {
      const { uma, manager, assert, told, refused, party, endorser, report, endorse, take } = await due({
        managed: true,
      });
      await manager!.configure([party(0)], "discards");
      const assertionId = await assert(told);
      await expect(uma.dispute(assertionId, party(0)))
        .to.emit(endorser, "Resolved")
        .withArgs(report.digest, assertionId, false);
      await uma.decide(assertionId, true);
      await expect(uma.settle(assertionId)).not.to.emit(endorser, "Resolved");
      await refused();
      await nextSecond();
      await endorse(told);
      await take();
    });
  });
});
