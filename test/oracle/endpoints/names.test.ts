import { expect } from "chai";

import { COHORT_REASONS } from "../../../oracle/endpoints/cohort.ts";
import { REASONS } from "../../../oracle/endpoints/endpoint.ts";
import { endpointsOf, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";

/** What reports, evidence and the screens of operators name: an agreement's history is read by these words. */
describe("the published names", () => {
  it("of reasons why a patient is not evaluable", () => {
    expect(REASONS.join(" ").split(" ")).to.deep.equal([
      "no-consent",
      "no-index",
      "not-due",
      "event-before-index",
      "follow-up-missing",
      "several-evaluators",
      "no-adequate-assessment",
      "unknown-at-due",
      "ungradeable-response",
      "no-response",
      "preliminary-progression",
      "disputed-death",
      "partial-date",
      "no-result",
      "unusable-result",
      "inexact-result",
      "no-baseline",
      "event-detail-missing",
      "no-administration",
      "quantity-missing",
      "other-currency",
      "unit-differs",
      "not-0-or-1",
    ]);
  });

  it("of reasons why a cohort is not evaluable", () => {
    expect(COHORT_REASONS.join(" ").split(" ")).to.deep.equal([
      "no-patients",
      "too-few-evaluable",
      "beyond-follow-up",
      "too-few-at-risk",
      "partial-date",
      "no-statement",
      "several-statements",
      "inexact-statement",
      "unit-differs",
      "not-0-or-1",
    ]);
  });

  it("of the endpoints of 2026.1, each with a line that says what it is", () => {
    expect(NEWEST_RULES).to.equal("2026.1");
    expect(endpointsOf("2026.1").map(({ id, description }) => `${id}: ${description}`)).to.deep.equal([
      "pfs: progression-free survival, in days",
      "os: overall survival, in days",
      "complete-remission: complete remission by the due date: 0 or 1",
      "remission-maintained: still in complete remission at the due date: 0 or 1",
      "response-maintained: still in response at the due date: 0 or 1",
      "alive: alive at the due date: 0 or 1",
      "best-response: best response by the due date: progressive 0, stable 1, partial 2, complete 3",
      "hba1c: last HbA1c around the due date, in percent (NGSP)",
      "qaly-gain: QALYs gained by the due date, against baseline",
      "complication: one or more complications by the due date: 0 or 1",
      "major-illness: one or more major illnesses by the due date: 0 or 1",
      "cost: cost of the patient's care by the due date",
      "units: units used by the due date: quantities, or administrations where none is stated",
      "duration: days on treatment by the due date",
    ]);
  });
});
