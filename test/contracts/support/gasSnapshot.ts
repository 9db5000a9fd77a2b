/** Gas that is committed beside the tests that measure it. */

import { expect } from "chai";

import { itMeasures } from "./itMeasures.ts";
import { snapshot } from "./snapshot.ts";

/** Per cent that a measurement may differ from the snapshot. */
const TOLERANCE = 1n;

/**
 * A test that every call costs what the snapshot says.
 * @param file JSON, gas by call; written anew with UPDATE_SNAPSHOTS=1.
 * @param measure Gas by call.
 */
export function itMatchesSnapshot(file: URL, measure: () => Promise<Record<string, bigint>>): void {
  itMeasures("is what the snapshot says, within a per cent", async () => {
    const found = Object.entries(await measure());
    const committed = snapshot(file, Object.fromEntries(found.map(([call, gas]) => [call, Number(gas)])));
    expect(Object.keys(committed)).to.have.members(found.map(([call]) => call));
    for (const [call, gas] of found) {
      const before = BigInt(committed[call] ?? 0);
      const difference = gas > before ? gas - before : before - gas;
      expect(difference * 100n, `${call}: ${gas}, snapshot ${before}`).to.be.at.most(before * TOLERANCE);
    }
  });
}
