/** The finder against the contract itself: every refutation that there is of a small report is put to it. */

import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";

import type { BatchLeaves, Case, ReportLeaves } from "../../../oracle/refute/case.ts";
import { judge } from "../../../oracle/refute/judge.ts";
import { refutationOf, refutationStruct, type Form, type Refutation } from "../../../oracle/refute/refutation.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import {
  hashEnrolmentLeaves,
  hashReportLeaves,
  type EnrolmentLeaf,
  type ReportLeaf,
} from "../../../oracle/report/leaf.ts";
import type { MilestoneReport } from "../../../oracle/report/messages.ts";
import { merkleTop, proveLeaf } from "../../../oracle/report/root.ts";
import { Refuter__factory } from "../../../typechain-types/index.ts";
import { ethers } from "../../contracts/support/agreement.ts";
import { DUE, EARLY, honest, milestoneCase, NOT_DUE, openStage, rootOf, saltOf, type Stage } from "./stage.ts";

const shown = (leaves: ReportLeaves, position: number) => ({
  ...(leaves[position] as ReportLeaf),
  position,
  siblings: proveLeaf(hashReportLeaves(leaves as ReportLeaf[]), position).siblings,
});
const entry = (leaves: BatchLeaves, position: number) => ({
  ...(leaves[position] as EnrolmentLeaf),
  position,
  siblings: proveLeaf(hashEnrolmentLeaves(leaves as EnrolmentLeaf[]), position).siblings,
});

/** Whatever could be shown of a report, to any end. */
function* everyRefutation({ leaves, batches, earlier }: Case): Generator<Refutation> {
  const top = merkleTop(hashReportLeaves(leaves as ReportLeaf[]));
  yield refutationOf("LeafCount", { leaves: leaves.length, top });
  const places = [...leaves.keys()];
  for (const i of places) {
    const one = shown(leaves, i);
    for (const form of ["Tier", "RunningSum", "NotDue", "NotEnrolled"] as const) {
      yield refutationOf(form, { shown: [one] });
    }
    const entries = batches.find(({ number }) => number === one.batch)?.leaves ?? [];
    for (const k of entries.keys()) {
      yield refutationOf("NotEnrolled", { shown: [one], entries: [entry(entries, k)] });
      if (k + 1 === entries.length) continue;
      yield refutationOf("NotEnrolled", { shown: [one], entries: [entry(entries, k), entry(entries, k + 1)] });
    }
    for (const j of places) {
      for (const form of ["RunningSum", "Order", "TwiceInReport"] as const) {
        yield refutationOf(form, { shown: [one, shown(leaves, j)] });
      }
    }
    for (const { message, leaves: before } of earlier) {
      for (const j of (before ?? []).keys()) {
        const both = [one, shown(before ?? [], j)];
        if (message !== null) yield refutationOf("TwiceInClause", { shown: both, earlier: [message] });
      }
    }
  }
}

/** How many people a refutation opens, and how much of them. */
function opens({ shown: leaves, entries }: Refutation): [people: number, exhibits: number] {
  const people = new Set([...leaves, ...entries].map(({ patientKey }) => patientKey));
  return [people.size, leaves.length + entries.length];
}

const people = [...DUE.slice(0, 4), EARLY[0]!, NOT_DUE[0]!, { key: id("stranger") as Hex, batch: 1 }];
const odd = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** What a liar may write over one leaf. */
const lie: fc.Arbitrary<Partial<ReportLeaf>> = fc.oneof(
  odd(...people).map(({ key, batch }) => ({ patientKey: key, batch })),
  odd(...people).map(({ key }) => ({ patientKey: key })),
  fc.record({ batch: odd(0, 1, 2, 3, 4) }),
  fc.record({ tier: odd(0, 1, 2, 3, 4) }),
  fc.record({ value: odd(-1n, 0n, 29n, 30n, 59n, 60n) }),
  fc.record({ runningSum: odd(0n, 1n, 30n, 45n, 75n, 90n) }),
);
const outcome = fc.oneof(fc.record({ value: odd(10n, 30n, 45n, 60n) }), fc.constant({ notEvaluable: "no assessment" }));
interface Told {
  readonly outcomes: readonly ({ readonly value: bigint } | { readonly notEvaluable: string })[];
  readonly lies: readonly (readonly [number, Partial<ReportLeaf>])[];
  readonly swaps: boolean;
  readonly tally: { readonly from: number; readonly to: number; readonly sum: bigint } | null;
}

/** The one lie that seldom comes up: somebody of whom an earlier report told. */
const TOLD_BEFORE: Told = {
  outcomes: [{ value: 30n }],
  lies: [[0, { patientKey: EARLY[0]!.key, batch: EARLY[0]!.batch }]],
  swaps: false,
  tally: null,
};
const report: fc.Arbitrary<Told> = fc.record({
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 4 }),
  lies: fc.array(fc.tuple(fc.nat(3), lie), { maxLength: 2 }),
  swaps: fc.boolean(),
  tally: fc.option(fc.record({ from: odd(0, 1, 2, 3), to: odd(0, 1, 2, 3), sum: odd(-1n, 0n, 1n) }), { freq: 3 }),
});

describe("the finder of contradictions", function () {
  this.timeout(300_000);

  it("finds one where the contract takes any, of the form and the people that open the fewest, and none where it takes none", async () => {
    const stage: Stage = await openStage("2026-04-20");
    const refuter = await stage.agreement.refuter();
    const abi = Refuter__factory.createInterface();
    const isTaken = async (message: MilestoneReport, refutation: Refutation): Promise<boolean> => {
      const asked = { ...message, tallies: [...message.tallies] };
      const data = abi.encodeFunctionData("refuteMilestone", [asked, refutationStruct(refutation)]);
      return ethers.provider.call({ from: stage.address, to: refuter, data }).then(
        () => true,
        () => false,
      );
    };
    const found = new Map<Form | "none", number>();
    await fc.assert(
      fc.asyncProperty(report, async ({ outcomes, lies, swaps, tally }) => {
        const told = honest(stage.payoff, outcomes, 2);
        const leaves = [...told.leaves];
        for (const [at, over] of lies) {
          const i = at % leaves.length;
          const leaf = { ...leaves[i]!, ...over };
          leaves[i] = { ...leaf, blind: saltOf({ key: leaf.patientKey, batch: leaf.batch }) };
        }
        if (swaps && lies.length === 0) leaves.reverse();
        const counts = [...told.says.tallies.map((it) => ({ ...it })), { patients: told.says.notEvaluable, sum: 0n }];
        if (tally !== null && counts[tally.from]!.patients > 0) {
          counts[tally.from]!.patients -= 1;
          counts[tally.to]!.patients += 1;
          counts[tally.to]!.sum += tally.sum;
        }
        const notEvaluable = counts.pop()?.patients ?? 0;
        const message = { ...stage.waiting, number: 2, tallies: counts, notEvaluable, root: rootOf(leaves) };
        const subject = milestoneCase(stage, message, leaves);
        const { contradiction, unseen } = judge(subject);
        expect(unseen).to.deep.equal([]);
        const taken: Refutation[] = [];
        for (const refutation of everyRefutation(subject)) {
          if (await isTaken(message, refutation)) taken.push(refutation);
        }
        found.set(
          contradiction?.refutation.form ?? "none",
          (found.get(contradiction?.refutation.form ?? "none") ?? 0) + 1,
        );
        expect(contradiction !== null, taken.map(({ form }) => form).join()).to.equal(taken.length > 0);
        if (contradiction === null) return;
        expect(taken).to.deep.include(contradiction.refutation);
        const least = taken.map(opens).sort(([a, b], [c, d]) => a - c || b - d)[0];
        expect(opens(contradiction.refutation), contradiction.refutation.form).to.deep.equal(least);
      }),
      { numRuns: 40, seed: 20_260_101, examples: [[TOLD_BEFORE]] },
    );
    // Every form, and reports that nothing contradicts, came up.
    expect([...found.keys()]).to.include.members(["none", "Tier", "RunningSum", "Order", "TwiceInReport"]);
    expect([...found.keys()]).to.include.members(["TwiceInClause", "NotEnrolled", "NotDue"]);
  });
});
