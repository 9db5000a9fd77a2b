/** The order of a call's checks: a message with every fault, of which one after the other is put right. */

import { expect } from "chai";
import type { BaseContract } from "ethers";

import type { Signing } from "./agreement.ts";

/** A refusal, and what causes it. */
export type Rung<M> = readonly [error: string, overrides: Partial<M>, signing?: Signing];

/** Each refusal in turn, though all later faults are there too; without any, the call goes through. */
export async function refusedInOrder<M>(
  contract: BaseContract,
  ladder: readonly Rung<NoInfer<M>>[],
  send: (overrides: Partial<M>, signing: Signing) => Promise<unknown>,
): Promise<void> {
  for (const [i, [error]] of ladder.entries()) {
    // Where two faults are of one field, the one that comes first is there.
    const faults = ladder.slice(i).toReversed();
    const overrides = Object.assign({}, ...faults.map(([, fault]) => fault)) as Partial<M>;
    const signing = Object.assign({}, ...faults.map(([, , fault]) => fault ?? {})) as Signing;
    await expect(send(overrides, signing), error).to.be.revertedWithCustomError(contract, error);
  }
  await send({}, {});
}
