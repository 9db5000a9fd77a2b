import { expect } from "chai";

import { enrolmentLeaves } from "../../oracle/report/enrolment.ts";
import { hashEnrolmentLeaves } from "../../oracle/report/leaf.ts";
import { merkleRoot } from "../../oracle/report/root.ts";
import { Refuter__factory } from "../../typechain-types/index.ts";
import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { entry, leafOf, refutation, rootOf, shownEntry, shownLeaf } from "./support/refutation.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const FIRST = dayOf("2026-01-10");
const batch = [2, 4, 6, 8, 10].map((n) => entry(n, FIRST));

/** A pending report of one patient of a batch of five: the honest one at `place`, unless another `key` is given. */
async function reported(place: number, key = 2 * (place + 1)) {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW }));
  await stage.fund(2_000_000n, 1_000_000n);
  await at("2026-01-10");
  const root = merkleRoot(hashEnrolmentLeaves(enrolmentLeaves(batch, 0, 1)));
  await stage.enrol({ patients: batch.length, indexedDay: FIRST, root });
  await at("2026-04-10");
  const leaves = [leafOf(key, 0, 0n)];
  const { message } = await stage.forgeReport({ tallies: patients(1, 0), root: rootOf(leaves) });
  await stage.report(message);
  const { agreement, stranger } = stage;
  const refuter = Refuter__factory.connect(await agreement.refuter(), agreement.runner);
  /** Claims that the patient is not enrolled, by entries at places of the batch. */
  const claim = (...places: number[]) =>
    agreement.connect(stranger).refuteMilestone(
      message,
      refutation("NotEnrolled", {
        shown: [shownLeaf(leaves, 0)],
        entries: places.map((position) => shownEntry(batch, 1, position)),
      }),
    );
  return { agreement, refuter, claim };
}

/** Whoever finds entries that seem to leave an enrolled patient out could void honest reports, one after the other. */
describe("An enrolled patient", () => {
  for (const place of batch.keys()) {
    it(`given it is entry ${place} of 5, when any one or two entries are shown, then nothing is refuted`, async () => {
      const { refuter, claim } = await reported(place);
      await expect(claim()).to.be.revertedWithCustomError(refuter, "NotRefuted");
      for (const one of batch.keys()) {
        await expect(claim(one), String(one)).to.be.revertedWithCustomError(refuter, "NotRefuted");
        for (const other of batch.keys()) {
          await expect(claim(one, other), `${one}, ${other}`).to.be.revertedWithCustomError(refuter, "NotRefuted");
        }
      }
    });
  }
});

describe("A patient who is not enrolled", () => {
  for (const [key, exhibits] of [
    [1, [[0]]],
    [5, [[1, 2]]],
    [11, [[4]]],
  ] as const) {
    it(`given key ${key}, when entries are shown, then only the neighbours of its place refute it`, async () => {
      const { agreement, refuter, claim } = await reported(0, key);
      const right = (places: number[]) => exhibits.some((exhibit) => exhibit.join() === places.join());
      for (const one of batch.keys()) {
        for (const places of [[one], ...[...batch.keys()].map((other) => [one, other])]) {
          if (right(places)) continue;
          await expect(claim(...places), places.join()).to.be.revertedWithCustomError(refuter, "NotRefuted");
        }
      }
      for (const places of exhibits) await expect(claim(...places)).to.emit(agreement, "Refuted");
    });
  }
});
