import { expect } from "chai";

import { at, ethers, openAgreement, type Stage } from "../support/agreement.ts";
import { networkHelpers } from "../support/chain.ts";
import { draft } from "../support/draft.ts";
import { sheet } from "../support/sheet.ts";
import type { Accomplice, HostileOracle } from "../../../typechain-types/index.ts";
import { REFUND, report, REST, SHEET } from "./support/due.ts";

const MODES = {
  Magic: 0,
  Refuse: 1,
  Revert: 2,
  EatGas: 3,
  Garbage: 4,
  Short: 5,
  Dirty: 6,
  Bomb: 7,
  EveryOtherDay: 9,
  Empty: 10,
};
/** What says no: wherever it is asked, nobody signed. */
const NOES = ["Refuse", "Revert", "Garbage", "Short", "Dirty", "Empty"] as const;

const MAKER = 1;

/** An agreement whose maker, and payer if so asked, is a contract; its word at creation is yes. */
async function withWallet(both = false, source = SHEET): Promise<Stage & { wallets: HostileOracle[] }> {
  let accounts: string[] = [];
  const wallets: HostileOracle[] = [];
  const stage = await openAgreement(source, {
    // On the chain that the draft has started anew, before the terms are put together.
    token: async () => {
      for (let i = both ? 0 : 1; i < 2; i++) wallets.push(await ethers.deployContract("HostileOracle"));
      accounts = await Promise.all(wallets.map((wallet) => wallet.getAddress()));
      return ethers.deployContract("PlainToken", [2]);
    },
    stretch: ({ parties }) => parties.slice(-accounts.length).forEach((party, i) => (party.account = accounts[i]!)),
  });
  return { ...stage, wallets };
}

describe("A party that is a contract", () => {
  for (const mode of NOES) {
    it(`given it answers with ${mode}, then it has not signed the terms`, async () => {
      const { factory, terms, legal, sign } = await draft(SHEET);
      const wallet = await ethers.deployContract("HostileOracle");
      await wallet.setMode(MODES[mode]);
      const [payer, maker] = terms.parties;
      const account = await wallet.getAddress();
      const other = { ...terms, parties: [payer!, { ...maker!, account }] };
      await expect(factory.create(other, legal, await sign(other)))
        .to.be.revertedWithCustomError(factory, "NotSigned")
        .withArgs(1n, account, await factory.digest(other, legal));
    });
  }

  it("given it eats all gas at creation, then the agreement is not created, and nothing else happens", async () => {
    const { factory, terms, legal, sign } = await draft(SHEET);
    const wallet = await ethers.deployContract("HostileOracle");
    await wallet.setMode(MODES.EatGas);
    const [payer, maker] = terms.parties;
    const other = { ...terms, parties: [payer!, { ...maker!, account: await wallet.getAddress() }] };
    await expect(factory.create(other, legal, await sign(other), { gasLimit: 5_000_000n })).to.revert(ethers);
    expect(await ethers.provider.getCode(await factory.addressOf(other))).to.equal("0x");
  });

  for (const mode of NOES) {
    it(`given it answers with ${mode} after the signing, then what needs all stops, and outcomes go on`, async () => {
      const stage = await withWallet();
      const { agreement, wallets, fund, enrol, perform, books } = stage;
      await fund(2_000_000n);
      await enrol({ patients: 10 });
      await wallets[0]!.setMode(MODES[mode]);
      await expect(perform("terminate"))
        .to.be.revertedWithCustomError(agreement, "NotSigned")
        .withArgs(MAKER, (digest: string) => digest.length === 66);
      expect(await agreement.jointActs()).to.equal(0n);
      await at("2026-04-01");
      await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(MAKER, wallets[0], REST);
      expect((await books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
    });
  }

  it("given it eats all gas, then only what needs its signature fails", async () => {
    const stage = await withWallet();
    const { agreement, wallets, fund, enrol, forgeAct } = stage;
    await fund(2_000_000n);
    await enrol({ patients: 10 });
    await wallets[0]!.setMode(MODES.EatGas);
    const { act, signatures } = await forgeAct("terminate");
    await expect(agreement.terminate(act, signatures, { gasLimit: 5_000_000n })).to.revert(ethers);
    await at("2026-05-02");
    await expect(agreement.lapse(1, 0, 1)).to.emit(agreement, "Lapsed");
  });

  it("given it answers yes with a flood of data, then that is its word", async () => {
    const { agreement, wallets, perform } = await withWallet();
    await wallets[0]!.setMode(MODES.Bomb);
    await expect(perform("terminate")).to.emit(agreement, "Terminated");
  });

  it("given it answers yes on some days and no on others, then what it signed once stands", async () => {
    const { agreement, wallets, perform, fund } = await withWallet();
    await fund(100n, 100n);
    await wallets[0]!.setMode(MODES.EveryOtherDay);
    // 2026-01-02 is day 20,455 and 2026-01-03 is day 20,456.
    await at("2026-01-02");
    const release = { movements: [{ from: 1, to: 0, amount: 100n }] };
    await expect(perform("release", release)).to.be.revertedWithCustomError(agreement, "NotSigned");
    await at("2026-01-03");
    await perform("release", release);
    await at("2026-01-04");
    expect((await agreement.accountOf(0)).balance).to.equal(200n);
    expect(await agreement.jointActs()).to.equal(1n);
  });

  it("given it says yes to everything, then nobody moves the other side's money with it", async () => {
    const stage = await withWallet();
    const { agreement, fund, forgeAct, stranger, parties, books } = stage;
    await fund(100n, 100n);
    const steal = { movements: [{ from: 0, to: 1, amount: 100n }] };
    const { act, signatures } = await forgeAct("release", steal, { signers: [stranger, stranger] });
    await expect(agreement.release(act, signatures)).to.be.revertedWithCustomError(agreement, "NotSigned");
    await expect(agreement.connect(stranger).withdraw(MAKER, 1n, stranger)).to.be.revertedWithCustomError(
      agreement,
      "NotHolder",
    );
    // Its own it can lose to whoever has the others' signatures.
    const give = { movements: [{ from: 1, to: 0, amount: 100n }] };
    const gift = await forgeAct("release", give, { signers: [parties[0]!, stranger] });
    await agreement.release(gift.act, gift.signatures);
    expect((await books()).map(([balance]) => balance)).to.deep.equal([200n, 0n]);
  });

  it("given both say yes to everything, then anybody moves what is free, and nothing that is locked", async () => {
    const stage = await withWallet(true);
    const { agreement, fund, enrol, forgeAct, stranger } = stage;
    await fund(2_000_000n);
    await enrol({ patients: 10 });
    const signers = { signers: [stranger, stranger] };
    const locked = await forgeAct("release", { movements: [{ from: 1, to: 0, amount: 400_001n }] }, signers);
    await expect(agreement.release(locked.act, locked.signatures)).to.be.revertedWithCustomError(
      agreement,
      "InsufficientEscrow",
    );
    const free = await forgeAct("release", { movements: [{ from: 0, to: 1, amount: 1_000_000n }] }, signers);
    await agreement.release(free.act, free.signatures);
  });

  it("given its code is gone, then nobody signs for it, and its account is still paid", async () => {
    const stage = await withWallet();
    const { agreement, wallets, fund, enrol, perform } = stage;
    await fund(2_000_000n);
    await enrol({ patients: 10 });
    await networkHelpers.setCode(await wallets[0]!.getAddress(), "0x");
    await expect(perform("terminate")).to.be.revertedWithCustomError(agreement, "NotSigned");
    await at("2026-04-01");
    await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(MAKER, wallets[0], REST);
  });
});

describe("A holder that is a contract which takes no ether", () => {
  it("given an account is handed to it, then it is paid, withdraws and hands on like anyone", async () => {
    const stage = await openAgreement(SHEET);
    const { agreement, address, token, as, fund, enrol, stranger } = stage;
    const holder: Accomplice = await ethers.deployContract("Accomplice");
    await expect(stage.relayer.sendTransaction({ to: holder, value: 1n })).to.revert(ethers);
    await fund(2_000_000n, 500n);
    await enrol({ patients: 10 });
    await as(1).assign(1, holder);
    await at("2026-04-01");
    await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(MAKER, holder, REST);
    expect(await token.balanceOf(holder)).to.equal(REST);
    const calls = [
      agreement.interface.encodeFunctionData("withdraw", [1, 500n, stranger.address]),
      agreement.interface.encodeFunctionData("assign", [1, stranger.address]),
    ];
    await holder.act([address, address], calls);
    expect((await agreement.accountOf(1)).holder).to.equal(stranger.address);
  });

  it("given it can do nothing but hold, then its money waits and everybody else's goes on", async () => {
    const stage = await openAgreement(SHEET);
    const { agreement, as, fund, enrol, books, stranger } = stage;
    const tomb = await ethers.deployContract("Refuter");
    await fund(2_000_000n, 500n);
    await enrol({ patients: 10 });
    await as(1).assign(1, tomb);
    await at("2026-04-01");
    await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(0, stage.party(0), REFUND);
    expect((await books())[1]).to.deep.equal([500n, 0n]);
    for (const account of [stage.party(1), stranger]) {
      await expect(agreement.connect(account).withdraw(1, 500n, account))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(1, account);
    }
  });
});

describe("A wallet that authorises enrolments", () => {
  const AUTHORISED = sheet({ oracle: "{ reportWithin: 30d, authorisedBy: manufacturer/Maker }" });

  for (const mode of NOES) {
    it(`given it answers with ${mode}, then nobody is enrolled`, async () => {
      const { agreement, wallets, fund, enrol } = await withWallet(false, AUTHORISED);
      await fund(2_000_000n);
      await wallets[0]!.setMode(MODES[mode]);
      await expect(enrol({ patients: 10 })).to.be.revertedWithCustomError(agreement, "NotAuthorised");
      expect((await agreement.cohortState(0)).patients).to.equal(0n);
    });
  }

  it("given it says yes to everything, then the oracle's word is still needed", async () => {
    const { agreement, fund, forgeEnrolment } = await withWallet(false, AUTHORISED);
    await fund(2_000_000n);
    const { message, endorsement } = await forgeEnrolment({ patients: 10 });
    await expect(agreement.enrol({ ...message, patients: 11 }, endorsement, "0x")).to.be.revertedWithCustomError(
      agreement,
      "NotEndorsed",
    );
    await expect(agreement.enrol(message, endorsement, "0x")).to.emit(agreement, "Enrolled");
  });

  it("given its account is handed over, then the new holder's word counts and its own no more", async () => {
    const stage = await openAgreement(AUTHORISED);
    const { agreement, as, fund, enrol, stranger } = stage;
    await fund(2_000_000n);
    await as(1).assign(1, stranger);
    await expect(enrol({ patients: 1 })).to.be.revertedWithCustomError(agreement, "NotAuthorised");
    await enrol({ patients: 1 }, { authoriser: stranger });
    expect((await agreement.cohortState(0)).patients).to.equal(1n);
  });
});
