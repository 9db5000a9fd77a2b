import { expect } from "chai";
import fc from "fast-check";

import { estimateGroups, type GroupEstimates } from "../../../oracle/survival/estimates.ts";
import { exactSurvival } from "../../../oracle/survival/exact.ts";
import { kaplanMeier } from "../../../oracle/survival/kaplanMeier.ts";
import { tabulate } from "../../../oracle/survival/tabulate.ts";
import { EmptyObservation } from "../../../oracle/survival/timefix.ts";
import { near, observations, type Row } from "./support.ts";

function estimate(rows: readonly Row[], times: readonly number[]): GroupEstimates {
  const [found] = estimateGroups([observations(rows)], times);
  if (found === undefined) throw new RangeError("no group");
  return found;
}

/** By the definition, one event time after the other, over all rows each time. */
function byDefinition(rows: readonly Row[], t: number): { survival: number; variance: number } {
  const times = new Set(rows.filter(({ event, time }) => event && time <= t).map(({ time }) => time));
  let survival = 1;
  let variance = 0;
  for (const time of times) {
    const atRisk = rows.filter((row) => row.time >= time && (row.entry ?? -1) < time).length;
    const died = rows.filter((row) => row.time === time && row.event).length;
    survival *= (atRisk - died) / atRisk;
    variance += died / (atRisk * (atRisk - died));
  }
  return { survival, variance };
}

const whole = fc.record({ time: fc.nat(30), event: fc.boolean() });
const fraction = fc.record({ time: fc.nat(300).map((tenths) => tenths / 10), event: fc.boolean() });
const delayed = fc
  .record({ entry: fc.nat(20), stay: fc.integer({ min: 1, max: 20 }), event: fc.boolean() })
  .map(({ entry, stay, event }): Row => ({ entry, time: entry + stay, event }));
const anyRows = fc.oneof(
  fc.array<Row>(whole, { minLength: 1, maxLength: 40 }),
  fc.array<Row>(fraction, { minLength: 1, maxLength: 40 }),
  fc.array<Row>(delayed, { minLength: 1, maxLength: 40 }),
);

describe("Kaplan–Meier estimate", () => {
  it("is the product over the event times, with Greenwood's variance", () => {
    fc.assert(
      fc.property(anyRows, fc.nat(40), (rows, t) => {
        const [point] = estimate(rows, [t]).at;
        const { survival, variance } = byDefinition(rows, t);
        if (point?.estimable !== true) return;
        expect(near(point.survival, survival)).to.equal(true);
        if (survival > 0) expect(near(point.se, survival * Math.sqrt(variance))).to.equal(true);
        else expect(point.se).to.equal(null);
      }),
    );
  });

  it("does not depend on the order of rows, nor on whether days are counted or sorted", () => {
    fc.assert(
      fc.property(anyRows, fc.nat(1_000), (rows, seed) => {
        const shuffled = [...rows].sort((a, b) => ((a.time + seed) % 7) - ((b.time + seed) % 7));
        expect(tabulate(observations(shuffled))).to.deep.equal(tabulate(observations(rows)));
        // A time of a million days beside few rows is not counted but sorted.
        const far: Row = { ...(rows[0] as Row), time: 1_000_000, event: false };
        const { time, atRisk, events } = tabulate(observations([...rows, far]));
        const near = tabulate(observations([...rows, { ...far, time: 1_000 }]));
        expect({ time: [...time].slice(0, -1), atRisk, events }).to.deep.equal({
          time: [...near.time].slice(0, -1),
          atRisk: near.atRisk,
          events: near.events,
        });
      }),
    );
  });

  it("counts every row once and every event once, between any times", () => {
    fc.assert(
      fc.property(anyRows, fc.uniqueArray(fc.nat(45), { minLength: 1, maxLength: 5 }), (rows, times) => {
        const found = estimate(rows, [...times, 1_000]);
        expect(found.n).to.equal(rows.length);
        expect(found.events).to.equal(rows.filter(({ event }) => event).length);
        expect(found.at.reduce((sum, { nEvent }) => sum + nEvent, 0)).to.equal(found.events);
      }),
    );
  });

  it("is not estimable beyond the last observation when that was censored, and then only counts are given", () => {
    const rows = [
      { time: 5, event: true },
      { time: 9, event: true },
      { time: 9, event: false },
    ];
    const [at, beyond] = estimate(rows, [9, 10]).at;
    expect(at).to.include({ estimable: true, nRisk: 2 });
    expect(beyond).to.deep.equal({
      t: 10,
      nRisk: 0,
      nEvent: 0,
      survival: null,
      se: null,
      lower: null,
      upper: null,
      estimable: false,
    });
  });

  it("stays 0 beyond the last observation when everybody had the event", () => {
    const [point] = estimate([{ time: 5, event: true }], [6]).at;
    expect(point).to.include({ survival: 0, se: null, lower: null, upper: null, estimable: true });
  });

  it("is 1 with no uncertainty before the first time; after a censoring its log-log interval is undefined", () => {
    const rows = [
      { time: 3, event: false },
      { time: 7, event: true },
    ];
    const [before, after] = estimate(rows, [2, 3]).at;
    expect(before).to.include({ survival: 1, se: 0, lower: 1, upper: 1 });
    expect(after).to.include({ survival: 1, se: 0, lower: null, upper: null });
  });

  it("has no median when the curve does not reach a half", () => {
    const rows = [1, 2, 3].map((time) => ({ time, event: false }));
    expect(estimate(rows, [1]).median).to.deep.equal({ estimate: null, lower: null, upper: null });
  });

  it("gives the times in the order asked for, events counted from the next smaller one", () => {
    const rows = [1, 2, 3, 4].map((time) => ({ time, event: true }));
    expect(estimate(rows, [3, 1]).at.map(({ t, nEvent }) => [t, nEvent])).to.deep.equal([
      [3, 2],
      [1, 1],
    ]);
  });

  it("takes 0.1 + 0.2 for 0.3, in every group", () => {
    const [, second] = estimateGroups(
      [observations([{ time: 0.3, event: true }]), observations([{ time: 0.1 + 0.2, event: true }])],
      [0.3],
    );
    expect(second?.at[0]?.survival).to.equal(0);
  });

  it("refuses an observation that is empty once near times are one", () => {
    const rows = [{ entry: 0.3, time: 0.1 + 0.2, event: true }];
    expect(() => estimate(rows, [1])).to.throw(EmptyObservation);
  });

  it("does a million rows in well under a second", function () {
    this.timeout(5_000);
    const n = 1_000_000;
    const exits = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 7_919) % 1_500));
    const started = performance.now();
    const { table } = kaplanMeier({ exits, events: exits.subarray(0, n / 2), entries: null });
    expect(table.time).to.have.length(1_500);
    expect(performance.now() - started).to.be.lessThan(1_000);
  });
});

describe("survival as it is signed", () => {
  it("is the double rounded to the same digits, but for ties", () => {
    fc.assert(
      fc.property(anyRows, fc.nat(40), (rows, t) => {
        const exact = exactSurvival(tabulate(observations(rows)), t, 6);
        const { survival } = byDefinition(rows, t);
        expect(Math.abs(Number(exact) - survival * 1e6)).to.be.lessThan(0.5 + 1e-6);
      }),
    );
  });

  it("rounds a tie to the even digit", () => {
    const died = (n: number, events: number): Row[] =>
      Array.from({ length: n }, (_, i) => ({ time: i < events ? 1 : 2, event: i < events }));
    // 1 − 1/128 = 0.9921875: a tie at six digits.
    expect(exactSurvival(tabulate(observations(died(128, 1))), 1, 6)).to.equal(992_188n);
    expect(exactSurvival(tabulate(observations(died(128, 3))), 1, 6)).to.equal(976_562n);
    expect(exactSurvival(tabulate(observations(died(3, 1))), 1, 6)).to.equal(666_667n);
    expect(exactSurvival(tabulate(observations(died(3, 3))), 1, 6)).to.equal(0n);
  });
});
