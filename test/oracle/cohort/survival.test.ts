import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import { followUp, type Followed } from "../../../oracle/endpoints/follow-up.ts";
import type { PatientRecord } from "../../../oracle/record.ts";
import { exactSurvival } from "../../../oracle/survival/exact.ts";
import { tabulate } from "../../../oracle/survival/tabulate.ts";
import { fixture, readCsv, record, type Facts } from "../support.ts";
import { T0, people, person, text, value, wager, type Asked } from "./wager.ts";

describe("survival of a cohort", () => {
  const ask: Asked = { metric: "survival", cut: "80%" };

  it("is R's estimate at the horizon, in percent with four decimals", function () {
    const folder = fixture(this, "survival");
    const { landmark } = JSON.parse(readFileSync(join(folder, "other_endpoints.json"), "utf8")) as {
      landmark: Record<string, { t: number; km: number }[]>;
    };
    for (const [name, file, event] of [
      ["lung", "lung", "2"],
      ["veteran", "veteran", "1"],
    ] as const) {
      const records = readCsv(join(folder, `csv/${file}.csv`)).map(({ time, status }) =>
        person(status === event ? { death: Number(time) } : { alive: Number(time) }),
      );
      for (const { t, km } of landmark[name] ?? []) {
        expect(value({ ...ask, endpoint: `horizon: ${t}d` }, records), `${name} ${t}`).to.equal(
          Math.round(km * 1e6).toString(),
        );
      }
    }
  });

  it("counts deaths up to and with the horizon, by default the clause's due", () => {
    const records = [person({ death: 365 }), person({ death: 366 }), ...people(2, { alive: 400 })];
    expect(value(ask, records)).to.equal("750000");
    expect(value({ ...ask, due: "2y", endpoint: "horizon: 366d" }, records)).to.equal("500000");
    expect(value({ ...ask, endpoint: "horizon: 364d" }, records)).to.equal("1000000");
  });

  it("is not evaluable beyond the last observation when that was censored, whatever the estimate before", () => {
    expect(value(ask, [person({ death: 10 }), person({ alive: 364 })])).to.equal("beyond-follow-up");
    expect(value(ask, [person({ death: 10 }), person({ death: 20 })])).to.equal("0");
    expect(value(ask, [])).to.equal("no-patients");
  });

  it("is not evaluable with fewer at risk at the horizon than the clause asks for", () => {
    const records = [person({ death: 365 }), person({ alive: 365 }), person({ alive: 300 })];
    expect(value({ ...ask, endpoint: "minAtRisk: 2" }, records)).to.equal("500000");
    expect(value({ ...ask, endpoint: "minAtRisk: 3" }, records)).to.equal("too-few-at-risk");
  });

  it("censors on the index day whoever may not or can't be followed, and never drops her", () => {
    const records = [
      person({ death: 100 }, { consent: false }),
      person({ death: -5 }),
      person({}),
      person({ death: 0 }),
      ...people(4, { alive: 400 }),
    ];
    // Ten at risk on day 0, of whom one died: two are not in the records any more.
    const found = wager({ ...ask, missing: 2 }, records);
    expect(text(found.outcome)).to.equal("900000");
    expect(found.values.slice(0, 4)).to.deep.equal(["no-consent", "event-before-index", "0", "1"]);
  });

  it("gives each patient's part so that the estimate can be computed again from the parts", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.boolean()), { minLength: 1, maxLength: 30 }), (course) => {
        const found = wager(
          ask,
          course.map(([days, died]) => person(died ? { death: days } : { alive: days })),
        );
        if (!("value" in found.outcome)) return;
        const parts = found.values.map((part) => ({
          days: Math.floor(Number(part) / 2),
          died: Number(part) % 2 === 1,
        }));
        expect(survivalOf(parts, 365)).to.equal(found.outcome.value);
      }),
    );
  });

  it("names the resources behind each part", () => {
    const { parts } = wager(ask, [person({ death: 100 }), person({ alive: 400 })]);
    expect([...parts.values()].map(({ evidence }) => evidence)).to.deep.equal([["death"], ["alive"]]);
  });

  describe("with a death that can't be dated", () => {
    const others = (n: number): PatientRecord[] => people(n, { alive: 400 });

    it("is the lower value when all that it can be is in one tier, else not evaluable", () => {
      const open = person({ death: [300, 400] });
      expect(value(ask, [open, ...others(9)])).to.equal("900000");
      expect(value({ ...ask, cut: "95%" }, [open, ...others(9)])).to.equal("partial-date");
      expect(wager({ ...ask, cut: "95%" }, [open, ...others(9)]).values[0]).to.equal("partial-date");
      expect(value({ ...ask, cut: "95%" }, [person({ death: [300, 365] }), ...others(9)])).to.equal("900000");
    });

    it("has her die no earlier than her last sign of life", () => {
      expect(value({ ...ask, cut: "95%" }, [person({ death: [300, 400], alive: 370 }), ...others(9)])).to.equal(
        "1000000",
      );
    });

    it("counts a disputed death as one that may have come on its day, later, or not yet", () => {
      const disputed = person({ death: 300, disputed: true });
      expect(value(ask, [disputed, ...others(9)])).to.equal("900000");
      expect(wager({ ...ask, cut: "95%" }, [disputed, ...others(9)]).values[0]).to.equal("disputed-death");
      expect(value({ ...ask, cut: "95%" }, [person({ death: 366, disputed: true }), ...others(9)])).to.equal("1000000");
    });

    it("is not evaluable when what it can be leaves too few at risk", () => {
      const records = [person({ death: [300, 400] }), ...others(4)];
      expect(value({ ...ask, endpoint: "minAtRisk: 4" }, records)).to.equal("800000");
      expect(value({ ...ask, endpoint: "minAtRisk: 5" }, records)).to.equal("too-few-at-risk");
    });

    it("lies between what the ends say, and both ends can be", () => {
      const days = fc.nat(12);
      const patient = fc.oneof(
        fc.record({ death: days }),
        fc.record({ alive: days }),
        fc.tuple(days, fc.nat(4)).map(([first, more]) => ({ death: [first, first + more] as const })),
      );
      const cohort = fc.array(patient, { minLength: 1, maxLength: 6 });
      fc.assert(
        fc.property(cohort, fc.nat(12), fc.integer({ min: 12, max: 16 }), (facts, horizon, today) => {
          const all = facts.map((one) => followUp(record(one), horizon, T0 + today));
          let can: readonly Followed[][] = [[]];
          for (const one of facts) {
            const each = possible(one, today);
            can = can.flatMap((before) => each.map((last) => [...before, last]));
          }
          const values = can.map((followed) => survivalOf(followed, horizon)).sort((a, b) => (a < b ? -1 : 1));
          const at = (end: "least" | "greatest"): bigint =>
            survivalOf(
              all.map((one) => one[end]),
              horizon,
            );
          expect(at("least")).to.equal(values[0]);
          expect(at("greatest")).to.equal(values.at(-1));
        }),
        { numRuns: 300 },
      );
    });
  });
});

/** Every follow-up that the facts leave open on a day: who may have died later was alive on it. */
function possible({ death, alive }: Facts, today: number): Followed[] {
  if (death === undefined) return [{ days: alive ?? 0, died: false }];
  const [first, last] = typeof death === "number" ? [death, death] : death;
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return [
    ...days.filter((day) => day <= today).map((day) => ({ days: day, died: true })),
    ...(last > today ? [{ days: today, died: false }] : []),
  ];
}

function survivalOf(followed: readonly Followed[], horizon: number): bigint {
  const exits = Float64Array.from(followed, ({ days }) => days);
  const events = Float64Array.from(
    followed.filter(({ died }) => died),
    ({ days }) => days,
  );
  return exactSurvival(tabulate({ exits, events, entries: null }), horizon, 6);
}
