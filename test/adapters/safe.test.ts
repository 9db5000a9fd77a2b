import { expect } from "chai";
import { id, TypedDataEncoder, Wallet } from "ethers";

import { OracleCommittee__factory } from "../../typechain-types/index.ts";
import { at, ethers, openAgreement, patients } from "../contracts/support/agreement.ts";
import { chainId, operators, type Account } from "../contracts/support/chain.ts";
import { draft } from "../contracts/support/draft.ts";
import { encodeMultiSignature, inCommitteeOrder } from "../contracts/support/multiSignature.ts";
import { sheet, WITH_WINDOW } from "../contracts/support/sheet.ts";
import { deploySafe, owners, type SafeAccount } from "./support/safe.ts";

const stranger = new Wallet(id("no owner"));

/** The payer is a Safe. */
const safeAsPayer = {
  parties: async ([, ...others]: readonly Account[]) => [await deploySafe(), ...others],
};

/** An agreement whose payer is a Safe, with its money in and ten patients enrolled. */
async function openWithSafe(source = sheet()) {
  const stage = await openAgreement(source, safeAsPayer);
  const safe = stage.party(0) as unknown as SafeAccount;
  const { token, address, agreement } = stage;
  await token.mint(safe.address, 2_000_000n);
  const funded = await safe.sendAll([
    { to: await token.getAddress(), data: token.interface.encodeFunctionData("approve", [address, 2_000_000n]) },
    { to: address, data: agreement.interface.encodeFunctionData("deposit", [0, 2_000_000n]) },
  ]);
  return { ...stage, safe, funded };
}

describe("A Safe", () => {
  describe("as a party", () => {
    it("given two of three owners sign, then it has signed the terms", async () => {
      const { agreement, safe } = await openWithSafe();
      expect((await agreement.accountOf(0)).holder).to.equal(safe.address);
    });

    it("given one owner, an owner twice, a stranger or the owners' plain signatures, then it has not", async () => {
      const { create, factory, legal, parties, sign, terms } = await draft(sheet(), safeAsPayer);
      const safe = parties[0] as unknown as SafeAccount;
      const digest = await factory.digest(terms, legal);
      const [, maker] = await sign();
      const plain = owners.slice(0, 2).map(({ signingKey }) => signingKey.sign(digest).serialized.slice(2));
      const wrong = {
        "one owner": safe.signedBy(owners.slice(0, 1)).sign(digest),
        "an owner twice": safe.signedBy([owners[0]!, owners[0]!]).sign(digest),
        "an owner and a stranger": safe.signedBy([owners[0]!, stranger]).sign(digest),
        "two plain signatures over the digest": `0x${plain.join("")}`,
        "nothing, and nothing signed on the chain": "0x",
      };
      for (const [what, signature] of Object.entries(wrong)) {
        await expect(factory.create(terms, legal, [signature, maker!]), what)
          .to.be.revertedWithCustomError(factory, "NotSigned")
          .withArgs(0n, safe.address, digest);
      }
      await create();
    });

    it("given it signed the digest on the chain, then the empty signature is enough", async () => {
      const { factory, legal, parties, sign, terms } = await draft(sheet(), safeAsPayer);
      const safe = parties[0] as unknown as SafeAccount;
      const [, maker] = await sign();
      await safe.signOnChain(await factory.digest(terms, legal));
      await factory.create(terms, legal, ["0x", maker!]);
    });

    it("given another Safe of the same owners, then the signature of the one is not the other's", async () => {
      const { factory, legal, parties, sign, terms } = await draft(sheet(), safeAsPayer);
      const digest = await factory.digest(terms, legal);
      const [, maker] = await sign();
      const other = await deploySafe();
      await expect(factory.create(terms, legal, [other.sign(digest), maker!]))
        .to.be.revertedWithCustomError(factory, "NotSigned")
        .withArgs(0n, parties[0], digest);
    });

    it("given its money, when one transaction of it approves and deposits, then its account has it", async () => {
      const { agreement, funded, token, safe, address } = await openWithSafe();
      await expect(funded).to.emit(agreement, "Deposited").withArgs(0, safe.address, 2_000_000n);
      expect((await agreement.accountOf(0)).balance).to.equal(2_000_000n);
      expect(await token.allowance(safe.address, address)).to.equal(0n);
    });

    it("given free balance, when its owners withdraw, then it gets it; one owner alone can't", async () => {
      const { agreement, as, token, safe } = await openWithSafe();
      await expect(as(0).withdraw(0, 500n, safe.address))
        .to.emit(agreement, "Withdrawn")
        .withArgs(0, safe.address, 500n);
      expect(await token.balanceOf(safe.address)).to.equal(500n);
      const alone = agreement.connect(safe.signedBy(owners.slice(0, 1)));
      await expect(alone.withdraw(0, 500n, safe.address)).to.be.revertedWith("GS020");
    });

    it("given a report, when its owners challenge, then its bond is locked", async () => {
      const { agreement, as, enrol, report, fund } = await openWithSafe(sheet({ oracle: WITH_WINDOW }));
      await fund(0n, 1_000_000n);
      await enrol({ patients: 10 });
      await at("2026-04-01");
      await report({ tallies: patients(2, 8) });
      await expect(as(0).challenge(1, 0, 1, 0))
        .to.emit(agreement, "Challenged")
        .withArgs(1, 0, 1, 0);
      expect((await agreement.accountOf(0)).locked).to.equal(10_000n);
    });

    it("given automatic payout, when a refund settles, then it arrives at the Safe", async () => {
      const { agreement, enrol, report, token, safe, fund } = await openWithSafe(
        sheet({ parties: "{ payer: [{ name: Fund, payout: automatic }], manufacturer: [{ name: Maker }] }" }),
      );
      await fund(0n, 1_000_000n);
      await enrol({ patients: 10 });
      await at("2026-04-01");
      await expect(report({ tallies: patients(2, 8) }))
        .to.emit(agreement, "PaidOut")
        .withArgs(0, safe.address, 120_000n);
      expect(await token.balanceOf(safe.address)).to.equal(120_000n);
    });

    it("given a joint act, then it signs like any party", async () => {
      const { agreement, perform, stranger: other } = await openWithSafe();
      await expect(perform("appoint", { oracle: other.address, arbiter: other.address })).to.emit(
        agreement,
        "Appointed",
      );
      await expect(perform("terminate")).to.emit(agreement, "Terminated");
    });

    it("given a joint act that one owner signed, then it is refused", async () => {
      const { agreement, safe, forgeAct, party } = await openWithSafe();
      const one = safe.signedBy(owners.slice(0, 1)) as unknown as Account;
      const { act, signatures, digest } = await forgeAct("terminate", {}, { signers: [one, party(1)] });
      await expect(agreement.terminate(act, signatures))
        .to.be.revertedWithCustomError(agreement, "NotSigned")
        .withArgs(0, digest);
    });

    it("given it authorises enrolments, then none is taken without it", async () => {
      const authorised = sheet({ oracle: "{ reportWithin: 30d, authorisedBy: payer/Fund }" });
      const { agreement, enrol, safe } = await openWithSafe(authorised);
      const one = safe.signedBy(owners.slice(0, 1)) as unknown as Account;
      await expect(enrol({}, { authoriser: one })).to.be.revertedWithCustomError(agreement, "NotAuthorised");
      await expect(enrol()).to.emit(agreement, "Enrolled");
    });
  });

  describe("as the oracle", () => {
    const openEndorsed = async () => {
      let safe: SafeAccount | undefined;
      const stage = await openAgreement(sheet(), {
        oracle: async () => {
          safe = await deploySafe();
          return safe.address;
        },
      });
      await stage.fund(2_000_000n, 2_000_000n);
      return { ...stage, safe: safe! };
    };

    it("given two of three owners sign the digest, then enrolments and reports are taken", async () => {
      const { agreement, enrol, report, safe } = await openEndorsed();
      const endorse = (digest: string) => safe.sign(digest);
      await enrol({}, { endorse });
      await at("2026-04-01");
      await expect(report({ tallies: patients(2, 8) }, { endorse })).to.emit(agreement, "MilestoneReported");
    });

    it("given its owners change, then those before no longer endorse", async () => {
      const { agreement, enrol, safe } = await openEndorsed();
      const endorse = (digest: string) => safe.sign(digest);
      await enrol({ patients: 0 }, { endorse });
      await safe.administer("swapOwner", owners[0]!.address, owners[1]!.address, stranger.address);
      await expect(enrol({ patients: 0 }, { endorse })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await enrol({ patients: 0 }, { endorse: (digest) => safe.signedBy([owners[0]!, stranger]).sign(digest) });
    });

    it("given one owner, or the owners of another digest, then it does not endorse", async () => {
      const { agreement, enrol, safe } = await openEndorsed();
      for (const endorse of [
        (digest: string) => safe.signedBy(owners.slice(0, 1)).sign(digest),
        () => safe.sign(id("another")),
        () => "0x",
      ]) {
        await expect(enrol({}, { endorse })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      }
    });

    it("given it signed the digest on the chain, then the empty endorsement is enough", async () => {
      const { agreement, forgeEnrolment, safe } = await openEndorsed();
      const { message, digest } = await forgeEnrolment();
      await safe.signOnChain(digest);
      await expect(agreement.enrol(message, "0x", "0x")).to.emit(agreement, "Enrolled");
    });
  });

  describe("as a member of a committee", () => {
    it("given one operator and a Safe, then they are two", async () => {
      let safe: SafeAccount | undefined;
      const { agreement, enrol, fund } = await openAgreement(sheet(), {
        oracle: async () => {
          const deployer = (await ethers.getSigners())[0]!;
          safe = await deploySafe();
          const members = [operators[0]!.address, operators[1]!.address, safe.address];
          return (await new OracleCommittee__factory(deployer).deploy(members, 2)).getAddress();
        },
      });
      await fund(2_000_000n);
      const withSafe =
        (signing: SafeAccount) =>
        (digest: string): string =>
          encodeMultiSignature(
            inCommitteeOrder([
              { signer: operators[0]!.address, signature: operators[0]!.signingKey.sign(digest).serialized },
              { signer: signing.address, signature: signing.sign(digest) },
            ]),
          );
      const alone = withSafe(safe!.signedBy(owners.slice(0, 1)));
      await expect(enrol({}, { endorse: alone })).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await expect(enrol({}, { endorse: withSafe(safe!) })).to.emit(agreement, "Enrolled");
    });
  });

  describe("as the arbiter", () => {
    it("given its owners rule, then the agreement hears it", async () => {
      let safe: SafeAccount | undefined;
      const { agreement, as, enrol, report, fund, forgeReport } = await openAgreement(sheet({ oracle: WITH_WINDOW }), {
        arbiter: async () => {
          safe = await deploySafe();
          return safe.address;
        },
      });
      await fund(2_000_000n, 1_000_000n);
      await enrol({ patients: 10 });
      await at("2026-04-01");
      const { message } = await forgeReport({ tallies: patients(2, 8) });
      await report(message);
      await as(0).challenge(1, 0, 1, 0);
      await expect(agreement.connect(safe).ruleMilestone(message, false))
        .to.emit(agreement, "Ruled")
        .withArgs(1, 0, 1, false);
    });
  });

  it("given its handler, then the hash that owners sign is the documented one", async () => {
    const safe = await deploySafe();
    const digest = id("digest");
    expect(await safe.messageHash(digest)).to.equal(
      TypedDataEncoder.hash(
        { chainId, verifyingContract: safe.address },
        { SafeMessage: [{ name: "message", type: "bytes" }] },
        { message: digest },
      ),
    );
  });
});
