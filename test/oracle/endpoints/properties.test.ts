import { expect } from "chai";
import fc from "fast-check";

import { endpointsOf, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import type { Endpoint } from "../../../oracle/endpoints/endpoint.ts";
import type { PatientRecord } from "../../../oracle/record.ts";
import { askFor, inWords, type Ask } from "../support.ts";
import { answered, given, happened, measured, patientWith, spent, type When } from "./support.ts";

/** The metrics that look at dates alone, with what a clause must state for them. */
const BY_DATE: Readonly<Record<string, Ask>> = {
  hba1c: {},
  "qaly-gain": { valueSet: "EQ-5D-5L/England@2018" },
  complication: { grade: 3 },
  "major-illness": { codes: "urn:a|1" },
  cost: {},
  units: {},
  duration: {},
};
/** The due day and the days around it in which results count. */
const [DUE, WINDOW] = [183, 28];

type Lists = Pick<PatientRecord, "measurements" | "healthStates" | "events" | "costs" | "administrations">;

const anyDay = (min: number, max: number): fc.Arbitrary<When> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min, max }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min, max }), fc.nat(20)).map(([a, b]): When => [a, Math.min(a + b, max)]),
    },
  );
const fact = <T>(day: fc.Arbitrary<When>, make: (when: When, n: number) => T): fc.Arbitrary<T[]> =>
  fc.array(fc.tuple(day, fc.nat(4)), { maxLength: 4 }).map((all) => all.map(([when, n]) => make(when, n)));

const lists = (min: number, max: number): fc.Arbitrary<Lists> => {
  const day = anyDay(min, max);
  return fc.record({
    measurements: fact(day, (when, n) => measured(when, ["6.1", "7.0", "<7", "53", ">9"][n] ?? "7")),
    healthStates: fact(day, (when, n) => answered(when, ["11111", "11112", "55555", "1111", "21231"][n] ?? "")),
    events: fact(day, (when, n) => happened(when, { grade: n === 0 ? null : n, codes: n > 2 ? ["urn:a|1"] : [] })),
    costs: fact(day, (when, n) => spent(when, `${n}.35`, n === 4 ? "USD" : "EUR")),
    administrations: fact(day, (when, n) => given(when, n === 4 ? null : when, n === 3 ? "2" : null)),
  });
};

function found(endpoint: Endpoint, record: PatientRecord): string {
  return inWords(askFor(endpoint, record, { due: DUE, exact: true, ...BY_DATE[endpoint.id] }));
}

const ENDPOINTS = endpointsOf(NEWEST_RULES, { code: "EUR", decimals: 2 }).filter(({ id }) => id in BY_DATE);

describe("metrics that look at dates alone", () => {
  it("are all of them here", () => expect(ENDPOINTS.map(({ id }) => id)).to.deep.equal(Object.keys(BY_DATE)));

  for (const endpoint of ENDPOINTS) {
    it(`${endpoint.id}: the order of the records never matters`, () => {
      fc.assert(
        fc.property(lists(-60, 300), fc.nat(3), (all, turn) => {
          const turned = Object.fromEntries(
            Object.entries(all).map(([name, items]: [string, readonly unknown[]]) => [
              name,
              [...items.slice(turn), ...items.slice(0, turn)].reverse(),
            ]),
          ) as unknown as Lists;
          const asked = { due: DUE, exact: true, ...BY_DATE[endpoint.id] } as const;
          const [a, b] = [all, turned].map((one) => askFor(endpoint, patientWith(one), asked));
          expect(inWords(b ?? fail())).to.equal(inWords(a ?? fail()));
          expect([...(b?.evidence ?? [])].sort()).to.deep.equal([...(a?.evidence ?? [])].sort());
        }),
        { numRuns: 300 },
      );
    });

    it(`${endpoint.id}: nothing dated after the due day + window changes it`, () => {
      const late = lists(DUE + WINDOW + 1, 900);
      fc.assert(
        fc.property(lists(-60, DUE + WINDOW), late, (all, later) => {
          const both: Lists = {
            measurements: [...all.measurements, ...later.measurements],
            healthStates: [...all.healthStates, ...later.healthStates],
            events: [...all.events, ...later.events],
            costs: [...all.costs, ...later.costs],
            administrations: [...all.administrations, ...later.administrations],
          };
          expect(found(endpoint, patientWith(both))).to.equal(found(endpoint, patientWith(all)));
        }),
        { numRuns: 300 },
      );
    });
  }
});

function fail(): never {
  throw new Error("nothing found");
}
