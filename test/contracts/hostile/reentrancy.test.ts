import { expect } from "chai";
import { Interface, type FunctionFragment, type ParamType } from "ethers";

import { at, ethers, openAgreement, patients } from "../support/agreement.ts";
import { OutcomeAgreement__factory } from "../../../typechain-types/index.js";
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

  it("can't enter while a deposit or a withdrawal is under way", async () => {
    const { agreement, address, token, as, party, relayer } = await dueToday();
    await token.mint(relayer, 10n);
    await token.approve(address, 10n);
    const deposit = calls.encodeFunctionData("deposit", [0, 0n]);
    for (const call of [() => agreement.deposit(0, 10n), () => as(0).withdraw(0, 10n, party(0))]) {
      await token.setCallback(address, deposit);
      await call();
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
