/** Sablier Lockup: one cancellable stream a patient that opens on the due day, or one for the whole cohort. */

import { ZeroAddress, type Contract } from "ethers";

import { AT_RISK, PRICE } from "../../../test/contracts/gas.life.ts";
import { FORTUNE, makeBed, pieces, type Bed } from "../bed.ts";
import { mustBePaid, partsOf, payUpfront } from "../money.ts";
import type { Peer } from "../peer.ts";
import { linked, published } from "../published.ts";

const PACKAGE = "@sablier/lockup";
/** What fits into one transaction. */
const CREATED = 100;
const CANCELLED = 240;
const WITHDRAWN = 300;
const DUE_DAYS = 90;
/** What the payer streams to somebody else beforehand. */
const OTHERS = 1n;
/** Of streams that nobody looks at as pictures. */
const NO_DESCRIPTOR = "0x000000000000000000000000000000000000dEaD";

interface Sablier {
  readonly lockup: Contract;
  readonly batch: Contract;
  readonly address: string;
}

/** As on the main chains: the comptroller behind its proxy. It asks no fee here. */
async function deploySablier(bed: Bed): Promise<Sablier> {
  const implementation = published("@sablier/evm-utils/artifacts/SablierComptroller.json");
  const logic = await bed.deploy(implementation, bed.relayer);
  const initialise = logic.interface.encodeFunctionData("initialize", [
    bed.relayer.address,
    ...[0, 0, 0, 0],
    ZeroAddress,
  ]);
  const proxy = await bed.deploy(published("@sablier/evm-utils/artifacts/ERC1967Proxy.json"), logic, initialise);
  const library = async (name: string) => {
    // Its interface names types that only Solidity knows, and nobody calls it by hand.
    const { bytecode } = published(`${PACKAGE}/artifacts/libraries/${name}.json`);
    return (await bed.deploy({ abi: [], bytecode })).getAddress();
  };
  const artifact = linked(`${PACKAGE}/artifacts/SablierLockup.json`, {
    LockupHelpers: await library("LockupHelpers"),
    LockupMath: await library("LockupMath"),
  });
  const lockup = await bed.deploy(artifact, proxy, NO_DESCRIPTOR);
  const batch = await bed.deploy(published(`${PACKAGE}/artifacts/SablierBatchLockup.json`));
  await bed.token.connect(bed.payer).approve(batch, FORTUNE);
  const sablier = { lockup, batch, address: await lockup.getAddress() };
  // Somebody else's, so that totals and balances are not empty, as on a chain in use.
  await open(bed, sablier, [OTHERS], bed.relayer.address);
  return sablier;
}

/**
 * Gas of creating, for the payer, a stream to the maker for each amount. Linear, without a cliff, whole a second after it
 * begins on the due day: the kind that stores the least.
 */
async function open(
  bed: Bed,
  { batch, address }: Sablier,
  amounts: readonly bigint[],
  recipient = bed.maker.address,
): Promise<bigint> {
  const due = bed.now() + DUE_DAYS * 86_400;
  let gas = 0n;
  for (const piece of pieces(amounts, CREATED)) {
    const streams = piece.map((depositAmount) => ({
      sender: bed.payer.address,
      recipient,
      depositAmount,
      cancelable: true,
      transferable: false,
      timestamps: { start: due, end: due + 1 },
      cliffTime: 0,
      unlockAmounts: { start: 0, cliff: 0 },
      granularity: 0,
      shape: "",
    }));
    gas += await bed.gasOf(batch, "createWithTimestampsLL", [address, bed.tokenAddress, streams], bed.payer);
  }
  return gas;
}

/** Gas of the payer's cancelling the streams that failed and, after the due day, of withdrawing from those that did not. */
async function close(
  bed: Bed,
  { lockup }: Sablier,
  failed: readonly number[],
  good: readonly number[],
  amount: bigint,
): Promise<bigint> {
  let gas = 0n;
  for (const piece of pieces(failed, CANCELLED)) gas += await bed.gasOf(lockup, "cancelMultiple", [piece], bed.payer);
  bed.wait(DUE_DAYS + 1);
  for (const piece of pieces(good, WITHDRAWN)) {
    gas += await bed.gasOf(lockup, "withdrawMultiple", [piece, piece.map(() => amount)]);
  }
  return gas;
}

export const sablierEach: Peer = {
  name: "Sablier Lockup, a stream a patient",
  from: PACKAGE,
  goal: 650,
  includes:
    "SablierBatchLockup creates, for what is at risk, a stream that opens on the due day; cancelMultiple for bad outcomes, withdrawMultiple for good ones; its own fee is set to nothing",
  lacks:
    "oracle and evidence: the payer can cancel any stream until it opens, so the maker has no escrow; dispute; privacy: a stream a patient",
  async live(patients, reports) {
    const bed = await makeBed();
    const sablier = await deploySablier(bed);
    const parts = partsOf(patients, reports);
    let gas = await payUpfront(bed, parts);
    let next = Number(await sablier.lockup.getFunction("nextStreamId").staticCall());
    for (const part of parts) {
      const streams = Array.from({ length: part.patients }, (_, i) => next + i);
      next += part.patients;
      gas += await open(
        bed,
        sablier,
        streams.map(() => AT_RISK),
      );
      gas += await close(bed, sablier, streams.slice(0, part.failed), streams.slice(part.failed), AT_RISK);
    }
    await mustBePaid(bed, parts, FORTUNE - OTHERS);
    return gas;
  },
};

export const sablierCohort: Peer = {
  name: "Sablier Lockup, a stream a cohort",
  from: PACKAGE,
  includes: "one stream of what is at risk for all patients of a report, measured where all outcomes are good",
  lacks:
    "any outcome between all and nothing; oracle and evidence: the payer can cancel, so the maker has no escrow; dispute",
  async live(patients, reports) {
    const bed = await makeBed();
    const sablier = await deploySablier(bed);
    const parts = partsOf(patients, reports);
    let gas = await payUpfront(bed, parts);
    let next = Number(await sablier.lockup.getFunction("nextStreamId").staticCall());
    for (const part of parts) {
      const amount = AT_RISK * BigInt(part.patients);
      gas += await open(bed, sablier, [amount]);
      gas += await close(bed, sablier, [], [next++], amount);
    }
    await bed.mustHold(bed.maker, PRICE * BigInt(patients));
    return gas;
  },
};
