import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import { followUp, type Followed } from "../../oracle/endpoints/follow-up.ts";
import { OptionError } from "../../oracle/endpoints/options.ts";
import { evaluate } from "../../oracle/evaluate.ts";
import type { CohortOutcome } from "../../oracle/outcomes.ts";
import type { ClinicalEvent, Cost, Measurement, PatientRecord, Statement } from "../../oracle/record.ts";
import { clausesWithoutRule, openRecords, outcomesOf } from "../../oracle/records.ts";
import { exactSurvival } from "../../oracle/survival/exact.ts";
import { tabulate } from "../../oracle/survival/tabulate.ts";
import { parseDecimal } from "../../terms/decimal.ts";
import type { Agreement } from "../../terms/model.ts";
import { agreementOf } from "./fixture.ts";
import { fixture, on, readCsv, record, withFiles, type Facts } from "./support.ts";

/** The index day of `record`: 2024-10-04. */
const T0 = 20_000;
const AS_OF = on("2030-01-01");

interface Asked {
  readonly metric: string;
  /** As a term sheet has them. */
  readonly endpoint?: string;
  readonly due?: string;
  readonly metrics?: string;
  /** Where the second tier starts. */
  readonly cut?: string;
  readonly statements?: readonly Statement[];
  /** Enrolled patients who are not in the records. */
  readonly missing?: number;
}

function agreed({ metric, endpoint = "", due = "1y", metrics = "", cut = "50" }: Asked): Agreement {
  return agreementOf(`outcomes: 1
title: Wager
currency: { code: EUR, decimals: 2 }
parties: { payer: [{ name: P }], manufacturer: [{ name: M }] }
oracle: { reportWithin: 60d }
${metrics === "" ? "" : `metrics: { ${metrics} }`}
cohorts:
  a: { population: All, price: 1000, opens: 2024-01-01, closes: 2025-01-01, maxPatients: 1000 }
clauses:
  w: { type: wager, metric: ${metric}, due: ${due}, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: ${cut}, pays: 1 }], notEvaluable: 0${endpoint === "" ? "" : `, endpoint: { ${endpoint} }`} }
`);
}

function wager(asked: Asked, records: readonly PatientRecord[]): CohortOutcome & { readonly values: string[] } {
  const agreement = agreed(asked);
  const outcomes = outcomesOf(agreement, records, [], asked.statements ?? []);
  const [clause] = agreement.clauses;
  const [cohort] = agreement.cohorts;
  const payoff = clause?.payoffs.get(0);
  if (clause === undefined || cohort === undefined || payoff === undefined) throw new RangeError("no wager");
  const subjects = outcomes.patients.map((patient) => ({ patient, indexDay: T0 }));
  const found = outcomes.wager(subjects, asked.missing ?? 0, clause, cohort, payoff, AS_OF);
  const values = subjects.map(({ patient }) => {
    const part = found.parts.get(patient)?.outcome;
    return part === undefined ? "none" : text(part);
  });
  return { ...found, values };
}

const text = (outcome: { value: bigint } | { notEvaluable: string }): string =>
  "value" in outcome ? outcome.value.toString() : outcome.notEvaluable;

/** The cohort's value as an integer, or the reason. */
const value = (asked: Asked, records: readonly PatientRecord[]): string => text(wager(asked, records).outcome);

let number = 0;
const person = (facts: Facts, more: Partial<PatientRecord> = {}): PatientRecord => {
  const id = `p${number++}`;
  return record(facts, { identifier: { system: "", value: id }, id: `Patient/${id}`, ...more });
};
const people = (n: number, facts: Facts, more: Partial<PatientRecord> = {}): PatientRecord[] =>
  Array.from({ length: n }, () => person(facts, more));

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

const stated = (name: string, amount: string, more: Partial<Statement> = {}): Statement => ({
  name,
  value: parseDecimal(amount) ?? { digits: 0n, scale: 0 },
  cohort: null,
  statedBy: "Auditor",
  documentSha256: "ab".repeat(32),
  id: `statement/${name}`,
  ...more,
});

describe("mean cost", () => {
  const ask: Asked = { metric: "mean-cost", cut: "100" };
  const cost = (amount: string, days = 10, more: Partial<Cost> = {}): Cost => ({
    date: { first: T0 + days, last: T0 + days },
    codes: [],
    amount: parseDecimal(amount) ?? { digits: 0n, scale: 0 },
    currency: "EUR",
    id: `c${days}`,
    ...more,
  });

  it("is the exact mean over patients of the costs by the due date, rounded half to even once", () => {
    const records = [
      person({ alive: 400 }, { costs: [cost("10.01"), cost("90", 366)] }),
      person({ alive: 400 }, { costs: [cost("10"), cost("0.02", 365)] }),
    ];
    expect(value(ask, records)).to.equal("1002");
    expect(wager(ask, records).values).to.deep.equal(["1001", "1002"]);
  });

  it("is over the patients whose cost is known, when these are enough", () => {
    const known = people(4, { alive: 400 }, { costs: [cost("50")] });
    const foreign = person({ alive: 400 }, { costs: [cost("50", 10, { currency: "USD" })] });
    expect(value(ask, [...known, foreign])).to.equal("5000");
    expect(value({ ...ask, missing: 1 }, [...known, foreign])).to.equal("too-few-evaluable");
    expect(value(ask, [])).to.equal("no-patients");
  });

  it("is the stated one when there is a statement", () => {
    const found = wager({ ...ask, statements: [stated("mean-cost", "123.45")] }, [person({ alive: 400 })]);
    expect(text(found.outcome)).to.equal("12345");
    expect(found.evidence).to.deep.equal([`statement/mean-cost sha256:${"ab".repeat(32)}`]);
    expect(found.values).to.deep.equal(["none"]);
  });
});

describe("stated figures", () => {
  const ask: Asked = { metric: "research-cost", cut: "100" };

  it("are passed on with their document as evidence", () => {
    const found = wager({ ...ask, statements: [stated("research-cost", "1000.5"), stated("other", "1")] }, []);
    expect(text(found.outcome)).to.equal("100050");
    expect(found.evidence).to.have.length(1);
    expect(
      value({ ...ask, metric: "procurement-saving", statements: [stated("procurement-saving", "-2")] }, []),
    ).to.equal("-200");
  });

  it("count for their cohort alone", () => {
    const ours = stated("research-cost", "1", { cohort: "a" });
    const theirs = stated("research-cost", "2", { cohort: "b" });
    expect(value({ ...ask, statements: [theirs, ours] }, [])).to.equal("100");
    expect(value({ ...ask, statements: [theirs] }, [])).to.equal("no-statement");
  });

  it("are never chosen between, nor rounded", () => {
    const both = [stated("research-cost", "1"), stated("research-cost", "1", { cohort: "a", id: "other" })];
    expect(value({ ...ask, statements: both }, [])).to.equal("several-statements");
    expect(value({ ...ask, statements: [stated("research-cost", "1.005")] }, [])).to.equal("inexact-statement");
  });

  it("are never converted", () => {
    const inCurrency = (currency: string): string =>
      value({ ...ask, statements: [stated("research-cost", "1", { currency })] }, []);
    expect(inCurrency("EUR")).to.equal("100");
    expect(inCurrency("USD")).to.equal("unit-differs");
    const metrics = `share: { of: cohort, percent: true, definition: "x", statement: share }`;
    const inUnit = (more: Partial<Statement>): string =>
      value({ metric: "share", metrics, cut: "1%", statements: [stated("share", "12.5", more)] }, []);
    expect(inUnit({ unit: "%" })).to.equal("125000");
    expect(inUnit({ unit: "promille" })).to.equal("unit-differs");
    expect(inUnit({ currency: "EUR" })).to.equal("unit-differs");
  });
});

describe("metrics of the agreement's own, of a cohort", () => {
  const money = (name: string): string => `${name}: { of: cohort, money: true, definition: "x", statement: ${name} }`;

  it("are stated, or differences of what is", () => {
    const metrics = `${money("before")}, ${money("after")}, saved: { of: cohort, money: true, definition: "x", difference: [before, after] }`;
    const ask: Asked = { metric: "saved", metrics, cut: "1" };
    const statements = [stated("before", "10"), stated("after", "12.5")];
    const found = wager({ ...ask, statements }, []);
    expect(text(found.outcome)).to.equal("-250");
    expect(found.evidence).to.have.length(2);
    expect(value({ ...ask, statements: [stated("before", "10")] }, [])).to.equal("no-statement");
  });

  it("need the values themselves, not their tier, for a difference of rates", () => {
    const metrics = `target: { of: cohort, percent: true, definition: "x", statement: target }, gap: { of: cohort, percent: true, definition: "x", difference: [survival, target] }`;
    const ask: Asked = { metric: "gap", metrics, cut: "0%", statements: [stated("target", "80")] };
    const sure = [person({ death: [300, 365] }), ...people(9, { alive: 400 })];
    expect(value(ask, sure)).to.equal("100000");
    const open = [person({ death: [300, 400] }), ...people(9, { alive: 400 })];
    expect(value(ask, open)).to.equal("partial-date");
    expect(wager(ask, sure).values[0]).to.equal("731");
  });

  it("are worth nothing where a condition is not met", () => {
    const metrics = `met: { of: cohort, definition: "x", statement: met }, ${money("bonus")}, paid: { of: cohort, money: true, definition: "x", value: bonus, when: met }`;
    const ask: Asked = { metric: "paid", metrics, cut: "1" };
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "1")] }, [])).to.equal("1000");
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "0")] }, [])).to.equal("0");
    expect(value({ ...ask, statements: [stated("bonus", "10")] }, [])).to.equal("no-statement");
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "2")] }, [])).to.equal("not-0-or-1");
  });

  it("have no rule without a source that can be computed for a cohort", () => {
    const missing = (metrics: string): string[] =>
      clausesWithoutRule(
        agreed({ metric: "own", metrics: `own: { of: cohort, definition: "x"${metrics} }`, cut: "1" }),
      ).map(({ id }) => id);
    expect(missing("")).to.deep.equal(["w"]);
    expect(missing(", rule: local@1")).to.deep.equal(["w"]);
    expect(missing(", statement: s")).to.deep.equal([]);
    expect(clausesWithoutRule(agreed({ metric: "survival", cut: "80%" }))).to.deep.equal([]);
  });
});

describe("a wager from files", () => {
  it("is evaluated from a registry's CSV", async () => {
    const patients = [
      "id,start,dead,seen",
      "A,2024-02-01,2024-08-01,",
      "B,2024-03-01,,2025-06-01",
      "C,2024-04-01,2025,2024-12-01",
      "D,2024-05-01,,2026-01-01",
      "E,2023-05-01,2023-06-01,",
    ].join("\n");
    const source = `kind: csv
path: .
dates: iso
files:
  patients: { path: p.csv, columns: { patient: id, index: start, death: dead, lastAlive: seen } }
`;
    const agreement = agreed({ metric: "survival", cut: "60%" });
    await withFiles({ "source.yaml": source, "p.csv": patients }, async (folder) => {
      const outcomes = await openRecords(agreement, join(folder, "source.yaml"), AS_OF);
      const found = evaluate(agreement, outcomes, AS_OF);
      expect(found.enrolled[0]).to.include({ patients: 4 });
      // One of four died within the year; C died in 2025, in or after her year: 50% or 75%.
      expect(found.clauses[0]).to.deep.include({ due: 4, value: null, notEvaluable: { "partial-date": 1 } });
      const lower = agreed({ metric: "survival", cut: "40%" });
      const records = outcomes.patients.map((one) => one.record);
      const [sure] = evaluate(lower, outcomesOf(lower, records, []), AS_OF).clauses;
      expect(sure).to.deep.include({ value: "50.0000", notEvaluable: {} });
    });
  });

  it("reads results, costs and statements from a registry's CSV", async () => {
    const source = `kind: csv
path: .
statements: { research-cost: research.yaml }
files:
  patients: { path: p.csv, columns: { patient: id, index: start, lastAlive: seen } }
  labs: { path: l.csv, columns: { patient: id, date: day, code: loinc, value: v, unit: u } }
  costs: { path: c.csv, columns: { patient: id, date: day, amount: a, currency: cur } }
`;
    const files = {
      "source.yaml": source,
      "p.csv": "id,start,seen\nA,2024-02-01,2025-06-01\nB,2024-03-01,2025-06-01\n",
      "l.csv": "id,day,loinc,v,u\nA,2025-01-30,4548-4,6.9,%\nB,2025-03-01,4548-4,53,%\n",
      "c.csv": "id,day,a,cur\nA,2024-06-01,100.01,EUR\nB,2024-06-01,200,EUR\nB,2026-06-01,999,EUR\n",
      "research.yaml": `value: 1200.50\ncurrency: EUR\nstatedBy: Auditor\ndocument: { sha256: "${"ab".repeat(32)}" }\n`,
    };
    const found = await withFiles(files, async (folder) => {
      const asked: Asked[] = [
        { metric: "attainment-rate", endpoint: "metric: hba1c, below: 7.0, minEvaluable: 50%" },
        { metric: "mean-cost", cut: "1" },
        { metric: "research-cost", cut: "1" },
      ];
      const values: (string | null | undefined)[] = [];
      for (const one of asked) {
        const agreement = agreed(one);
        const outcomes = await openRecords(agreement, join(folder, "source.yaml"), AS_OF);
        values.push(evaluate(agreement, outcomes, AS_OF).clauses[0]?.value);
      }
      return values;
    });
    // 53 % is no HbA1c: one of two is evaluable, and reached the target.
    expect(found).to.deep.equal(["50.0000", "150.00", "1200.50"]);
  });
});
