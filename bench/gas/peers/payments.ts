/** Payments of a report's total: by whom, and on whose word, is all in which they differ. */

import { AbiCoder, keccak256, ZeroAddress, type Contract } from "ethers";

import { AT_RISK, PRICE } from "../../../test/contracts/gas.life.ts";
import { chainId, operators } from "../../../test/contracts/support/chain.ts";
import { FORTUNE, gasUsed, makeBed, members, quorum, type Bed } from "../bed.ts";
import { own } from "../compile.ts";
import { mustBePaid, partsOf, payUpfront, upfrontOf, type Part } from "../money.ts";
import type { Peer } from "../peer.ts";
import { published } from "../published.ts";

const SAFE = "@safe-global/safe-contracts";

/** Gas of paying the maker a report's part. */
type Pay = (part: Part, report: number) => Promise<bigint>;

/** The story where somebody holds what is at risk, and keeps what the maker does not get. */
async function tell(
  patients: number,
  reports: number,
  holder: (bed: Bed) => Promise<{ address: string; pay: Pay }>,
): Promise<bigint> {
  const bed = await makeBed();
  const { address, pay } = await holder(bed);
  const atRisk = AT_RISK * BigInt(patients);
  await bed.token.connect(bed.payer).transfer(address, atRisk + PRICE);
  const parts = partsOf(patients, reports);
  let gas = await payUpfront(bed, parts);
  let paid = 0n;
  for (const [report, part] of parts.entries()) {
    gas += await pay(part, report);
    paid += part.toMaker;
  }
  await bed.mustHold(bed.maker, upfrontOf(patients) + paid);
  await bed.mustHold(address, atRisk + PRICE - paid);
  return gas;
}

export const plainPayment: Peer = {
  name: "A plain payment a report",
  from: null,
  includes: "an ERC-20 transfer by the payer of what a report says",
  lacks: "everything but the payment: escrow, evidence, signatures of an oracle, counts, due days, silence, dispute",
  async live(patients, reports) {
    const bed = await makeBed();
    const parts = partsOf(patients, reports);
    let gas = await payUpfront(bed, parts);
    for (const { toMaker } of parts)
      gas += await gasUsed(await bed.token.connect(bed.payer).transfer(bed.maker, toMaker));
    await mustBePaid(bed, parts, FORTUNE);
    return gas;
  },
};

export const floorPayment: Peer = {
  name: "Three signatures, one slot, one transfer a report",
  from: null,
  includes: "a contract written for this bench, the least that a report can cost (see below); it holds the money",
  lacks:
    "limits: three of the five can pay all that it holds to anybody; enrolment, tiers, locks, counts and root, due days, silence, dispute, new members",
  live: (patients, reports) =>
    tell(patients, reports, async (bed) => {
      const floor = await bed.deploy(own("Floor"), members, bed.tokenAddress);
      const address = await floor.getAddress();
      return { address, pay: ({ toMaker }, report) => payByFloor(bed, floor, report + 1, bed.maker.address, toMaker) };
    }),
};

/** Three signatures of a digest. */
export type Endorse = (digest: string) => readonly unknown[];

/** Gas of a report to the floor's contract. */
export async function payByFloor(
  bed: Bed,
  floor: Contract,
  number: number,
  to: string,
  amount: bigint,
  endorse: Endorse = quorum,
): Promise<bigint> {
  const clause = 1n;
  const packed = (clause << 192n) | (BigInt(number) << 128n) | amount;
  const coder = AbiCoder.defaultAbiCoder();
  const domain = keccak256(coder.encode(["uint256", "address"], [chainId, await floor.getAddress()]));
  const digest = keccak256(coder.encode(["bytes32", "uint256", "address"], [domain, packed, to]));
  return bed.gasOf(floor, "report", [packed, to, endorse(digest)]);
}

export const safePayment: Peer = {
  name: "A 3-of-5 Safe's payment a report",
  from: SAFE,
  includes: "execTransaction with three owners' signatures, an ERC-20 transfer; the Safe holds the money",
  lacks:
    "limits: three of the five can pay all that it holds to anybody; enrolment, tiers, locks, counts and root, due days, silence, dispute",
  live: (patients, reports) =>
    tell(patients, reports, async (bed) => {
      const safe = await deploySafe(bed);
      return { address: await safe.getAddress(), pay: ({ toMaker }) => payBySafe(bed, safe, toMaker) };
    }),
};

async function deploySafe(bed: Bed): Promise<Contract> {
  const artifact = (path: string) => {
    const name = path.split("/").at(-1) ?? path;
    return published(`${SAFE}/build/artifacts/contracts/${path}.sol/${name}.json`);
  };
  const singleton = await bed.deploy(artifact("Safe"));
  const factory = await bed.deploy(artifact("proxies/SafeProxyFactory"));
  const nobody = [ZeroAddress, "0x", ZeroAddress, ZeroAddress, 0, ZeroAddress];
  const setup = singleton.interface.encodeFunctionData("setup", [members, 3, ...nobody]);
  const args = [await singleton.getAddress(), setup, 0];
  const address = (await factory.getFunction("createProxyWithNonce").staticCall(...args)) as string;
  await bed.send(factory, "createProxyWithNonce", args);
  return singleton.attach(address) as Contract;
}

async function payBySafe(bed: Bed, safe: Contract, amount: bigint): Promise<bigint> {
  const data = bed.token.interface.encodeFunctionData("transfer", [bed.maker.address, amount]);
  // A plain call, whose gas nobody pays back.
  const transaction = [bed.tokenAddress, 0, data, 0, 0, 0, 0, ZeroAddress, ZeroAddress];
  const nonce = (await safe.getFunction("nonce").staticCall()) as bigint;
  const digest = (await safe.getFunction("getTransactionHash").staticCall(...transaction, nonce)) as string;
  const signatures = operators
    .slice(0, 3)
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
    .map(({ signingKey }) => signingKey.sign(digest).serialized.slice(2));
  return bed.gasOf(safe, "execTransaction", [...transaction, `0x${signatures.join("")}`]);
}
