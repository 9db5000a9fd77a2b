import { expect } from "chai";

import { outcome, record, time, value } from "./support.ts";

describe("progression-free survival: time to event", () => {
  it("ends at the first progression, which a later improvement does not undo", () => {
    expect(time("pfs", record({ course: "56 SD, 112 PD, 168 CR" }))).to.equal("112 event");
  });

  it("ends at death when no progression came first", () => {
    expect(time("pfs", record({ course: "56 SD", death: 90 }))).to.equal("90 event");
  });

  it("calls a progression on the day of death a progression", () => {
    const both = record({ course: "90 PD", death: 90 });
    expect(outcome("pfs", both)).to.deep.include({ value: 90n, evidence: ["a0"] });
  });

  it("is censored at the last adequate assessment, not at one that could not be evaluated", () => {
    expect(time("pfs", record({ course: "56 PR, 112 NE", alive: 400 }))).to.equal("56 censored");
  });

  it("is censored at the index day when nobody ever looked", () => {
    expect(time("pfs", record({ alive: 400 }))).to.equal("0 censored");
  });

  it("takes a progression on the index day for the baseline", () => {
    expect(time("pfs", record({ course: "0 PD, 56 SD" }))).to.equal("56 censored");
  });

  it("leaves out what came before the index day", () => {
    expect(time("pfs", record({ course: "-30 PD, 56 SD" }))).to.equal("56 censored");
  });

  it("keeps the worst of two results on one day, with every resource that says so", () => {
    const twice = record({ course: "56 SD, 56 PD, 56 PD" });
    expect(time("pfs", twice)).to.equal("56 event");
    expect(outcome("pfs", twice).evidence).to.deep.equal(["a1", "a2"]);
  });

  it("counts disease that is neither complete nor progressive, and an ungraded response, as adequate", () => {
    expect(time("pfs", record({ course: "56 NON-CR/NON-PD, 112 RESPONDING" }))).to.equal("112 censored");
  });

  it("refuses a death before the index day", () => {
    expect(time("pfs", record({ death: -1 }))).to.equal("event-before-index");
  });

  it("takes a death after the as-of date for life", () => {
    expect(time("pfs", record({ course: "56 SD", death: 90 }), {}, 20_000 + 60)).to.equal("56 censored");
  });

  it("uses no death that a later assessment contradicts, but a progression before it", () => {
    expect(time("pfs", record({ course: "56 SD", death: 90, disputed: true }))).to.equal("disputed-death");
    expect(time("pfs", record({ course: "56 PD", death: 90, disputed: true }))).to.equal("56 event");
  });

  it("says nothing without an index day or without consent", () => {
    expect(time("pfs", record({}, { index: null }))).to.equal("no-index");
    expect(time("pfs", record({ course: "56 PD" }, { consent: false }))).to.equal("no-consent");
  });

  it("is not evaluable when a partial date leaves the day open", () => {
    expect(time("pfs", record({ course: "50..80 PD" }))).to.equal("partial-date");
    expect(time("pfs", record({ course: "50..80 SD, 112 PD" }))).to.equal("112 event");
  });
});

describe("progression-free survival: what was missed or switched before the event", () => {
  const late = record({ course: "56 SD, 200 PD" });
  const switched = record({ course: "56 SD, 112 SD, 168 PD", therapies: [120] });

  it("changes nothing under treatment policy", () => {
    expect(time("pfs", late)).to.equal("200 event");
    expect(time("pfs", switched)).to.equal("168 event");
  });

  it("censors an event after two missed assessments under fda", () => {
    expect(time("pfs", late, { rules: "fda" })).to.equal("56 censored");
    expect(time("pfs", record({ course: "56 SD, 182 PD" }), { rules: "fda" })).to.equal("182 event");
    expect(time("pfs", record({ course: "56 SD, 183 PD" }), { rules: "fda" })).to.equal("56 censored");
    expect(time("pfs", record({ course: "56 SD, 183 PD" }), { rules: "fda", tolerance: "15d" })).to.equal("183 event");
  });

  it("does not call one result that could not be evaluated, between two others, a missed visit", () => {
    expect(time("pfs", record({ course: "56 SD, 112 NE, 168 PD" }), { rules: "fda" })).to.equal("168 event");
  });

  it("censors an early death, never assessed, only beyond two planned assessments under fda", () => {
    expect(time("pfs", record({ death: 100 }), { rules: "fda" })).to.equal("100 event");
    expect(time("pfs", record({ death: 127 }), { rules: "fda" })).to.equal("0 censored");
  });

  it("censors at the last assessment before another treatment under fda", () => {
    expect(time("pfs", switched, { rules: "fda" })).to.equal("112 censored");
  });

  it("keeps the event when the new treatment began on its day", () => {
    expect(time("pfs", record({ course: "112 SD, 168 PD", therapies: [168] }), { rules: "fda" })).to.equal("168 event");
  });

  it("leaves the agreement's own treatment out of it", () => {
    const own = record(
      { course: "56 SD, 112 PD" },
      { therapies: [{ start: { first: 20_021, last: 20_021 }, codes: [], contract: true, id: "t" }] },
    );
    expect(time("pfs", own, { rules: "fda" })).to.equal("112 event");
  });

  it("ends real-world follow-up at a gap in visits, where the source has no dates of its own", () => {
    expect(time("pfs", record({ course: "56 SD, 200 PD" }), { rules: "rwpfs" })).to.equal("56 censored");
    expect(time("pfs", record({ course: "56 SD, 140 PD" }), { rules: "rwpfs" })).to.equal("140 event");
    expect(time("pfs", record({ course: "56 SD, 140 PD" }), { rules: "rwpfs", maxGap: 80 })).to.equal("56 censored");
    expect(time("pfs", record({ course: "56 SD", death: 86 }), { rules: "rwpfs" })).to.equal("86 event");
    expect(time("pfs", record({ course: "56 SD", death: 87 }), { rules: "rwpfs" })).to.equal("56 censored");
    expect(time("pfs", record({ course: "0 PD, 56 SD" }), { rules: "rwpfs" })).to.equal("event-before-index");
    expect(time("pfs", record({ alive: 300 }), { rules: "rwpfs" })).to.equal("follow-up-missing");
  });
});

describe("progression-free survival: the value for a clause, due at 183 days", () => {
  it("is the day of an event that came by the due date, the due day included", () => {
    expect(value("pfs", record({ course: "56 SD, 112 PD" }))).to.equal("112");
    expect(value("pfs", record({ course: "183 PD" }))).to.equal("183");
    expect(value("pfs", record({ course: "56 SD", death: 182 }))).to.equal("182");
  });

  it("is the due day when an assessment within the window, or any time later, shows no progression", () => {
    expect(value("pfs", record({ course: "155 SD" }))).to.equal("183");
    expect(value("pfs", record({ course: "60 SD, 400 SD" }))).to.equal("183");
  });

  it("is not evaluable when the last adequate assessment lies before the window", () => {
    expect(value("pfs", record({ course: "154 SD" }))).to.equal("no-adequate-assessment");
    expect(value("pfs", record({ course: "154 SD" }), { window: "29d" })).to.equal("183");
    expect(value("pfs", record({ course: "154 SD, 170 NE" }))).to.equal("no-adequate-assessment");
    expect(value("pfs", record({}))).to.equal("no-adequate-assessment");
  });

  it("is the due day when an event came after it with no assessment missed before", () => {
    expect(value("pfs", record({ course: "112 SD, 190 PD" }))).to.equal("183");
    expect(value("pfs", record({ course: "112 SD", death: 200 }))).to.equal("183");
  });

  it("is not evaluable when a progression was first seen after a gap that spans the due date", () => {
    expect(value("pfs", record({ course: "60 SD, 190 PD" }))).to.equal("no-adequate-assessment");
  });

  it("takes no comfort from an assessment after the progression", () => {
    expect(value("pfs", record({ course: "60 SD, 300 PD, 310 SD" }))).to.equal("no-adequate-assessment");
  });

  it("is the last day known free when all days from there to the due date lie in one tier", () => {
    const seen = record({ course: "112 SD" });
    expect(value("pfs", seen, { cuts: [91] })).to.equal("112");
    expect(value("pfs", seen, { cuts: [91, 150] })).to.equal("no-adequate-assessment");
    expect(value("pfs", record({}), { cuts: [400] })).to.equal("0");
  });

  it("takes partial dates by tier: the earliest value when every end leads to one tier", () => {
    const partial = record({ course: "28 SD, 59..89 PD" });
    expect(value("pfs", partial)).to.equal("59");
    expect(value("pfs", partial, { cuts: [75] })).to.equal("partial-date");
    expect(value("pfs", record({ course: "112 SD", death: [170, 199] }))).to.equal("partial-date");
  });

  it("waits for the due date", () => {
    expect(value("pfs", record({ course: "56 PD" }), { asOf: 20_182 })).to.equal("not-due");
    expect(value("pfs", record({ course: "56 PD" }), { asOf: 20_183 })).to.equal("56");
  });

  it("is held back by a progression that is only preliminary and newer than the last final result", () => {
    expect(value("pfs", record({ course: "160 SD", pending: "170 PD" }))).to.equal("preliminary-progression");
    expect(value("pfs", record({ course: "180 SD", pending: "170 PD" }))).to.equal("183");
    expect(time("pfs", record({ course: "160 SD", pending: "170 PD" }))).to.equal("160 censored");
  });

  it("follows the censoring of fda", () => {
    const switched = record({ course: "56 SD, 112 SD, 168 PD", therapies: [120] });
    expect(value("pfs", switched, { rules: "fda" })).to.equal("no-adequate-assessment");
    expect(value("pfs", record({ course: "56 SD, 160 SD", therapies: [170] }), { rules: "fda" })).to.equal("183");
  });
});
