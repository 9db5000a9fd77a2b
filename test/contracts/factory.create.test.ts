import { expect } from "chai";
import { dataSlice, getUint, ZeroHash, type Wallet } from "ethers";

import { hashTerms, termsDigest } from "../../terms/onchain/typedData.ts";
import { OutcomeAgreement__factory } from "../../typechain-types/index.ts";
import { at, chainId, dayOf, ethers, operators } from "./support/chain.ts";
import { draft } from "./support/draft.ts";
import { sheet } from "./support/sheet.ts";

const LEGAL = { sha256Hash: `0x${"ab".repeat(32)}`, uri: "ipfs://paper", prevails: "paper" };

describe("The factory", () => {
  it("given every party's signature, when anyone creates the agreement, then it stands at its address with its terms", async () => {
    const { factory, terms, legal, sign, stranger } = await draft(sheet());
    const address = await factory.addressOf(terms);
    expect(await ethers.provider.getCode(address)).to.equal("0x");
    const signatures = await sign();
    const sent = factory.connect(stranger).create(terms, legal, signatures);
    await expect(sent)
      .to.emit(factory, "AgreementCreated")
      .withArgs(
        address,
        hashTerms(terms),
        (found: { title: string }) => found.title === terms.title,
        (found: { sha256Hash: string }) => found.sha256Hash === ZeroHash,
        signatures,
      );
    const agreement = OutcomeAgreement__factory.connect(address, stranger);
    expect(await agreement.packedTerms()).to.equal(await factory.pack(terms));
    expect(await agreement.oracle()).to.equal(terms.oracle.account);
    expect(await agreement.accounts()).to.equal(2n);
    expect(await agreement.jointActs()).to.equal(0n);
    expect(await agreement.terminated()).to.equal(false);
  });

  it("given an agreement is created, then the event's data are the call's arguments, not a byte more or less", async () => {
    const { factory, create } = await draft(sheet());
    const sent = await create();
    const logs = (await sent.wait())!.logs.filter(
      ({ topics }) => topics[0] === factory.getEvent("AgreementCreated").fragment.topicHash,
    );
    expect(logs.map(({ data }) => data)).to.deep.equal([dataSlice(sent.data, 4)]);
  });

  it("given cohorts in any order, then the terms carry the day on which the earliest of them opens", async () => {
    const { factory, terms } = await draft(sheet());
    const [cohort] = terms.cohorts;
    const firstDay = async (...opens: number[]) => {
      const packed = await factory.pack({ ...terms, cohorts: opens.map((day) => ({ ...cohort!, opens: day })) });
      return Number(getUint(dataSlice(packed, 72, 75)));
    };
    expect(await firstDay(20260101, 20260301, 20260201)).to.equal(dayOf("2026-01-01"));
    expect(await firstDay(20260301, 20260101, 20260201)).to.equal(dayOf("2026-01-01"));
    expect(await firstDay(20260301, 20260201, 20260101)).to.equal(dayOf("2026-01-01"));
  });

  it("given the implementation itself, then it is no agreement that anyone can use", async () => {
    const { factory, stranger } = await draft(sheet());
    const bare = OutcomeAgreement__factory.connect(await factory.implementation(), stranger);
    await expect(bare.deposit(0, 1n)).to.revert(ethers);
    await expect(bare.terminate({ number: 1, lastDay: 100_000 }, [])).to.revert(ethers);
  });

  it("given the same terms, when they are created twice, then it is refused; under another nonce the address is another", async () => {
    const { factory, terms, create } = await draft(sheet());
    await create();
    await expect(create()).to.be.revertedWithCustomError(factory, "FailedDeployment");
    const again = { ...terms, nonce: 1n };
    expect(await factory.addressOf(again)).not.to.equal(await factory.addressOf(terms));
    await create(again);
    expect(await ethers.provider.getCode(await factory.addressOf(again))).not.to.equal("0x");
  });

  it("given a word that the agreement does not carry, when it changes, then the address changes", async () => {
    const { factory, terms } = await draft(sheet());
    const address = await factory.addressOf(terms);
    const others = [
      { ...terms, title: "Another title" },
      { ...terms, rules: "2099.1" },
      { ...terms, metrics: "{}" },
      { ...terms, clauses: terms.clauses.map((clause) => ({ ...clause, endpoint: "{}" })) },
      { ...terms, parties: terms.parties.map((party) => ({ ...party, name: `${party.name} Ltd` })) },
    ];
    for (const other of others) expect(await factory.addressOf(other)).not.to.equal(address);
  });

  describe("the paper contract", () => {
    it("is covered by the signatures", async () => {
      const { factory, terms, legal, sign } = await draft(sheet());
      const signatures = await sign(terms, LEGAL);
      for (const other of [legal, { ...LEGAL, uri: "ipfs://other" }, { ...LEGAL, prevails: "code" }]) {
        await expect(factory.create(terms, other, signatures)).to.be.revertedWithCustomError(factory, "NotSigned");
      }
      await factory.create(terms, LEGAL, signatures);
    });

    it("is no part of the address, so that it can name it", async () => {
      const { factory, terms, legal, create } = await draft(sheet());
      const address = await factory.addressOf(terms);
      expect(await factory.digest(terms, LEGAL)).not.to.equal(await factory.digest(terms, legal));
      await create(terms, LEGAL);
      expect(await ethers.provider.getCode(address)).not.to.equal("0x");
    });
  });

  describe("a signature", () => {
    it("is needed of every party, in the parties' order", async () => {
      const { factory, terms, legal, sign, parties, stranger } = await draft(sheet());
      const [payer, maker] = await sign();
      const [byStranger] = await sign(terms, legal, [stranger]);
      const digest = await factory.digest(terms, legal);
      for (const [signatures, missing] of [
        [[maker!, payer!], 0],
        [[maker!, maker!], 0],
        [[payer!, payer!], 1],
        [[payer!, byStranger!], 1],
        [[payer!, "0x"], 1],
      ] as const) {
        await expect(factory.create(terms, legal, [...signatures]))
          .to.be.revertedWithCustomError(factory, "NotSigned")
          .withArgs(missing, parties[missing], digest);
      }
    });

    it("comes once from each", async () => {
      const { factory, terms, legal, sign } = await draft(sheet());
      const signatures = await sign();
      for (const given of [[], signatures.slice(1), [...signatures, signatures[0]!]]) {
        await expect(factory.create(terms, legal, given))
          .to.be.revertedWithCustomError(factory, "WrongSignatureCount")
          .withArgs(given.length, 2n);
      }
    });

    it("over other terms, for another chain, factory or agreement, does not hold", async () => {
      const { factory, terms, legal, sign } = await draft(sheet());
      await expect(factory.create(terms, legal, await sign({ ...terms, nonce: 7n }))).to.be.revertedWithCustomError(
        factory,
        "NotSigned",
      );
      const [payer, maker] = operators as [Wallet, Wallet];
      const keys = [payer, maker];
      const byKeys = { ...terms, parties: terms.parties.map((p, i) => ({ ...p, account: keys[i]!.address })) };
      const here = await factory.getAddress();
      const address = await factory.addressOf(byKeys);
      const signed = (digest: string) => keys.map(({ signingKey }) => signingKey.sign(digest).serialized);
      for (const digest of [
        termsDigest(chainId + 1n, here, address, byKeys, legal),
        termsDigest(chainId, address, address, byKeys, legal),
        termsDigest(chainId, here, here, byKeys, legal),
      ]) {
        await expect(factory.create(byKeys, legal, signed(digest)))
          .to.be.revertedWithCustomError(factory, "NotSigned")
          .withArgs(0, payer.address, await factory.digest(byKeys, legal));
      }
      await factory.create(byKeys, legal, signed(termsDigest(chainId, here, address, byKeys, legal)));
    });

    it("of a wallet that is a contract, is its owner's", async () => {
      const { factory, terms, legal, sign, parties, stranger } = await draft(sheet());
      const wallet = await ethers.deployContract("Wallet1271", [stranger]);
      const account = await wallet.getAddress();
      const signed = { ...terms, parties: terms.parties.map((p, i) => (i === 1 ? { ...p, account } : p)) };
      await expect(factory.create(signed, legal, await sign(signed)))
        .to.be.revertedWithCustomError(factory, "NotSigned")
        .withArgs(1, account, await factory.digest(signed, legal));
      await factory.create(signed, legal, await sign(signed, legal, [parties[0]!, stranger]));
      const agreement = OutcomeAgreement__factory.connect(await factory.addressOf(signed), stranger);
      expect((await agreement.accountOf(1)).holder).to.equal(account);
    });

    it("of a wallet that answers with garbage, does not hold", async () => {
      const { factory, terms, legal, sign } = await draft(sheet());
      const hostile = await ethers.deployContract("HostileOracle");
      const account = await hostile.getAddress();
      const signed = { ...terms, parties: terms.parties.map((p, i) => (i === 1 ? { ...p, account } : p)) };
      const signatures = await sign(signed);
      for (const mode of [1, 2, 4, 5, 6]) {
        await hostile.setMode(mode);
        await expect(factory.create(signed, legal, signatures)).to.be.revertedWithCustomError(factory, "NotSigned");
      }
      await hostile.setMode(0);
      await factory.create(signed, legal, signatures);
    });
  });

  it("given a last day, when it is over, then the terms can't be created any more", async () => {
    const { factory, create } = await draft(sheet({ validUntil: "2026-03-31" }));
    const lastDay = dayOf("2026-03-31");
    await at("2026-04-01");
    await expect(create())
      .to.be.revertedWithCustomError(factory, "NoLongerValid")
      .withArgs(lastDay, lastDay + 1);
  });

  for (const date of ["2024-02-29", "2000-02-29", "1970-01-01"]) {
    it(`given the last day ${date}, which the calendar has, then it is known for over`, async () => {
      const { factory, terms, legal } = await draft(sheet());
      const validUntil = Number(date.replaceAll("-", ""));
      const today = dayOf("2026-01-01");
      await expect(factory.create({ ...terms, validUntil }, legal, []))
        .to.be.revertedWithCustomError(factory, "NoLongerValid")
        .withArgs(dayOf(date), today);
    });
  }

  it("given the last of all days, 2199-12-31, then the terms can be created; the day after does not exist", async () => {
    const { factory, terms, create } = await draft(sheet());
    await expect(create({ ...terms, validUntil: 22000101 }))
      .to.be.revertedWithCustomError(factory, "NoSuchDay")
      .withArgs(22000101);
    await expect(create({ ...terms, validUntil: 21991231 })).to.emit(factory, "AgreementCreated");
  });

  it("given a last day, when it is that day, then the terms can still be created", async () => {
    const { factory, create } = await draft(sheet({ validUntil: "2026-03-31" }));
    await at("2026-04-01", -10);
    await expect(create()).to.emit(factory, "AgreementCreated");
  });
});
