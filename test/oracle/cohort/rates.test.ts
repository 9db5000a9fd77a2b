import { expect } from "chai";

import { OptionError } from "../../../oracle/endpoints/options.ts";
import type { ClinicalEvent, Measurement, PatientRecord } from "../../../oracle/record.ts";
import { parseDecimal } from "../../../terms/decimal.ts";
import { T0, people, person, value, wager, type Asked } from "./wager.ts";

describe("attainment rate", () => {
  const alive: Asked = { metric: "attainment-rate", endpoint: "metric: alive", cut: "50%" };

  it("is the share of all enrolled patients; one without an outcome has not reached the target", () => {
    const records = [...people(5, { alive: 400 }), ...people(3, { death: 100 }), person({ alive: 10 })];
    expect(value({ ...alive, missing: 1 }, records)).to.equal("500000");
    expect(wager(alive, records).values.slice(4)).to.deep.equal(["1", "0", "0", "0", "unknown-at-due"]);
  });

  it("leaves patients without an outcome out when the clause says so", () => {
    const records = [...people(5, { alive: 400 }), ...people(3, { death: 100 }), person({ alive: 10 })];
    expect(value({ ...alive, endpoint: "metric: alive, missing: exclude", missing: 1 }, records)).to.equal("625000");
  });

  it("is not evaluable with fewer patients evaluable than 80%, or what the clause asks for", () => {
    const records = [...people(8, { alive: 400 }), person({ alive: 10 })];
    expect(value({ ...alive, missing: 1 }, records)).to.equal("800000");
    expect(value({ ...alive, missing: 2 }, records)).to.equal("too-few-evaluable");
    expect(value({ ...alive, missing: 2, endpoint: "metric: alive, minEvaluable: 72.7%" }, records)).to.equal("727273");
    expect(value(alive, [])).to.equal("no-patients");
    expect(
      value({ ...alive, endpoint: "metric: alive, minEvaluable: 0%, missing: exclude" }, [person({ alive: 1 })]),
    ).to.equal("no-patients");
  });

  it("rounds half to even once, from the exact fraction", () => {
    const reached = (n: number, of: number): string =>
      value(alive, [...people(n, { alive: 400 }), ...people(of - n, { death: 1 })]);
    expect(reached(1, 3)).to.equal("333333");
    expect(reached(2, 3)).to.equal("666667");
    expect(reached(1, 128)).to.equal("7812");
    expect(reached(3, 128)).to.equal("23438");
  });

  const hba1c = (percent: string): PatientRecord => {
    const measured: Measurement = {
      date: { first: T0 + 360, last: T0 + 360 },
      issued: null,
      codes: ["http://loinc.org|4548-4"],
      value: parseDecimal(percent) ?? { digits: 0n, scale: 0 },
      unit: "%",
      comparator: null,
      id: "m",
    };
    return person({ alive: 400 }, { measurements: [measured] });
  };

  it("compares a measured metric with the target", () => {
    const records = ["6.9", "6.99", "7.0", "7.5", "9"].map(hba1c);
    const rate = (target: string): string =>
      value({ ...alive, endpoint: `metric: hba1c, ${target}`, due: "365d" }, records);
    expect(rate("below: 7.0")).to.equal("400000");
    expect(rate("atLeast: 7.0")).to.equal("600000");
    expect(rate("atLeast: 7.0, below: 9")).to.equal("400000");
    // Between two values of the metric.
    expect(rate("below: 6.995")).to.equal("400000");
    expect(rate("below: 7.001")).to.equal("600000");
  });

  it("tells a patient whose value is open from the target as far as the target needs it", () => {
    // Last seen at 200 days, free of progression: 100 days have been reached, 300 can't be told.
    const seen = person({ course: "56 SD, 112 SD, 200 SD", alive: 400 });
    const rate = (days: number): string[] =>
      wager({ ...alive, endpoint: `metric: pfs, atLeast: ${days}, assessEvery: 1w` }, [seen]).values;
    expect(rate(100)).to.deep.equal(["1"]);
    expect(rate(300)).to.deep.equal(["no-adequate-assessment"]);
  });

  for (const [what, endpoint] of [
    ["no metric", "missing: failure"],
    ["no target for a metric that is not yes or no", "metric: hba1c"],
    ["a metric that lacks an option of its own", "metric: major-illness"],
  ] as const) {
    it(`refuses a clause with ${what}`, () => {
      expect(() => value({ ...alive, endpoint }, [])).to.throw(OptionError);
    });
  }

  for (const metric of ["cure", "survival"]) {
    it(`has no term sheet that sets its target for ${metric}`, () => {
      const asked = { ...alive, endpoint: `metric: ${metric}` };
      expect(() => value(asked, [])).to.throw(/clauses.w.endpoint.metric: found .*, expected a metric of the patient/);
    });
  }
});

describe("complication rate", () => {
  const ask: Asked = { metric: "complication-rate", cut: "8%", due: "30d" };
  const event = (days: number, more: Partial<ClinicalEvent> = {}): Partial<PatientRecord> => ({
    events: [
      {
        date: { first: T0 + days, last: T0 + days },
        type: "adverse-event",
        codes: [],
        grade: 3,
        serious: true,
        causal: null,
        id: "e",
        ...more,
      },
    ],
  });

  it("is the share of patients with one or more by the due date", () => {
    const records = [
      person({ alive: 100 }, event(30)),
      person({ alive: 100 }, event(31)),
      person({ alive: 100 }, { events: [...(event(3).events ?? []), ...(event(9).events ?? [])] }),
      ...people(5, { alive: 100 }),
    ];
    expect(value(ask, records)).to.equal("250000");
    expect(value({ ...ask, endpoint: "grade: 4" }, records)).to.equal("0");
  });

  it("leaves patients out whose outcome is missing, or counts them as complications when the clause says so", () => {
    const records = [
      person({ alive: 100 }, event(5)),
      ...people(3, { alive: 100 }),
      person({ alive: 1 }, { consent: false }),
    ];
    expect(value(ask, records)).to.equal("250000");
    expect(value({ ...ask, endpoint: "missing: failure" }, records)).to.equal("400000");
    expect(wager(ask, records).values).to.deep.equal(["1", "0", "0", "0", "no-consent"]);
  });
});
