import { expect } from "chai";
import fc from "fast-check";

import { milestoneTotal, tierOf, wagerTotal } from "../../../terms/payoff.ts";
import { SLOPE_SCALE, type Payoff } from "../../../terms/model.ts";
import { toHex } from "../../../oracle/report/bytes.ts";
import { hashReportLeaves } from "../../../oracle/report/leaf.ts";
import { merkleRoot } from "../../../oracle/report/root.ts";
import { tally, type AssessedPatient, type Outcome } from "../../../oracle/report/tally.ts";
import { PAYOFF } from "./vectors.ts";

const subject = { kind: "report", clause: 1, cohort: 0, number: 1 } as const;
const hex32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ value: fc.bigInt({ min: -50n, max: 400n }) }) },
  { weight: 1, arbitrary: fc.record({ notEvaluable: fc.constantFrom("no assessment", "no consent") }) },
);
const patients: fc.Arbitrary<AssessedPatient[]> = fc.uniqueArray(
  fc.record({ patientKey: hex32, batch: fc.integer({ min: 1, max: 5 }), salt: hex32, outcome }),
  { selector: ({ patientKey }) => patientKey, maxLength: 60 },
);
/** Whole slopes, so that a patient's payoff is not rounded and single payoffs add up exactly. */
const payoff: fc.Arbitrary<Payoff> = fc
  .record({
    starts: fc.uniqueArray(fc.bigInt({ min: 0n, max: 300n }), { maxLength: 5 }),
    pays: fc.array(fc.bigInt({ min: -900n, max: 900n }), { minLength: 6, maxLength: 6 }),
    slopes: fc.array(fc.bigInt({ min: -3n, max: 3n }), { minLength: 6, maxLength: 6 }),
    notEvaluable: fc.bigInt({ min: -900n, max: 900n }),
  })
  .map(({ starts, pays, slopes, notEvaluable }) => {
    const ascending = starts.sort((a, b) => (a < b ? -1 : 1));
    const tiers = [null, ...ascending].map((start, k) => ({
      start,
      pays: pays[k] ?? 0n,
      slope: k === 0 || k === ascending.length ? 0n : (slopes[k] ?? 0n) * SLOPE_SCALE,
    }));
    return { tiers, notEvaluable };
  });

describe("tally", () => {
  it("pays in sum what the patients would pay one by one", () => {
    fc.assert(
      fc.property(payoff, patients, (terms, group) => {
        const { tallies, notEvaluable } = tally(terms, group, subject);
        const single = group.map((it) => wagerTotal(terms, "value" in it.outcome ? it.outcome.value : null, 1n));
        expect(milestoneTotal(terms, tallies, notEvaluable)).to.equal(single.reduce((a, b) => a + b, 0n));
      }),
    );
  });

  it("orders leaves by tier and key, and gives the last of each tier the sum of its tally", () => {
    fc.assert(
      fc.property(payoff, patients, (terms, group) => {
        const { leaves, tallies, notEvaluable, root } = tally(terms, group, subject);
        expect(leaves.length).to.equal(group.length);
        const order = leaves.map(({ tier, patientKey }) => `${String(tier).padStart(3, "0")} ${patientKey}`);
        expect(order).to.deep.equal([...order].sort());
        tallies.forEach((it, k) => {
          const members = leaves.filter(({ tier }) => tier === k);
          const flat = terms.tiers[k]?.slope === 0n;
          const values = members.reduce((sum, { value }) => sum + value, 0n);
          expect(it).to.deep.equal({ patients: members.length, sum: flat ? 0n : values });
          expect(members.at(-1)?.runningSum ?? 0n).to.equal(it.sum);
          members.forEach(({ value }) => expect(tierOf(terms.tiers, value)).to.equal(k));
        });
        const last = leaves.filter(({ tier }) => tier === terms.tiers.length);
        expect(last.length).to.equal(notEvaluable);
        last.forEach(({ value, runningSum }) => expect([value, runningSum]).to.deep.equal([0n, 0n]));
        expect(root).to.equal(merkleRoot(hashReportLeaves(leaves)));
      }),
    );
  });

  it("does not depend on the order in which patients are given", () => {
    fc.assert(
      fc.property(patients, (group) => {
        expect(tally(PAYOFF, [...group].reverse(), subject)).to.deep.equal(tally(PAYOFF, group, subject));
      }),
    );
  });

  it("gives a patient another blind in another report", () => {
    const patient: AssessedPatient = {
      patientKey: `0x${"01".repeat(32)}`,
      batch: 1,
      salt: `0x${"02".repeat(32)}`,
      outcome: { value: 1n },
    };
    const blinds = [subject, { ...subject, number: 2 }, { ...subject, clause: 2 }, { ...subject, cohort: 1 }].map(
      (at) => tally(PAYOFF, [patient], at).leaves[0]?.blind,
    );
    expect(new Set(blinds).size).to.equal(4);
  });

  it("counts reasons, and refuses a patient named twice", () => {
    const one = (key: string, reason: string): AssessedPatient => ({
      patientKey: `0x${key.repeat(32)}`,
      batch: 1,
      salt: `0x${"02".repeat(32)}`,
      outcome: { notEvaluable: reason },
    });
    const group = [one("0a", "b"), one("0b", "a"), one("0c", "b")];
    expect([...tally(PAYOFF, group, subject).reasons]).to.deep.equal([
      ["a", 1],
      ["b", 2],
    ]);
    expect(() => tally(PAYOFF, [...group, one("0a", "a")], subject)).to.throw(RangeError, "named twice");
  });
});
