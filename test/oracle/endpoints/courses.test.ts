import { expect } from "chai";
import fc from "fast-check";

import { endpointsOf, NEWEST_RULES, rulesVersions } from "../../../oracle/endpoints/index.ts";
import type { Assessment, PatientRecord, Therapy } from "../../../oracle/record.ts";
import { RESPONSE_CLASSES } from "../../../oracle/record.ts";
import { DEFAULT_RULES, RULES_VERSIONS } from "../../../terms/resolve/agreement.ts";
import { tierOf } from "../../../terms/payoff.ts";
import { outcome, record, value, type Ask } from "../support.ts";
import { at } from "./support.ts";

const METRICS = [
  "pfs",
  "os",
  "complete-remission",
  "remission-maintained",
  "response-maintained",
  "alive",
  "best-response",
];
const [DUE, WINDOW] = [183, 28];

const assessed = (min: number, max: number): fc.Arbitrary<Assessment[]> =>
  fc
    .array(fc.tuple(fc.integer({ min, max }), fc.constantFrom(...RESPONSE_CLASSES), fc.nat(30)), { maxLength: 6 })
    .map((all) =>
      all.map(([day, response, width], k) => ({
        date: at(width > 25 ? [day, Math.min(day + width, max)] : day),
        response,
        evaluator: null,
        imaging: null,
        id: `a${k}`,
      })),
    );
const switched = fc
  .array(fc.integer({ min: 1, max: 400 }), { maxLength: 2 })
  .map((days) => days.map((day, k): Therapy => ({ start: at(day), codes: [], contract: false, id: `t${k}` })));
const asking = (confirm: boolean): fc.Arbitrary<Ask> =>
  fc.record({
    newTherapy: fc.constantFrom("ignore", "censor", "event"),
    rules: fc.constantFrom("treatment-policy", "fda"),
    missing: fc.constantFrom("failure", "not-evaluable"),
    ...(confirm && { confirm: fc.constant("28d") }),
  });
const asks = fc.boolean().chain(asking);
const death = fc.option(fc.integer({ min: 1, max: 400 }));

function patient(assessments: Assessment[], therapies: Therapy[], died: number | null): PatientRecord {
  return record({ alive: 150, ...(died === null ? {} : { death: died }) }, { assessments, therapies });
}

describe("metrics of the course of a disease", () => {
  for (const metric of METRICS) {
    it(`${metric}: the order of the records never matters`, () => {
      fc.assert(
        fc.property(assessed(0, 400), switched, death, asks, fc.nat(5), (all, therapies, died, ask, turn) => {
          const turned = [...all.slice(turn), ...all.slice(0, turn)].reverse();
          const found = value(metric, patient(all, therapies, died), ask);
          expect(value(metric, patient(turned, [...therapies].reverse(), died), ask)).to.equal(found);
        }),
      );
    });

    it(`${metric}: an assessment after the due day + window never leads to another price`, () => {
      const late = assessed(DUE + WINDOW + 1, 600);
      fc.assert(
        fc.property(assessed(0, DUE + WINDOW), late, switched, asks, (all, later, therapies, ask) => {
          // That a response lasted can be shown by its loss later on; `failure` would have priced that before.
          const known = { missing: "not-evaluable" };
          const cuts = metric === "pfs" || metric === "os" ? [DUE] : [1];
          const asked = { ...ask, ...known, due: DUE, cuts };
          const before = outcome(metric, patient(all, therapies, null), asked);
          const after = outcome(metric, patient([...all, ...later], therapies, null), asked);
          if (!("value" in before) || !("value" in after)) return;
          const tiers = [null, ...asked.cuts].map((start) => ({
            start: start === null ? null : BigInt(start),
            pays: 0n,
            slope: 0n,
          }));
          expect(tierOf(tiers, after.value)).to.equal(tierOf(tiers, before.value));
        }),
      );
    });
  }
});

describe("versions of the clinical rules", () => {
  it("are the same for term sheets and for the oracle, each with its endpoints", () => {
    expect(rulesVersions()).to.deep.equal(RULES_VERSIONS);
    expect(NEWEST_RULES).to.equal(DEFAULT_RULES);
    for (const version of RULES_VERSIONS) expect(endpointsOf(version).length).to.be.greaterThan(0);
  });
});
