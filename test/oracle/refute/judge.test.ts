import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";

import { RootMismatch } from "../../../oracle/audit/proof.ts";
import type { Case } from "../../../oracle/refute/case.ts";
import { judge } from "../../../oracle/refute/judge.ts";
import { FORMS, refutationStruct, type Form } from "../../../oracle/refute/refutation.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { hashReportLeaves, HASH, type ErasedLeaf, type ReportLeaf } from "../../../oracle/report/leaf.ts";
import { toHex } from "../../../oracle/report/bytes.ts";
import type { Outcome } from "../../../oracle/report/tally.ts";
import { at } from "../../contracts/support/agreement.ts";
import {
  BONUS,
  DUE,
  EARLY,
  honest,
  milestoneCase,
  NOT_DUE,
  NOT_EVALUABLE,
  openStage,
  rootOf,
  SLOPED,
  tidied,
  wagerCase,
  WHOLE,
  type Stage,
  type Told,
} from "./stage.ts";

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: -5n, max: 100n }).map((value) => ({ value })) },
  { weight: 1, arbitrary: fc.constant({ notEvaluable: "no assessment" }) },
);
const outcomes = fc.array(outcome, { minLength: 2, maxLength: DUE.length - 1 });
const NOBODY = `0x${"00".repeat(23)}`;
const STRANGER = id("stranger") as Hex;

const replaced = (leaves: readonly ReportLeaf[], at: number, by: Partial<ReportLeaf>): ReportLeaf[] =>
  leaves.map((leaf, i) => (i === at ? { ...leaf, ...by } : leaf));
const saying = (told: Told, leaves: readonly ReportLeaf[], says: Partial<Told["says"]> = {}): Told => ({
  leaves,
  says: { ...told.says, ...says, root: rootOf(leaves) },
});

type Tamper = (told: Told, at: number) => Told | null;

/** One lie each, by a liar who keeps everything else in order; null where a report gives no room for it. */
const LIES: Readonly<Record<string, readonly [Form, Tamper]>> = {
  "a leaf fewer than counted": [
    "LeafCount",
    (told, at) =>
      saying(
        told,
        told.leaves.filter((_, i) => i !== at),
      ),
  ],
  "a leaf more than counted": [
    "LeafCount",
    (told) => saying(told, tidied([...told.leaves, { ...told.leaves[0]!, patientKey: DUE.at(-1)!.key, batch: 2 }])),
  ],
  "a value of another tier": [
    "Tier",
    (told, at) => {
      const { tier } = told.leaves[at]!;
      const value = [30n, 29n, 59n][tier];
      return value === undefined ? null : saying(told, replaced(told.leaves, at, { value }));
    },
  ],
  "a value of a patient not evaluable": [
    "Tier",
    (told, at) =>
      told.leaves[at]!.tier < NOT_EVALUABLE ? null : saying(told, replaced(told.leaves, at, { value: 1n })),
  ],
  "a tier that does not exist": [
    "Tier",
    (told) => saying(told, replaced(told.leaves, told.leaves.length - 1, { tier: 200, runningSum: 0n })),
  ],
  "a patient counted in a tier that pays more": [
    "Tier",
    (told, at) => {
      const { tier } = told.leaves[at]!;
      const { tallies, notEvaluable } = told.says;
      if (tier !== 2) return null;
      const counts = tallies.map((it, k) => ({ ...it, patients: it.patients + (k === 0 ? 1 : k === tier ? -1 : 0) }));
      return saying(told, told.leaves, { tallies: counts, notEvaluable });
    },
  ],
  "a sum that is not its leaf's": [
    "RunningSum",
    (told, at) => saying(told, replaced(told.leaves, at, { runningSum: told.leaves[at]!.runningSum + 1n })),
  ],
  "a tally with another sum": [
    "RunningSum",
    (told) => {
      const { patients, sum } = told.says.tallies[SLOPED]!;
      if (patients === 0 || sum === 59n * BigInt(patients)) return null;
      const tallies = told.says.tallies.map((it, k) => (k === SLOPED ? { patients, sum: sum + 1n } : it));
      return saying(told, told.leaves, { tallies });
    },
  ],
  "two neighbours who changed places": [
    "Order",
    (told, at) => {
      const [a, b] = [told.leaves[at], told.leaves[at + 1]];
      if (a === undefined || b === undefined || a.tier !== b.tier || a.tier === SLOPED) return null;
      return saying(told, [...told.leaves.slice(0, at), b, a, ...told.leaves.slice(at + 2)]);
    },
  ],
  "a patient twice": [
    "TwiceInReport",
    (told, at) => {
      const { patientKey, batch } = told.leaves[(at + 1) % told.leaves.length]!;
      return saying(told, tidied(replaced(told.leaves, at, { patientKey, batch })));
    },
  ],
  "a patient of an earlier report": [
    "TwiceInClause",
    (told, at) => saying(told, tidied(replaced(told.leaves, at, { patientKey: EARLY[0]!.key, batch: 1 }))),
  ],
  "a stranger": [
    "NotEnrolled",
    (told, at) => saying(told, tidied(replaced(told.leaves, at, { patientKey: STRANGER, batch: 1 }))),
  ],
  "a patient of another enrolment": [
    "NotEnrolled",
    (told, at) => saying(told, replaced(told.leaves, at, { batch: 3 - told.leaves[at]!.batch })),
  ],
  "an enrolment that is not there": [
    "NotEnrolled",
    (told, at) => saying(told, replaced(told.leaves, at, { batch: 4 })),
  ],
  "an enrolment without a number": ["NotEnrolled", (told, at) => saying(told, replaced(told.leaves, at, { batch: 0 }))],
  "a patient who is not due": [
    "NotDue",
    (told, at) => saying(told, tidied(replaced(told.leaves, at, { patientKey: NOT_DUE[0]!.key, batch: 3 }))),
  ],
};

describe("judging a report by its leaves", function () {
  this.timeout(120_000);

  describe("on a milestone", () => {
    let stage: Stage;
    before(async () => (stage = await openStage("2026-04-20")));

    const post = async ({ leaves, says }: Told): Promise<Case> => {
      const { message } = await stage.forgeReport(says);
      await stage.report(message, { hint: 2n });
      return milestoneCase(stage, message, leaves);
    };
    const message = (says: Told["says"], asOfDay = stage.waiting.asOfDay) => ({
      ...stage.waiting,
      ...says,
      asOfDay,
      number: 2,
    });

    it("given an honest report, whatever the outcomes, then nothing contradicts it, and nothing was out of sight", () => {
      fc.assert(
        fc.property(outcomes, (drawn) => {
          const told = honest(stage.payoff, drawn, 2);
          const judged = judge(milestoneCase(stage, message(told.says), told.leaves));
          expect(judged).to.deep.equal({ contradiction: null, unseen: [] });
        }),
        { numRuns: 500 },
      );
    });

    for (const [lie, [form, tamper]] of Object.entries(LIES)) {
      it(`given ${lie}, when it is judged, then ${form} is found, and the agreement voids the report for it`, async () => {
        let told = 0;
        const drawn = fc.tuple(outcomes, fc.nat());
        for (const [some, pick] of fc.sample(drawn, { numRuns: 200, seed: 7 })) {
          const { number } = await stage.agreement.clauseState(1, 0);
          const lied = tamper(honest(stage.payoff, some, Number(number) + 1), pick % some.length);
          if (lied === null) continue;
          const subject = await post(lied);
          const { contradiction } = judge(subject);
          expect(contradiction?.refutation.form, JSON.stringify(some.map(String))).to.equal(form);
          if (subject.report.kind !== "milestone" || contradiction === null) throw new Error("a milestone");
          const report = { ...subject.report.message, tallies: [...subject.report.message.tallies] };
          await expect(stage.agreement.refuteMilestone(report, refutationStruct(contradiction.refutation)))
            .to.emit(stage.agreement, "Refuted")
            .withArgs(1, 0, report.number, FORMS.indexOf(form));
          expect(await stage.agreement.reportCommitment(1, 0, report.number)).to.equal(NOBODY);
          if (++told === 6) break;
        }
        expect(told).to.equal(6);
      });
    }

    it("given leaves that are not the report's, then they are refused", () => {
      const told = honest(stage.payoff, [{ value: 1n }, { value: 2n }], 2);
      const subject = milestoneCase(stage, message(told.says), told.leaves.slice(1));
      expect(() => judge(subject)).to.throw(RootMismatch);
    });

    it("given several contradictions, then the one is shown that opens the fewest people", () => {
      const told = honest(stage.payoff, [{ value: 1n }, { value: 40n }, { value: 70n }], 2);
      const wrong = replaced(tidied(replaced(told.leaves, 0, { patientKey: STRANGER })), 1, { value: 29n });
      const both = saying(told, wrong);
      const { contradiction } = judge(milestoneCase(stage, message(both.says), wrong));
      expect(contradiction?.refutation).to.deep.include({ form: "Tier", entries: [] });
      expect(contradiction?.refutation.shown.map(({ position }) => position)).to.deep.equal([1]);
      const counted = saying(told, wrong.slice(1));
      const judged = judge(milestoneCase(stage, message(counted.says), wrong.slice(1)));
      expect(judged.contradiction?.refutation).to.deep.include({
        form: "LeafCount",
        leaves: 2,
        shown: [],
        entries: [],
      });
    });

    it("given leaves of others are missing, then what can't be told is said by form", () => {
      const told = honest(stage.payoff, [{ value: 1n }, { value: 40n }], 2);
      const subject = milestoneCase(stage, message(told.says), told.leaves);
      const batches = subject.batches.map((batch) => ({ ...batch, leaves: null }));
      const earlier = subject.earlier.map((report) => ({ ...report, leaves: null }));
      const { contradiction, unseen } = judge({ ...subject, batches, earlier });
      expect(contradiction).to.equal(null);
      expect(unseen.map(({ form, missing }) => [form, missing])).to.deep.equal([
        ["NotEnrolled", "leaves"],
        ["TwiceInClause", "leaves"],
      ]);
      const unknown = judge({ ...subject, earlier: subject.earlier.map((it) => ({ ...it, message: null })) });
      expect(unknown.unseen.map(({ why }) => why).join()).to.match(/last day/);
    });

    it("given patients were erased, then their leaves are not shown, and that is said", () => {
      const wrong = honest(stage.payoff, [{ value: 1n }, { value: 40n }], 2);
      const leaves = replaced(wrong.leaves, 0, { batch: 9 });
      const told = saying(wrong, leaves);
      const hash = toHex(hashReportLeaves(leaves).subarray(0, HASH));
      const erased: ErasedLeaf = { patientKey: id("random") as Hex, leafHash: hash };
      const subject = { ...milestoneCase(stage, message(told.says), leaves), leaves: [erased, ...leaves.slice(1)] };
      const { contradiction, unseen } = judge(subject);
      expect(contradiction).to.equal(null);
      expect(unseen.map(({ form, missing }) => [form, missing])).to.deep.equal([[null, "erased"]]);
    });

    it("given the neighbour of a stranger was erased, then it is said that she can't be shown", () => {
      const told = honest(stage.payoff, [{ value: 1n }, { value: 40n }], 2);
      const leaves = tidied(replaced(told.leaves, 0, { patientKey: STRANGER, batch: 1 }));
      const subject = milestoneCase(stage, message(saying(told, leaves).says), leaves);
      const found = judge(subject).contradiction?.refutation;
      expect(found?.form).to.equal("NotEnrolled");
      const gone = found?.entries[0]?.position;
      const batches = subject.batches.map((batch) => ({
        ...batch,
        leaves: (batch.leaves ?? []).map((leaf, i) =>
          batch.number === 1 && i === gone ? { patientKey: leaf.patientKey, leafHash: STRANGER } : leaf,
        ),
      }));
      const { contradiction, unseen } = judge({ ...subject, batches });
      expect(contradiction).to.equal(null);
      expect(unseen.map(({ form, missing }) => [form, missing])).to.deep.equal([["NotEnrolled", "erased"]]);
    });
  });

  describe("on a wager", () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage("2026-04-20");
      await at("2027-05-01");
    });

    const swapped = [WHOLE[1]!, WHOLE[0]!, ...WHOLE.slice(2)];
    const lies: Readonly<Record<string, readonly [Form, readonly ReportLeaf[]]>> = {
      "fewer leaves than enrolled": ["LeafCount", WHOLE.slice(1)],
      "no leaf at all": ["LeafCount", []],
      "a third tier": ["Tier", replaced(WHOLE, WHOLE.length - 1, { tier: 2 })],
      "a sum": ["RunningSum", replaced(WHOLE, 3, { runningSum: 1n })],
      "neighbours who changed places": ["Order", swapped],
      "a patient twice": [
        "TwiceInReport",
        tidied(replaced(WHOLE, 2, { patientKey: WHOLE[5]!.patientKey, batch: WHOLE[5]!.batch }), []),
      ],
      "a stranger": ["NotEnrolled", tidied(replaced(WHOLE, 2, { patientKey: STRANGER }), [])],
      "an enrolment that is not there": ["NotEnrolled", replaced(WHOLE, 2, { batch: 4 })],
    };
    for (const [lie, [form, leaves]] of Object.entries(lies)) {
      it(`given ${lie}, when it is judged, then ${form} is found, and the agreement voids the report for it`, async () => {
        const { agreement, forgeWager, reportWager } = stage;
        const { message } = await forgeWager({ clause: BONUS, value: 700_000n, root: rootOf(leaves) });
        await reportWager(message);
        const { contradiction } = judge(wagerCase(message, leaves));
        expect(contradiction?.refutation.form).to.equal(form);
        if (contradiction === null) throw new Error("a contradiction");
        await expect(agreement.refuteWager(message, refutationStruct(contradiction.refutation)))
          .to.emit(agreement, "Refuted")
          .withArgs(BONUS, 0, message.number, FORMS.indexOf(form));
      });
    }

    it("given honest leaves, then nothing contradicts them", async () => {
      const { message } = await stage.forgeWager({ clause: BONUS, value: 700_000n, root: rootOf(WHOLE) });
      expect(judge(wagerCase(message, WHOLE))).to.deep.equal({ contradiction: null, unseen: [] });
    });
  });
});
