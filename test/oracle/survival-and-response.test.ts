import { expect } from "chai";

import { outcome, record, time, value } from "./support.ts";

describe("overall survival and being alive", () => {
  it("ends at death, else on the last day known alive, else at the index day", () => {
    expect(time("os", record({ death: 300, alive: 280 }))).to.equal("300 event");
    expect(time("os", record({ alive: 280 }))).to.equal("280 censored");
    expect(time("os", record({}))).to.equal("0 censored");
  });

  it("is the due day for whoever died after it or was seen alive near or after it", () => {
    for (const metric of ["os", "alive"]) {
      const alive = metric === "os" ? "183" : "1";
      expect(value(metric, record({ death: 184 }))).to.equal(alive);
      expect(value(metric, record({ alive: 155 }))).to.equal(alive);
      expect(value(metric, record({ alive: 154 }))).to.equal("unknown-at-due");
    }
    expect(value("os", record({ death: 183 }))).to.equal("183");
    expect(value("alive", record({ death: 183 }))).to.equal("0");
  });

  it("takes a death whose day is unknown by its price", () => {
    expect(value("alive", record({ death: [100, 150] }))).to.equal("0");
    expect(value("alive", record({ death: [100, 190] }), { cuts: [1] })).to.equal("partial-date");
    expect(value("os", record({ death: [100, 150] }))).to.equal("100");
  });

  it("does not depend on who read the scans", () => {
    const read = record({ course: "56 SD, 57 PD", alive: 200 });
    const assessments = read.assessments.map((one, k) => ({ ...one, evaluator: `reader ${k}` }));
    expect(value("alive", { ...read, assessments })).to.equal("1");
    expect(time("os", { ...read, assessments })).to.equal("200 censored");
  });

  it("rests on no disputed death", () => {
    expect(value("alive", record({ death: 100, disputed: true }))).to.equal("disputed-death");
  });
});

describe("complete remission by the due date", () => {
  it("is 1 from the first complete response before any progression", () => {
    expect(value("complete-remission", record({ course: "56 CR" }), { due: 90, cuts: [1] })).to.equal("1");
    expect(value("complete-remission", record({ course: "91 CR" }), { due: 90, cuts: [1] })).to.equal("0");
    expect(value("complete-remission", record({ course: "50 PD, 56 CR" }), { due: 90, cuts: [1] })).to.equal("0");
    expect(value("complete-remission", record({ course: "56 CR, 56 SD" }), { due: 90, cuts: [1] })).to.equal("0");
  });

  it("is 0 for whoever was never seen in remission, unless the clause says otherwise", () => {
    const unseen = record({ alive: 200 });
    expect(value("complete-remission", unseen, { due: 90, cuts: [1] })).to.equal("0");
    expect(value("complete-remission", unseen, { due: 90, cuts: [1], missing: "not-evaluable" })).to.equal(
      "no-adequate-assessment",
    );
    expect(
      value("complete-remission", record({ death: 40 }), { due: 90, cuts: [1], missing: "not-evaluable" }),
    ).to.equal("0");
  });

  it("asks for a confirmation when the clause does, and keeps the first day", () => {
    const confirm = { due: 90, cuts: [1], confirm: "28d" };
    expect(value("complete-remission", record({ course: "56 CR" }), confirm)).to.equal("0");
    expect(value("complete-remission", record({ course: "56 CR, 83 CR" }), confirm)).to.equal("0");
    expect(outcome("complete-remission", record({ course: "56 CR, 84 CR" }), confirm)).to.include({
      value: 1n,
      day: 20_056,
    });
    expect(value("complete-remission", record({ course: "56 CR, 70 NE, 84 CR" }), confirm)).to.equal("1");
    expect(value("complete-remission", record({ course: "56 CR, 60 NE, 70 NE, 84 CR" }), confirm)).to.equal("0");
    expect(value("complete-remission", record({ course: "56 CR, 70 PR, 84 CR" }), confirm)).to.equal("0");
  });

  it("counts remission with residual abnormalities only when the clause does", () => {
    const residual = record({ course: "56 CRr" });
    expect(value("complete-remission", residual, { due: 90, cuts: [1] })).to.equal("0");
    expect(value("complete-remission", residual, { due: 90, cuts: [1], residual: true })).to.equal("1");
  });

  it("does not take an improvement that nobody graded for a complete remission", () => {
    expect(value("complete-remission", record({ course: "56 RESPONDING" }), { due: 90, cuts: [1] })).to.equal("0");
  });

  it("gives the time to it", () => {
    expect(time("complete-remission", record({ course: "56 CR, 84 PD" }))).to.equal("56 event");
    expect(time("complete-remission", record({ course: "56 SD", death: 70 }))).to.equal("70 censored");
  });
});

describe("a remission or response that lasts", () => {
  const ask = { due: 183, cuts: [1] };

  it("is 1 with an adequate assessment within the window around the due date", () => {
    expect(value("remission-maintained", record({ course: "56 CR, 160 CR" }), ask)).to.equal("1");
    expect(value("remission-maintained", record({ course: "56 CR, 211 SD" }), ask)).to.equal("1");
  });

  it("is 0 when it was never reached, or lost by the due date", () => {
    expect(value("remission-maintained", record({ course: "56 PR, 170 PR" }), ask)).to.equal("0");
    expect(value("remission-maintained", record({ course: "56 CR, 150 PD" }), ask)).to.equal("0");
    expect(value("remission-maintained", record({ course: "56 CR", death: 183 }), ask)).to.equal("0");
  });

  it("is not evaluable when nobody looked near the due date", () => {
    const unseen = record({ course: "56 CR, 212 CR" });
    expect(value("remission-maintained", unseen, ask)).to.equal("no-adequate-assessment");
    expect(value("remission-maintained", unseen, { ...ask, missing: "failure" })).to.equal("0");
  });

  it("lasted when it was lost after the due date with no assessment missed before", () => {
    expect(value("remission-maintained", record({ course: "56 CR, 150 CR, 200 PD" }), ask)).to.equal("1");
    expect(value("remission-maintained", record({ course: "56 CR, 200 PD" }), ask)).to.equal("no-adequate-assessment");
  });

  it("takes a partial response for a response, not for a remission", () => {
    const partial = record({ course: "56 PR, 170 SD" });
    expect(value("response-maintained", partial, ask)).to.equal("1");
    expect(value("remission-maintained", partial, ask)).to.equal("0");
  });

  it("gives the day on which it was lost", () => {
    expect(time("remission-maintained", record({ course: "56 CR, 150 PD" }))).to.equal("150 event");
    expect(time("remission-maintained", record({ course: "56 CR, 150 CRr" }))).to.equal("150 censored");
    expect(time("remission-maintained", record({ course: "56 SD" }))).to.equal("no-response");
  });
});

describe("best response", () => {
  const ask = { due: 183, cuts: [1, 2, 3] };

  it("is the best by the due date and before progression", () => {
    expect(value("best-response", record({ course: "56 SD, 112 PR, 170 SD" }), ask)).to.equal("2");
    expect(value("best-response", record({ course: "56 CR, 112 PD" }), ask)).to.equal("3");
    expect(value("best-response", record({ course: "56 PD, 112 CR" }), ask)).to.equal("0");
    expect(value("best-response", record({ course: "56 SD, 190 CR" }), ask)).to.equal("1");
  });

  it("is stable only from the sixth week on", () => {
    expect(value("best-response", record({ course: "41 SD" }), ask)).to.equal("no-adequate-assessment");
    expect(value("best-response", record({ course: "41 SD, 80 PD" }), ask)).to.equal("0");
    expect(value("best-response", record({ course: "42 SD" }), ask)).to.equal("1");
  });

  it("is not evaluable for an improvement that nobody graded, nor without any assessment", () => {
    const improved = record({ course: "56 RESPONDING" });
    expect(value("best-response", improved, ask)).to.equal("ungradeable-response");
    expect(value("best-response", improved, { ...ask, responding: true })).to.equal("2");
    expect(value("best-response", record({ course: "56 RESPONDING, 112 CR" }), ask)).to.equal("3");
    expect(value("best-response", record({}), ask)).to.equal("no-adequate-assessment");
    expect(time("best-response", record({}))).to.equal("no time to event");
  });
});
