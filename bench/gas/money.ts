/** What the story pays, for peers that do not pay all of it by themselves. */

import { AT_RISK, failures, PRICE, shared } from "../../test/contracts/gas.life.ts";
import { gasUsed, type Bed } from "./bed.ts";

/** A part of the cohort that is settled at once. */
export interface Part {
  readonly patients: number;
  /** Bad outcomes: they come first. */
  readonly failed: number;
  readonly toMaker: bigint;
  readonly toPayer: bigint;
}

/** The cohort in as many parts as there are reports. */
export function partsOf(patients: number, reports: number): Part[] {
  return shared(patients, reports).map((size) => {
    const failed = failures(size);
    return {
      patients: size,
      failed,
      toMaker: AT_RISK * BigInt(size - failed),
      toPayer: AT_RISK * BigInt(failed),
    };
  });
}

/** What is paid whatever comes, in one plain transfer for each part; every peer is charged with it. */
export async function payUpfront(
  { token, payer, maker }: Bed,
  parts: readonly Part[],
  to: string = maker.address,
): Promise<bigint> {
  let gas = 0n;
  for (const { patients } of parts) {
    gas += await gasUsed(await token.connect(payer).transfer(to, upfrontOf(patients)));
  }
  return gas;
}

export const upfrontOf = (patients: number): bigint => (PRICE - AT_RISK) * BigInt(patients);

/** Both parties hold what the story gives them, `fortune` being the payer's at first. @throws Error when not */
export async function mustBePaid(bed: Bed, parts: readonly Part[], fortune: bigint): Promise<void> {
  const patients = parts.reduce((sum, part) => sum + BigInt(part.patients), 0n);
  const refunded = parts.reduce((sum, { toPayer }) => sum + toPayer, 0n);
  await bed.mustHold(bed.maker, PRICE * patients - refunded);
  await bed.mustHold(bed.payer, fortune - PRICE * patients + refunded);
}
