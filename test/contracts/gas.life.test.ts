import { expect } from "chai";

import { measureLife } from "./gas.life.ts";
import { itMatchesSnapshot } from "./support/gasSnapshot.ts";
import { itMeasures } from "./support/itMeasures.ts";

/** Committed; written anew with UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL("gas.life.snapshot.json", import.meta.url);

/** Patients, enrolments (and as many reports), what such a life may use at most, and whether nothing is spare in it. */
const LIVES = [
  [1_000, 1, 325_000n, false],
  [1_000, 1, 325_000n, true],
  [1_000, 10, 2_650_000n, false],
  [1_000, 10, 2_650_000n, true],
  [100_000, 1, 325_000n, false],
  [100_000, 10, 2_650_000n, false],
] as const;

const name = (total: number, batches: number, toTheLastCent: boolean): string =>
  `${total.toLocaleString("en")} patients in ${batches} + ${batches} calls${toTheLastCent ? ", funded to the last cent" : ""}`;

let measured: Promise<Map<string, bigint>> | undefined;

/** All lives, measured once. */
function measure(): Promise<Map<string, bigint>> {
  measured ??= (async () => {
    const found = new Map<string, bigint>();
    for (const [total, batches, , toTheLastCent] of LIVES) {
      found.set(name(total, batches, toTheLastCent), await measureLife(total, batches, { toTheLastCent }));
    }
    return found;
  })();
  return measured;
}

describe("Gas of a whole life", () => {
  for (const [total, batches, goal, toTheLastCent] of LIVES) {
    const life = name(total, batches, toTheLastCent);
    itMeasures(`of ${life} is at most ${goal}`, async () => {
      expect((await measure()).get(life)).to.be.at.most(goal);
    });
  }

  itMeasures("does not grow with the number of patients", async () => {
    const found = await measure();
    for (const batches of [1, 10]) {
      const [few, many] = [1_000, 100_000].map((total) => found.get(name(total, batches, false)) ?? 0n) as [
        bigint,
        bigint,
      ];
      // Larger counts have fewer zero bytes in the call.
      expect(many - few, `${batches} + ${batches} calls`).to.be.within(0n, 100n * BigInt(batches));
    }
  });

  itMatchesSnapshot(SNAPSHOT, async () => Object.fromEntries(await measure()));
});
