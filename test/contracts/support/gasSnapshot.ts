/** Gas that is committed beside the tests that measure it. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { itMeasures } from "./itMeasures.ts";

/** Per cent that a measurement may differ from the snapshot. */
const TOLERANCE = 1n;

/**
 * A test that every call costs what the snapshot says.
 * @param snapshot A JSON file of gas by call; written anew with UPDATE_GAS=1.
 * @param measure Gas by call.
 */
export function itMatchesSnapshot(snapshot: URL, measure: () => Promise<Record<string, bigint>>): void {
  itMeasures("is what the snapshot says, within a per cent", async () => {
    const found = Object.entries(await measure());
    if (process.env.UPDATE_GAS === "1") {
      const written = Object.fromEntries(found.map(([call, gas]) => [call, Number(gas)]));
      writeFileSync(snapshot, `${JSON.stringify(written, null, 2)}\n`);
    }
    expect(existsSync(snapshot), "the snapshot is committed").to.equal(true);
    const committed = JSON.parse(readFileSync(snapshot, "utf8")) as Record<string, number>;
    expect(Object.keys(committed)).to.have.members(found.map(([call]) => call));
    for (const [call, gas] of found) {
      const before = BigInt(committed[call] ?? 0);
      const difference = gas > before ? gas - before : before - gas;
      expect(difference * 100n, `${call}: ${gas}, snapshot ${before}`).to.be.at.most(before * TOLERANCE);
    }
  });
}
