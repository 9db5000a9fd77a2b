/** The least that a report can cost by hand-written code, and how far ours is from it. */

import { AT_RISK, measureReports } from "../../test/contracts/gas.life.ts";
import type { Results } from "../bench.ts";
import { makeBed, members, quorum } from "./bed.ts";
import { own } from "./compile.ts";
import { gas, times } from "./format.ts";
import { payByFloor, type Endorse } from "./peers/payments.ts";

/** The first member's signature twice, and the third's. */
const forged: Endorse = (digest) => {
  const [first, , third] = quorum(digest);
  return [first, first, third];
};

/** What refuses nothing would be cheap for nothing. @throws Error when a call that should fail does not */
async function mustRefuse(call: () => Promise<unknown>, what: string): Promise<void> {
  const refused = await call().then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error(`the least accepts ${what}`);
}

/** Gas of a report into a slot that was empty, and of the next. */
async function measureFloor(): Promise<{ fresh: bigint; later: bigint }> {
  const bed = await makeBed();
  const floor = await bed.deploy(own("Floor"), members, bed.tokenAddress);
  await bed.token.connect(bed.payer).transfer(floor, AT_RISK * 1_000n);
  // The maker holds something already, as with us after enrolment.
  await bed.token.connect(bed.payer).transfer(bed.maker, AT_RISK);
  const report = (number: number) => payByFloor(bed, floor, number, bed.maker.address, AT_RISK * 400n);
  const found = { fresh: await report(1), later: await report(2) };
  await mustRefuse(() => report(2), "a report twice");
  await mustRefuse(() => payByFloor(bed, floor, 3, bed.maker.address, AT_RISK, forged), "two members' signatures");
  await bed.mustHold(bed.maker, AT_RISK * 801n);
  return found;
}

export async function measure(_note: (line: string) => void): Promise<Results> {
  const floor = await measureFloor();
  const ours = await measureReports();
  const row = (name: string, least: bigint, found: bigint) => [name, gas(least), gas(found), times(found, least)];
  const setting = `A report must at least be signed, remembered and paid; what ours costs beyond that pays for the rules that protect the money.

The least is \`bench/contracts/Floor.sol\`: three of five signatures by keys that stand in the bytecode, one slot, one ERC-20 transfer, in a transaction of its own. Ours reports and settles in one call without a challenge window: its committee is a contract of its own that can change its members, and it checks due days, tiers and counts, reads the terms, frees locks, books two accounts and pays out so that a refusing token can't stop it.`;
  return {
    setting,
    rows: [
      ["report and settle", "the least", "ours", "ratio"],
      row("first time (empty slots)", floor.fresh, ours.first),
      row("later (slots in use)", floor.later, ours.later),
    ],
    sameEverywhere: true,
  };
}
