import { expect } from "chai";

import type { Loaded } from "../../oracle/intake/load.ts";
import { formatDay } from "../../terms/calendar.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import { dose, SCT, status } from "./support.ts";
import { ALL, read, only, reasons, subject, coded } from "./fhirFacts.ts";

describe("FHIR: costs", () => {
  const explained = (id: string, more: object = {}): object => ({
    resourceType: "ExplanationOfBenefit",
    id,
    status: "active",
    use: "claim",
    outcome: "complete",
    patient: subject,
    billablePeriod: { start: "2024-02-01", end: "2024-02-05" },
    created: "2024-03-01",
    total: [
      { category: coded("urn:adj", "submitted"), amount: { value: 900, currency: "USD" } },
      { category: coded("urn:adj", "benefit"), amount: { value: 620.5, currency: "USD" } },
    ],
    ...more,
  });
  const invoice = (id: string, more: object = {}): object => ({
    resourceType: "Invoice",
    id,
    status: "issued",
    subject,
    date: "2024-02-10",
    totalNet: { value: 100, currency: "EUR" },
    totalGross: { value: 119, currency: "EUR" },
    ...more,
  });
  const costs = (loaded: Loaded): string[] =>
    only(loaded).costs.map(
      ({ date, amount, currency }) => `${formatDay(date.first)} ${formatDecimal(amount)} ${currency}`,
    );

  it("are the benefit of an explanation, on the last day of what was billed", async () => {
    const loaded = await read([explained("a")]);
    expect(costs(loaded)).to.deep.equal(["2024-02-05 620.5 USD"]);
    expect(reasons(loaded)).to.deep.equal([]);
  });

  it("are else what was paid to provider and patient, else the payment", async () => {
    const paid = (code: string, value: number): object => ({
      category: coded("urn:c4bb", code),
      amount: { value, currency: "USD" },
    });
    const total = [paid("paidtoprovider", 0.1), paid("paidtopatient", 0.2), paid("submitted", 9)];
    expect(costs(await read([explained("a", { total })]))).to.deep.equal(["2024-02-05 0.3 USD"]);
    const payment = { amount: { value: 12.34, currency: "USD" } };
    expect(costs(await read([explained("a", { total: undefined, payment, billablePeriod: undefined })]))).to.deep.equal(
      ["2024-03-01 12.34 USD"],
    );
  });

  it("are the net total of an invoice", async () => {
    expect(costs(await read([invoice("a")]))).to.deep.equal(["2024-02-10 100 EUR"]);
  });

  for (const [resource, reason] of [
    [explained("a", { status: "cancelled" }), "status cancelled"],
    [explained("a", { use: "preauthorization" }), "use preauthorization"],
    [explained("a", { outcome: "error" }), "outcome error"],
    [explained("a", { total: [] }), "no total paid"],
    [explained("a", { total: [{ category: coded("x", "benefit"), amount: { value: "12" } }] }), "amount is no number"],
    [invoice("a", { status: "draft" }), "status draft"],
    [invoice("a", { totalNet: undefined }), "no totalNet"],
    [invoice("a", { date: undefined }), "no date"],
    [invoice("a", { date: "2026-05-01" }), "dated after the as-of date"],
  ] as const) {
    it(`are listed when not usable: ${reason}`, async () => {
      const loaded = await read([resource]);
      expect(costs(loaded)).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([reason]);
    });
  }

  it("are never counted from both the payer's and the provider's side", async () => {
    const loaded = await read([explained("a"), invoice("b")]);
    expect(costs(loaded)).to.deep.equal(["2024-02-05 620.5 USD"]);
    expect(reasons(loaded)).to.deep.equal([
      "an invoice beside explanations of benefit: the source must say which counts",
    ]);
    const chosen = await read([explained("a"), invoice("b")], { source: "costs: [Invoice]" });
    expect(costs(chosen)).to.deep.equal(["2024-02-10 100 EUR"]);
    expect(chosen.counts.ignored).to.deep.equal({ ExplanationOfBenefit: 1 });
  });

  it("of equal amounts are as many, but for one identifier", async () => {
    const identifier = [{ system: "urn:claims", value: "7" }];
    const loaded = await read([
      explained("a"),
      explained("b"),
      explained("c", { identifier }),
      explained("d", { identifier, meta: { lastUpdated: "2024-05-01T00:00:00Z" } }),
    ]);
    expect(only(loaded).costs.map(({ id }) => id)).to.deep.equal(
      ["a", "b", "d"].map((id) => `ExplanationOfBenefit/${id}`),
    );
    expect(loaded.counts.duplicates).to.equal(1);
  });

  it("are no claims and no charges", async () => {
    const claim = { resourceType: "Claim", id: "c", status: "active", patient: subject, total: { value: 1 } };
    expect((await read([claim])).counts.ignored).to.deep.equal({ Claim: 1 });
  });
});

describe("FHIR: administrations", () => {
  const needs = { ...ALL, eligibility: [{ conditions: [], medications: ["urn:drugs|A"], variants: [] }] };
  const given = (amount: object): object => ({ dosage: { dose: amount } });
  const shown = (loaded: Loaded): string[] =>
    only(loaded).administrations.map(
      ({ start, end, quantity }) =>
        `${formatDay(start.first)} ${end === null ? "on" : `${formatDay(end.first)}..${formatDay(end.last)}`} ${quantity === null ? "-" : formatDecimal(quantity)}`,
    );
  const period = (start: string, end?: string): object => ({
    effectiveDateTime: undefined,
    effectivePeriod: { start, end },
  });

  it("are those given of the agreement's treatment, with their dose where it is a count", async () => {
    const loaded = await read(
      [
        dose("a", "2024-01-01", given({ value: 2, unit: "vial", system: "http://unitsofmeasure.org", code: "{vial}" })),
        dose("b", "2024-01-22", given({ value: 200, code: "mg" })),
        dose("c", "2024-02-12", given({ value: 1 })),
        dose("d", "2024-03-12", { status: "not-done" }),
        dose("e", "2024-03-13", { medicationCodeableConcept: coded("urn:drugs", "B") }),
      ],
      { needs },
    );
    expect(shown(loaded)).to.deep.equal([
      "2024-01-01 2024-01-01..2024-01-01 2",
      "2024-01-22 2024-01-22..2024-01-22 -",
      "2024-02-12 2024-02-12..2024-02-12 1",
    ]);
    expect(reasons(loaded)).to.deep.equal(["status not-done"]);
  });

  it("count doses of the unit that the source declares", async () => {
    const loaded = await read([dose("a", "2024-01-01", given({ value: 200, code: "mg" }))], {
      needs,
      source: "doseUnit: mg",
    });
    expect(shown(loaded)).to.deep.equal(["2024-01-01 2024-01-01..2024-01-01 200"]);
  });

  it("end when they say, go on, or ended some day", async () => {
    const loaded = await read(
      [
        dose("a", "", period("2024-01-01", "2024-01-05")),
        dose("b", "", { ...period("2024-02-01"), status: "in-progress" }),
        dose("c", "", period("2024-03-01")),
        dose("d", "", period("2024-04-01", "2027-01-01")),
        dose("e", "", period("2024-05-02", "2024-05-01")),
      ],
      { needs },
    );
    expect(shown(loaded)).to.deep.equal([
      "2024-01-01 2024-01-05..2024-01-05 -",
      "2024-02-01 on -",
      "2024-03-01 2024-03-01..2026-01-01 -",
      "2024-04-01 on -",
    ]);
    expect(reasons(loaded)).to.deep.equal(["ends before it begins"]);
  });

  it("are not kept when no clause counts them", async () => {
    const loaded = await read([dose("a", "2024-01-01")], { needs: { ...needs, administrations: false } });
    expect(only(loaded).administrations).to.deep.equal([]);
    expect(only(loaded).therapies).to.have.length(1);
  });
});

describe("FHIR: readers", () => {
  const by = (id: string, ...performer: readonly object[]): object =>
    status(id, "2024-02-01", SCT.stable, { performer });
  const source = `evaluators: { "Practitioner/r1": INVESTIGATOR, Organization: INDEPENDENT ASSESSOR, "Dr Core": INDEPENDENT ASSESSOR }\n`;
  const evaluator = async (...performer: readonly object[]): Promise<string | null | undefined> => {
    const loaded = await read([by("a", ...performer)], { source });
    return only(loaded).assessments[0]?.evaluator;
  };

  it("are known by reference, by type of resource, by display, or by CDISC's word", async () => {
    expect(await evaluator({ reference: "Practitioner/r1" })).to.equal("INVESTIGATOR");
    expect(await evaluator({ reference: "https://fhir.example/Practitioner/r1" })).to.equal("INVESTIGATOR");
    expect(await evaluator({ reference: "Organization/core-lab" })).to.equal("INDEPENDENT ASSESSOR");
    expect(await evaluator({ display: "Dr Core" })).to.equal("INDEPENDENT ASSESSOR");
    expect(await evaluator({ display: "Investigator" })).to.equal("INVESTIGATOR");
    expect(await evaluator({ reference: "Practitioner/r2" })).to.equal(null);
    expect(await evaluator({ reference: "Practitioner/r2" }, { reference: "Practitioner/r1" })).to.equal(
      "INVESTIGATOR",
    );
  });

  it("of two classes make a result of none", async () => {
    const loaded = await read([by("a", { reference: "Practitioner/r1" }, { reference: "Organization/o" })], { source });
    expect(reasons(loaded)).to.deep.equal(["performers of several classes: INDEPENDENT ASSESSOR, INVESTIGATOR"]);
  });
});

describe("FHIR: what is listed", () => {
  it("counts lines that can't be read and codes that no map knows against the source's limits", async () => {
    const source = "limits: { unreadable: 20%, unmapped: 40% }";
    const lines = [
      status("a", "2024-01-05", SCT.stable),
      status("b", "2024-02-05", "000"),
      status("c", "2024-03-05", SCT.worsened, { status: "cancelled" }),
      "42",
      '{"resourceType":',
    ];
    const { exceeded, counts } = await read(lines, { source });
    expect(counts).to.include({ read: 6, unreadable: 2, results: 2, unmapped: 1, quarantined: 0 });
    expect(exceeded).to.deep.equal([
      "1 unmapped and 0 quarantined of 2 results, limit 40%",
      "2 unreadable of 6 lines, rows and resources, limit 20%",
    ]);
  });

  it("takes no type of resource that can't be one", async () => {
    const loaded = await read([
      { resourceType: "__proto__" },
      { resourceType: "constructor" },
      { resourceType: "X y" },
    ]);
    expect(new Set(reasons(loaded))).to.deep.equal(new Set(["not a FHIR resource: no resourceType"]));
    expect(loaded.rejected).to.have.length(3);
  });
});
