import { expect } from "chai";
import { id, Interface, type FunctionFragment, type ParamType } from "ethers";

import { at, ethers, openAgreement, patients } from "../support/agreement.ts";
import { OutcomeAgreement__factory, type ReenteringSigner } from "../../../typechain-types/index.ts";
import { AUTOMATIC, sheet } from "../support/sheet.ts";

// Untyped: the tests go through its functions by themselves.
const calls = new Interface(OutcomeAgreement__factory.abi);
const GUARD = calls.getError("ReentrancyGuardReentrantCall")!.selector;

/** Every function that can change something, whoever adds one. */
const CHANGING = calls.fragments
  .filter((fragment): fragment is FunctionFragment => fragment.type === "function")
  .filter(({ stateMutability }) => stateMutability === "nonpayable");

/** A value of a type: zeros all the way down. */
function zeroOf(type: ParamType): unknown {
  if (type.baseType === "array") return [];
  if (type.baseType === "tuple") return type.components!.map(zeroOf);
  if (type.baseType === "bool") return false;
  if (type.baseType === "address") return ethers.ZeroAddress;
  if (type.baseType === "bytes") return "0x";
  if (type.baseType.startsWith("bytes")) return `0x${"00".repeat(Number(type.baseType.slice(5)))}`;
  return 0n;
}

/** Ten patients due, both sides paid automatically, in a token that calls back. */
async function dueToday() {
  const stage = await openAgreement(sheet({ parties: AUTOMATIC }), {
    token: () => ethers.deployContract("ReentrantToken", [2]),
  });
  await stage.fund(2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  return stage;
}

type Due = Awaited<ReturnType<typeof dueToday>>;

describe("A token that calls back", () => {
  it("finds as many changing functions as the interface declares", () => {
    expect(CHANGING.map(({ name }) => name)).to.include.members(["enrol", "withdraw", "agree", "depositWithPermit"]);
  });

  for (const target of CHANGING) {
    it(`can't enter ${target.name} while a payout is under way`, async () => {
      const { agreement, address, token, report, books } = await dueToday();
      await token.setCallback(address, calls.encodeFunctionData(target, target.inputs.map(zeroOf)));
      await expect(report({ tallies: patients(2, 8) })).to.emit(agreement, "PaidOut");
      expect(await token.called()).to.equal(true);
      expect(await token.succeeded()).to.equal(false);
      expect(await token.result()).to.equal(GUARD);
      expect(await books()).to.deep.equal([
        [1_000_000n, 0n],
        [0n, 0n],
      ]);
    });
  }

  for (const [what, make] of [
    ["a deposit", ({ agreement }) => agreement.deposit(0, 10n)],
    ["a deposit by permit", ({ agreement }) => agreement.depositWithPermit(0, 10n, 0n, 27, id("r"), id("s"))],
    ["a withdrawal", ({ as, party }) => as(0).withdraw(0, 10n, party(0))],
  ] as const satisfies readonly (readonly [string, (stage: Due) => Promise<unknown>])[]) {
    it(`can't enter anything while ${what} is under way`, async () => {
      const stage = await dueToday();
      const { address, token, relayer } = stage;
      await token.mint(relayer, 1_000n);
      await token.approve(address, 1_000n);
      for (const target of CHANGING) {
        await token.setCallback(address, calls.encodeFunctionData(target, target.inputs.map(zeroOf)));
        await make(stage);
        expect(await token.called(), target.name).to.equal(true);
        expect(await token.result(), target.name).to.equal(GUARD);
      }
    });
  }

  it("can't enter while an enrolment, a compromise or a lapse pays out", async () => {
    const stage = await dueToday();
    const { agreement, address, token, enrol, perform, fund } = stage;
    await fund(2_000_000n);
    const lapse = async () => {
      await at("2026-08-01");
      return agreement.lapse(1, 0, 1);
    };
    for (const pay of [() => enrol({ patients: 10 }), () => perform("agree", { patients: 1, total: 1n }), lapse]) {
      await token.setCallback(address, calls.encodeFunctionData("withdraw", [0, 1n, address]));
      await expect(pay()).to.emit(agreement, "PaidOut");
      expect(await token.called()).to.equal(true);
      expect(await token.result()).to.equal(GUARD);
    }
  });

  it("sees books that are settled already", async () => {
    const { address, token, report } = await dueToday();
    await token.setCallback(address, calls.encodeFunctionData("accountOf", [1]));
    await report({ tallies: patients(2, 8) });
    const [, ...found] = calls.decodeFunctionResult("accountOf", await token.result()).toArray() as unknown[];
    expect(found).to.deep.equal([0n, 0n]);
  });
});

const ON_REQUEST = AUTOMATIC.replaceAll("automatic", "on-request");

describe("A receiver that is told of tokens (as by ERC-777)", () => {
  /** The maker's account is in the hands of a contract that calls back; the payer's stays where it is. */
  async function told(parties: string) {
    const stage = await openAgreement(sheet({ parties }), { token: () => ethers.deployContract("HookToken", [2]) });
    await stage.fund(2_000_000n);
    await stage.enrol({ patients: 10 });
    const thief = await ethers.deployContract("Accomplice");
    await stage.as(1).assign(1, thief);
    await stage.token.setHook(thief, thief);
    await at("2026-04-01");
    return { ...stage, thief, withdrawal: (n: bigint, to: string) => calls.encodeFunctionData("withdraw", [1, n, to]) };
  }

  it("given it is paid, when it withdraws the same money from the hook, then it can't enter", async () => {
    const { token, thief, withdrawal, address, report, books } = await told(AUTOMATIC);
    await thief.prepare(address, withdrawal(480_000n, await thief.getAddress()));
    await report({ tallies: patients(2, 8) });
    expect(await thief.result()).to.equal(GUARD);
    expect(await token.balanceOf(thief)).to.equal(480_000n);
    expect((await books())[1]).to.deep.equal([0n, 0n]);
  });

  it("given it withdraws, when it withdraws again from the hook, then it can't enter", async () => {
    const { token, thief, withdrawal, address, report, books } = await told(ON_REQUEST);
    await report({ tallies: patients(2, 8) });
    const all = (await books())[1]![0];
    await thief.prepare(address, withdrawal(1n, await thief.getAddress()));
    await thief.act([address], [withdrawal(all, await thief.getAddress())]);
    expect(await thief.result()).to.equal(GUARD);
    expect(await token.balanceOf(thief)).to.equal(all);
    expect((await books())[1]).to.deep.equal([0n, 0n]);
  });

  it("given it is asked before it pays in, when it calls back, then it can't enter either", async () => {
    const { token, thief, agreement, address, books } = await told(AUTOMATIC);
    await token.mint(thief, 10n);
    await thief.prepare(address, calls.encodeFunctionData("deposit", [1, 10n]));
    const before = (await books())[1]![0];
    await thief.act(
      [await token.getAddress(), address],
      [
        token.interface.encodeFunctionData("approve", [address, 10n]),
        agreement.interface.encodeFunctionData("deposit", [1, 10n]),
      ],
    );
    expect(await thief.result()).to.equal(GUARD);
    expect((await books())[1]![0]).to.equal(before + 10n);
  });

  it("given it enters another agreement in the same token, then that one's books are its own", async () => {
    const { token, thief, address, report, books, factory, terms, legal, sign, stranger } = await told(AUTOMATIC);
    const twin = { ...terms, nonce: 1n };
    await factory.create(twin, legal, await sign(twin));
    const other = OutcomeAgreement__factory.connect(await factory.addressOf(twin), stranger);
    await token.mint(thief, 10n);
    await thief.act(
      [await token.getAddress()],
      [token.interface.encodeFunctionData("approve", [await other.getAddress(), 10n])],
    );
    await thief.prepare(other, calls.encodeFunctionData("deposit", [0, 10n]));
    await report({ tallies: patients(2, 8) });
    expect(await thief.succeeded()).to.equal(true);
    expect((await other.accountOf(0)).balance).to.equal(10n);
    expect(await token.balanceOf(other)).to.equal(10n);
    expect(await books()).to.deep.equal([
      [1_000_000n, 0n],
      [0n, 0n],
    ]);
    expect(await token.balanceOf(address)).to.equal(1_000_000n);
  });

  it("given its hook reverts, then a payout fails and nobody else's does", async () => {
    const { agreement, token, thief, report, party } = await told(AUTOMATIC);
    // A hook without code behind it: the token's call reverts.
    await token.setHook(thief, party(0).address);
    const sent = await report({ tallies: patients(2, 8) });
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), 120_000n);
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, thief, 480_000n);
  });
});

describe("Who is asked for a signature", () => {
  /** The oracle and the maker are one contract's word each, and each makes a call before it gives it. */
  async function asked() {
    const signers: ReenteringSigner[] = [];
    let accounts: string[] = [];
    const stage = await openAgreement(sheet({ parties: AUTOMATIC }), {
      token: async () => {
        for (let i = 0; i < 2; i++) signers.push(await ethers.deployContract("ReenteringSigner"));
        accounts = await Promise.all(signers.map((signer) => signer.getAddress()));
        // At creation they sign: a call of nothing to nobody succeeds.
        for (const signer of signers) await signer.prepare(ethers.ZeroAddress, "0x", "0x", true);
        return ethers.deployContract("PlainToken", [2]);
      },
      stretch: ({ oracle, parties }) => {
        oracle.account = accounts[0]!;
        parties[1]!.account = accounts[1]!;
      },
    });
    await stage.fund(2_000_000n);
    return { ...stage, oracle: signers[0]!, wallet: signers[1]! };
  }

  it("given an oracle that calls back, then nothing of the agreement can be entered from its answer", async () => {
    const { agreement, address, oracle, forgeEnrolment } = await asked();
    for (const target of CHANGING) {
      const attempt = calls.encodeFunctionData(target, target.inputs.map(zeroOf));
      const { message, endorsement } = await forgeEnrolment({ patients: 0 });
      // It endorses when its call got through: it did not.
      await oracle.prepare(address, attempt, "0x", true);
      await expect(agreement.enrol(message, endorsement, "0x")).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      // It endorses when its call met the guard: it did.
      await oracle.prepare(address, attempt, GUARD, false);
      await agreement.enrol(message, endorsement, "0x");
    }
    expect((await agreement.cohortState(0)).number).to.equal(BigInt(CHANGING.length));
  });

  it("given a party that calls back, then nothing of the agreement can be entered from its answer", async () => {
    const { agreement, address, wallet, forgeAct } = await asked();
    for (const target of CHANGING) {
      const attempt = calls.encodeFunctionData(target, target.inputs.map(zeroOf));
      const { act, signatures } = await forgeAct("release");
      await wallet.prepare(address, attempt, "0x", true);
      await expect(agreement.release(act, signatures)).to.be.revertedWithCustomError(agreement, "NotSigned");
      await wallet.prepare(address, attempt, GUARD, false);
      await agreement.release(act, signatures);
    }
    expect(await agreement.jointActs()).to.equal(BigInt(CHANGING.length));
  });

  it("given it would change anything at all, also of its own, then it can't: it is asked in a static call", async () => {
    const { agreement, oracle, token, forgeEnrolment } = await asked();
    const attempts: [string, string][] = [
      [await oracle.getAddress(), oracle.interface.encodeFunctionData("mark")],
      [await token.getAddress(), token.interface.encodeFunctionData("mint", [await oracle.getAddress(), 1n])],
    ];
    for (const [target, data] of attempts) {
      const { message, endorsement } = await forgeEnrolment({ patients: 0 });
      await oracle.prepare(target, data, "0x", true);
      await expect(agreement.enrol(message, endorsement, "0x")).to.be.revertedWithCustomError(agreement, "NotEndorsed");
      await oracle.prepare(target, data, "0x", false);
      await agreement.enrol(message, endorsement, "0x");
    }
    expect(await oracle.marks()).to.equal(0n);
    // Outside of a static call the same attempt succeeds.
    await oracle.mark();
    expect(await oracle.marks()).to.equal(1n);
  });

  it("given it reads the agreement before it answers, then it sees the books as they were", async () => {
    const { agreement, address, oracle, enrol, books } = await asked();
    const view = calls.encodeFunctionData("cohortState", [0]);
    await oracle.prepare(address, view, "0x", true);
    const before = await books();
    await enrol({ patients: 0 });
    expect(await books()).to.deep.equal(before);
    expect((await agreement.cohortState(0)).number).to.equal(1n);
  });

  it("given a party that creates the agreement from within its own creation, then it can't", async () => {
    const { factory, terms, legal, sign, wallet } = await asked();
    const again = { ...terms, nonce: 1n };
    const signatures = await sign(again);
    const create = factory.interface.encodeFunctionData("create", [again, legal, signatures]);
    await wallet.prepare(await factory.getAddress(), create, "0x", true);
    await expect(factory.create(again, legal, signatures)).to.be.revertedWithCustomError(factory, "NotSigned");
    expect(await ethers.provider.getCode(await factory.addressOf(again))).to.equal("0x");
  });
});
