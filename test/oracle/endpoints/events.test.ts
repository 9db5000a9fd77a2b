import { expect } from "chai";

import { complication, majorIllness } from "../../../oracle/endpoints/events.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import type { ClinicalEvent, PatientRecord } from "../../../oracle/record.ts";
import type { EndpointOptions } from "../../../terms/model.ts";
import { outcome, time, value, type Ask, type Facts } from "../support.ts";
import { given, happened, patientWith, T0, timed, told } from "./support.ts";

function found(
  events: ClinicalEvent[],
  ask: Ask = {},
  facts: Facts = {},
  more: Partial<PatientRecord> = {},
  metric = "complication",
): string {
  return value(metric, patientWith({ events, ...more }, facts), { cuts: [1], ...ask });
}

const STROKE = "urn:icd|I63";

describe("complication", () => {
  const cases: [string, () => string, string][] = [
    ["an adverse event by the due day", () => found([happened(100)]), "1"],
    ["one on the index day and one on the due day", () => found([happened(0)]) + found([happened(183)]), "11"],
    ["one before treatment, one after the due day", () => found([happened(-1), happened(184)]), "0"],
    ["none, in a patient seen later", () => found([]), "0"],
    ["none, in a patient last seen within the window", () => found([], {}, { alive: 155 }), "0"],
    ["none, in a patient last seen before the window", () => found([], {}, { alive: 154 }), "unknown-at-due"],
    ["none, in a patient nobody saw", () => found([], {}, {}, { lastAlive: null }), "unknown-at-due"],
    ["none, in a patient who died", () => found([], {}, { alive: 50, death: 60 }), "0"],
    ["none, in a patient who died after the due day", () => found([], {}, { alive: 50, death: 300 }), "0"],
    [
      "none, in a patient whose death is disputed",
      () => found([], {}, { alive: 50, death: 60, disputed: true }),
      "disputed-death",
    ],
    ["one, in a patient lost from sight", () => found([happened(20)], {}, { alive: 30 }), "1"],
    ["a diagnosis that no clause asks for", () => found([happened(10, { type: "condition", codes: [STROKE] })]), "0"],
    [
      "a diagnosis that the clause names",
      () => found([happened(10, { type: "condition", codes: [STROKE] })], { codes: STROKE }),
      "1",
    ],
    ["a plain code of a CSV", () => found([happened(10, { codes: ["I63"] })], { codes: `urn:x|Y,${STROKE}` }), "1"],
    ["an event of another code", () => found([happened(10, { codes: ["urn:icd|J18"] })], { codes: STROKE }), "0"],
    ["a grade high enough", () => found([happened(10, { grade: 3 })], { grade: 3 }), "1"],
    ["a grade too low", () => found([happened(10, { grade: 2 })], { grade: 3 }), "0"],
    ["no grade where one decides", () => found([happened(10)], { grade: 3 }), "event-detail-missing"],
    [
      "no grade, beside an event that decides",
      () => found([happened(10), happened(90, { grade: 4 })], { grade: 3 }),
      "1",
    ],
    [
      "no grade, in an event that is not serious",
      () => found([happened(10, { serious: false })], { grade: 3, serious: true }),
      "0",
    ],
    ["a serious event", () => found([happened(10, { serious: true })], { serious: true }), "1"],
    ["nothing said of seriousness", () => found([happened(10)], { serious: true }), "event-detail-missing"],
    ["an event that the treatment caused", () => found([happened(10, { causal: true })], { causal: true }), "1"],
    ["an event with another cause", () => found([happened(10, { causal: false })], { causal: true }), "0"],
    ["nothing said of the cause", () => found([happened(10)], { causal: true }), "event-detail-missing"],
    ["a partial date within the time", () => found([happened([10, 40])]), "1"],
    ["a partial date over the due day", () => found([happened([170, 200])]), "partial-date"],
    ["a partial date over the due day, beside another", () => found([happened([170, 200]), happened(5)]), "1"],
  ];
  for (const [what, result, expected] of cases) {
    it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));
  }

  describe("with a risk window of 30 days", () => {
    const ask = { riskWindow: "30d" };
    const treated = { administrations: [given(0), given(50, 60)] };
    const rows: [string, () => string, string][] = [
      ["an event within it", () => found([happened(90)], ask, {}, treated), "1"],
      ["an event after it", () => found([happened(91)], ask, {}, treated), "0"],
      ["nobody needs to be seen after its end", () => found([], ask, { alive: 62 }, treated), "0"],
      ["but until then", () => found([], ask, { alive: 61 }, treated), "unknown-at-due"],
      ["a treatment that goes on", () => found([happened(150)], ask, {}, { administrations: [given(0, null)] }), "1"],
      [
        "a treatment that begins after the due day",
        () => found([happened(150)], ask, {}, { administrations: [given(0), given(190)] }),
        "0",
      ],
      ["without a treatment on record, an event in the first 30 days", () => found([happened(30)], ask), "1"],
      ["without a treatment on record, a later event", () => found([happened(31)], ask), "event-detail-missing"],
      ["never beyond the due day", () => found([happened(184)], ask, {}, { administrations: [given(0, 180)] }), "0"],
    ];
    for (const [what, result, expected] of rows) {
      it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));
    }
  });

  it("says on which day the first event came, and what shows that there was none", () => {
    const [later, first] = [happened(90), happened(40)];
    expect(outcome("complication", patientWith({ events: [later, first] }))).to.deep.equal({
      value: 1n,
      day: 20_040,
      event: true,
      evidence: [first.id],
    });
    expect(outcome("complication", patientWith({}))).to.deep.equal({
      value: 0n,
      day: null,
      event: false,
      evidence: ["alive"],
    });
  });

  it("gives the time to the first event, or to where the observation ended", () => {
    expect(time("complication", patientWith({ events: [happened(90), happened(40)] }))).to.equal("40 event");
    expect(time("complication", patientWith({}, { alive: 77 }))).to.equal("77 censored");
    expect(time("complication", patientWith({}, { alive: 77, death: 80 }))).to.equal("80 censored");
  });

  it("asks intake for what the clause reads, and no more", () => {
    const needs = (options: EndpointOptions) => complication.needs?.(resolveOptions(options));
    expect(needs({})).to.deep.equal({ adverseEvents: true, events: new Set(), administrations: false });
    expect(needs({ codes: `${STROKE},urn:icd|I21`, riskWindow: "30d" })).to.deep.equal({
      adverseEvents: true,
      events: new Set([STROKE, "urn:icd|I21"]),
      administrations: true,
    });
  });
});

describe("major-illness", () => {
  it("counts the illnesses that the clause names, and needs their names", () => {
    const events = [happened(10, { type: "condition", codes: [STROKE] })];
    expect(found(events, { codes: STROKE }, {}, {}, "major-illness")).to.equal("1");
    expect(found(events, { codes: "urn:icd|I21" }, {}, {}, "major-illness")).to.equal("0");
    expect(majorIllness.problem?.(resolveOptions({}))).to.match(/^needs endpoint.codes/);
    expect(majorIllness.problem?.(resolveOptions({ codes: STROKE }))).to.equal(null);
  });
});

describe("complication, with what shows it", () => {
  const of = (
    events: ClinicalEvent[],
    ask: Ask = {},
    more: Partial<PatientRecord> = {},
    facts: Facts = { alive: 2000 },
  ) => told("complication", patientWith({ events, ...more }, facts), { cuts: [1], ...ask });
  const [a, b] = [happened(40, { id: "a" }), happened(40, { id: "b" })];

  it("rests on the first event, and of two on one day on the one whose id comes first", () => {
    expect(of([a, b])).to.equal("1 @40 event [a]");
    expect(of([b, a])).to.equal("1 @40 event [a]");
    expect(of([b, happened(39, { id: "c" })])).to.equal("1 @39 event [c]");
  });

  it("rests on what is missing, or on who was seen", () => {
    expect(of([b, a], { grade: 3 })).to.equal("event-detail-missing [b a]");
    expect(of([], {}, {}, { alive: 155 })).to.equal("0 none [alive]");
    expect(of([], {}, {}, { alive: 154 })).to.equal("unknown-at-due [alive]");
    expect(of([], {}, { lastAlive: null })).to.equal("unknown-at-due []");
    expect(of([], {}, { lastAlive: null }, { death: 60 })).to.equal("0 none [death]");
    expect(of([], {}, {}, { alive: 50, death: 183, disputed: true })).to.equal("disputed-death [death]");
    expect(of([], {}, {}, { alive: 50, death: 184, disputed: true })).to.equal("0 none [death]");
  });

  it("counts the risk window from the last administration by the due day, whatever their order", () => {
    const ask = { riskWindow: "30d" };
    const within = (day: number, ...administrations: ReturnType<typeof given>[]): string =>
      of([happened(day, { id: "a" })], { ...ask, asOf: T0 + 200 }, { administrations }, { alive: 200 });
    expect(within(85, given(0, 60), given(10))).to.equal("1 @85 event [a]");
    expect(within(85, given(10), given(0, 60))).to.equal("1 @85 event [a]");
    expect(within(183, given(0), given(183))).to.equal("1 @183 event [a]");
    expect(within(100, given(0), given(250))).to.equal("0 none [alive]");
  });

  it("takes as long as the first event, a death, the risk period or a sign of life", () => {
    const time = (
      events: ClinicalEvent[],
      facts: Facts,
      options = {},
      more: Partial<PatientRecord> = {},
      asOf?: number,
    ) => timed("complication", patientWith({ events, ...more }, facts), options, asOf);
    expect(time([a], {})).to.equal("40 event: event [a]");
    expect(time([a], {}, { grade: 3 })).to.equal("event-detail-missing [a]");
    expect(time([], { alive: 77 })).to.equal("77 censored: last known alive [alive]");
    expect(time([], { alive: 77, death: 80 })).to.equal("80 censored: death [death]");
    expect(time([], {}, {}, { lastAlive: null })).to.equal("0 censored: last known alive []");
    expect(time([], { alive: 77 }, { riskWindow: "30d" }, { administrations: [given(0)] })).to.equal(
      "30 censored: last known alive [alive]",
    );
    const late = [happened(250, { id: "late" })];
    expect(time(late, { alive: 150 }, {}, {}, T0 + 249)).to.equal("150 censored: last known alive [alive]");
    expect(time(late, { alive: 150 }, {}, {}, T0 + 250)).to.equal("250 event: event [late]");
  });
});
