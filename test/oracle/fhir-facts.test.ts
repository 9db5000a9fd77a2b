import { expect } from "chai";

import type { Loaded, LoadOptions } from "../../oracle/intake/load.ts";
import { NO_NEEDS, type Needs } from "../../oracle/needs.ts";
import { formatDay } from "../../terms/calendar.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import { accounted, dose, load, loadFhir, on, patient, SCT, status } from "./support.ts";

const LOINC = "http://loinc.org";
const HBA1C = `${LOINC}|4548-4`;
const ICD = "http://hl7.org/fhir/sid/icd-10";
const ALL: Needs = {
  ...NO_NEEDS,
  measurements: new Set([HBA1C, `${LOINC}|8480-6`, `${LOINC}|8462-4`]),
  healthStates: true,
  adverseEvents: true,
  events: new Set([`${ICD}|I21`, "urn:act|IMP", "urn:op|5-820"]),
  costs: true,
  administrations: true,
};

const read = (
  resources: readonly unknown[],
  { source = "", ...options }: Partial<LoadOptions> & { source?: string } = {},
): Promise<Loaded> => loadFhir([patient(), ...resources], { needs: ALL, ...options }, source);

const only = ({ patients }: Loaded) => patients[0] ?? expect.fail("no patient");
const reasons = (loaded: Loaded): string[] => {
  expect(accounted(loaded)).to.equal(loaded.counts.read);
  return loaded.rejected.map(({ reason }) => reason);
};

const subject = { reference: "Patient/p" };
const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });

const lab = (id: string, more: object = {}): object => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: coded(LOINC, "4548-4"),
  subject,
  effectiveDateTime: "2024-06-01T21:30:00-05:00",
  issued: "2024-06-02T08:00:00Z",
  valueQuantity: { value: 7.1, unit: "percent", system: "http://unitsofmeasure.org", code: "%" },
  ...more,
});
const without = { valueQuantity: undefined };

describe("FHIR: measured values", () => {
  it("are exact, with the UCUM code, the local date and the time of release", async () => {
    const loaded = await read([lab("a")]);
    expect(only(loaded).measurements).to.deep.equal([
      {
        date: { first: on("2024-06-01"), last: on("2024-06-01") },
        issued: Date.UTC(2024, 5, 2, 8),
        codes: [HBA1C],
        value: { digits: 71n, scale: 1 },
        unit: "%",
        comparator: null,
        id: "Observation/a",
      },
    ]);
    expect(reasons(loaded)).to.deep.equal([]);
  });

  const written = async (number: string): Promise<string> => {
    const line = JSON.stringify(lab("a", { valueQuantity: { value: 0 } })).replace('"value":0', `"value":${number}`);
    const loaded = await read([line]);
    const [found] = only(loaded).measurements;
    return found === undefined ? reasons(loaded).join() : formatDecimal(found.value);
  };

  for (const [number, value] of [
    ["7.10", "7.1"],
    ["6.9999999999999999999", "6.9999999999999999999"],
    ["170.41539185738614", "170.41539185738614"],
    ["0.1", "0.1"],
    ["-0.30", "-0.3"],
    ["1.5e1", "15"],
    ["1.5E-7", "0.00000015"],
    ["123456789012345678901234", "123456789012345678901234"],
    ["1e30", "1" + "0".repeat(30)],
    ["1e400", "value is no number: valueQuantity"],
    ['"7.1"', "value is no number: valueQuantity"],
    ["null", "value is no number: valueQuantity"],
  ] as const) {
    it(`reads ${number} as ${value}`, async () => {
      expect(await written(number)).to.equal(value);
    });
  }

  it("are exact in a Bundle too", async () => {
    const bundle = JSON.stringify({
      resourceType: "Bundle",
      entry: [{ resource: patient() }, { resource: lab("a", { valueQuantity: { value: 0 } }) }],
    }).replace('"value":0', '"value":6.9999999999999999999');
    const loaded = await load({ "source.yaml": "kind: fhir-files\npath: b.json", "b.json": bundle }, { needs: ALL });
    expect(formatDecimal(only(loaded).measurements[0]?.value ?? { digits: 0n, scale: 0 })).to.equal(
      "6.9999999999999999999",
    );
  });

  it("keep the unit as written without UCUM, and the side that a comparator names", async () => {
    const quantity = (more: object): object => ({ valueQuantity: { value: 14, ...more } });
    const loaded = await read([
      lab("a", quantity({ unit: "mg/dl" })),
      lab("b", quantity({ comparator: ">", unit: "x", system: "urn:other", code: "y" })),
      lab("c", quantity({ comparator: "~" })),
      lab("d", { ...without, valueInteger: 14, effectiveDateTime: "2024-06-02" }),
    ]);
    expect(only(loaded).measurements.map(({ unit, comparator, id }) => [id, unit, comparator])).to.deep.equal([
      ["Observation/a", "mg/dl", null],
      ["Observation/b", "x", ">"],
      ["Observation/d", null, null],
    ]);
    expect(reasons(loaded)).to.deep.equal(["comparator is none of < <= >= >"]);
  });

  for (const [what, more, reason] of [
    [
      "a concept",
      { ...without, valueCodeableConcept: coded("urn:x", "yes") },
      "value is no Quantity: valueCodeableConcept",
    ],
    ["a text", { ...without, valueString: "7.1 %" }, "value is no Quantity: valueString"],
    ["nothing", without, "no value"],
    ["an absent value", { ...without, dataAbsentReason: { text: "haemolysed" } }, "no value: dataAbsentReason"],
    ["a quantity without a value", { valueQuantity: { unit: "%" } }, "no value: a Quantity without a value"],
    ["a preliminary value", { status: "preliminary" }, "status preliminary"],
    [
      "a period without an end",
      { effectiveDateTime: undefined, effectivePeriod: { start: "2024-01-01" } },
      "no date: a period without an end",
    ],
    ["a day that never was", { effectiveDateTime: "2024-02-30" }, "no date: 2024-02-30"],
    ["a day to come", { effectiveDateTime: "2026-02-01" }, "dated after the as-of date"],
  ] as const) {
    it(`lists ${what}: ${reason}`, async () => {
      const loaded = await read([lab("a", more)]);
      expect(only(loaded).measurements).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([reason]);
    });
  }

  it("count a period for its end, and are in no other way a sign of life than when nobody needs them", async () => {
    const seen = lab("a", {
      effectiveDateTime: undefined,
      effectivePeriod: { start: "2025-12-01", end: "2026-01-01" },
    });
    const [needed, ignored] = [await read([seen]), await read([seen], { needs: NO_NEEDS })];
    expect(formatDay(only(needed).measurements[0]?.date.first ?? 0)).to.equal("2026-01-01");
    expect(only(needed).lastAlive).to.deep.equal(only(ignored).lastAlive);
    expect(ignored.counts.ignored).to.deep.equal({ Observation: 1 });
  });

  it("are read from components", async () => {
    const pressure = lab("a", {
      ...without,
      code: coded(LOINC, "85354-9"),
      component: [
        { code: coded(LOINC, "8480-6"), valueQuantity: { value: 120, unit: "mmHg" } },
        { code: coded(LOINC, "8462-4"), valueString: "eighty" },
        { code: coded(LOINC, "8867-4"), valueQuantity: { value: 60 } },
      ],
    });
    const loaded = await read([pressure]);
    expect(
      only(loaded).measurements.map(({ codes, value }) => `${codes.join()} ${formatDecimal(value)}`),
    ).to.deep.equal([`${LOINC}|8480-6 120`]);
    expect(reasons(loaded)).to.deep.equal(["value is no Quantity: valueString"]);
    expect(loaded.counts.used).to.equal(2);
  });

  it("collapse what two sources say, but not the results of one order", async () => {
    const identifier = [{ system: "urn:order", value: "7" }];
    const other = { code: coded(LOINC, "8480-6"), identifier };
    const loaded = await read([
      lab("a"),
      lab("b"),
      lab("c", { identifier, valueQuantity: { value: 8 } }),
      lab("d", other),
    ]);
    expect(only(loaded).measurements.map(({ id }) => id)).to.deep.equal([
      "Observation/a",
      "Observation/c",
      "Observation/d",
    ]);
    expect(loaded.counts.duplicates).to.equal(1);
    expect(reasons(loaded)).to.deep.equal([]);
  });

  it("names the version that it rests on, and none where the server says none", async () => {
    const loaded = await read([
      lab("a", { meta: { versionId: "3", lastUpdated: "2024-07-01T00:00:00Z" } }),
      lab("a", { meta: { versionId: "2", lastUpdated: "2024-06-01T00:00:00Z" }, valueQuantity: { value: 9 } }),
      status("s", "2024-02-01", SCT.stable, { meta: { versionId: "W-1" } }),
      status("t", "2024-03-01", SCT.stable, { meta: { versionId: "no version" } }),
    ]);
    expect(only(loaded).measurements.map(({ id }) => id)).to.deep.equal(["Observation/a/_history/3"]);
    expect(only(loaded).assessments.map(({ id }) => id)).to.deep.equal(["Observation/s/_history/W-1", "Observation/t"]);
  });
});

describe("FHIR: EQ-5D", () => {
  const source = `eq5d:
  questionnaire: urn:eq5d
  items: { mobility: "1", selfCare: "2", usualActivities: "3", pain: "4", anxiety: "5" }
  answers: { "urn:local|none": "1", "urn:local|slight": "2", extreme: "5" }
  profile: ["urn:local|profile"]
`;
  const item = (linkId: string, answer: object): object => ({ linkId, answer: [answer] });
  const answered = (id: string, items: readonly object[], more: object = {}): object => ({
    resourceType: "QuestionnaireResponse",
    id,
    status: "completed",
    questionnaire: "urn:eq5d|2.0",
    subject,
    authored: "2024-06-01T23:00:00-05:00",
    item: [{ linkId: "group", item: items }],
    ...more,
  });
  const five = [
    item("1", { valueCoding: { system: "urn:local", code: "slight" } }),
    item("2", { valueInteger: 1 }),
    item("3", { valueString: "3" }),
    item("4", { valueCoding: { code: "extreme" } }),
    item("5", { valueCoding: { system: "urn:local", code: "4" } }),
  ];
  const states = (loaded: Loaded): string[] =>
    only(loaded).healthStates.map(({ date, instrument, state }) => `${formatDay(date.first)} ${instrument} ${state}`);

  it("is read from the answers of the questionnaire that the source describes", async () => {
    const loaded = await read([answered("a", five)], { source });
    expect(states(loaded)).to.deep.equal(["2024-06-01 EQ-5D-5L 21354"]);
    expect(only(loaded).healthStates[0]?.issued).to.equal(Date.UTC(2024, 5, 2, 4));
    expect(reasons(loaded)).to.deep.equal([]);
  });

  it("is no other questionnaire, and nothing without the source's description", async () => {
    const other = await read([answered("a", five, { questionnaire: "urn:other" })], { source });
    expect(other.counts.ignored).to.deep.equal({ QuestionnaireResponse: 1 });
    expect((await read([answered("a", five)])).counts.ignored).to.deep.equal({ QuestionnaireResponse: 1 });
  });

  for (const [what, items, more, reason] of [
    ["an answer missing", five.slice(0, 4), {}, "no answer to anxiety"],
    [
      "an answer that no map knows",
      [...five.slice(0, 4), item("5", { valueCoding: { code: "bad" } })],
      {},
      "no answer to anxiety",
    ],
    [
      "an answer in words",
      [...five.slice(0, 4), item("5", { valueString: "not anxious" })],
      {},
      "no answer to anxiety",
    ],
    ["it in progress", five, { status: "in-progress" }, "status in-progress"],
    ["no date", five, { authored: undefined }, "no date"],
  ] as const) {
    it(`is not used with ${what}`, async () => {
      expect(reasons(await read([answered("a", items, more)], { source }))).to.deep.equal([reason]);
    });
  }

  it("is read from a profile under the codes of the index, or a code that the source declares", async () => {
    const snomed = "http://snomed.info/sct";
    const loaded = await read(
      [
        lab("a", { ...without, code: coded(snomed, "736534008"), valueString: "21232" }),
        lab("b", { ...without, code: coded(snomed, "1144655003"), valueString: "21231" }),
        lab("c", { ...without, code: coded("urn:local", "profile"), valueInteger: 55555 }),
        lab("d", { ...without, code: coded("urn:local", "profile"), valueString: "55556" }),
        lab("e", { code: coded(snomed, "736534008"), valueQuantity: { value: 0.7 } }),
      ],
      { source },
    );
    expect(states(loaded)).to.deep.equal([
      "2024-06-01 EQ-5D-5L 21232",
      "2024-06-01 EQ-5D-3L 21231",
      "2024-06-01 EQ-5D-5L 55555",
    ]);
    expect(reasons(loaded)).to.deep.equal(["no profile of EQ-5D-5L", "an EQ-5D index without the five answers"]);
  });
});

describe("FHIR: adverse events", () => {
  const adverse = (id: string, more: object = {}): object => ({
    resourceType: "AdverseEvent",
    id,
    actuality: "actual",
    event: coded("http://terminology.hl7.org/CodeSystem/mdr", "10029354"),
    subject,
    date: "2024-02-01",
    ...more,
  });
  const graded = (code: string, url = "http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade"): object => ({
    extension: [{ url, valueCodeableConcept: coded("urn:grade", code) }],
  });
  const seriousness = (code: string): object => ({ seriousness: coded("urn:s", code) });

  it("are read with grade and seriousness, however these are written", async () => {
    const loaded = await read([
      adverse("a", { ...graded("3"), ...seriousness("Serious") }),
      adverse("b", {
        ...graded("2", "http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade"),
        ...seriousness("non-serious"),
      }),
      adverse("c", { ...graded("X"), ...seriousness("grave"), date: undefined, detected: "2024-02" }),
    ]);
    expect(only(loaded).events.map(({ id, grade, serious }) => [id, grade, serious])).to.deep.equal([
      ["AdverseEvent/a", 3, true],
      ["AdverseEvent/b", 2, false],
      ["AdverseEvent/c", null, null],
    ]);
    expect(formatDay(only(loaded).events[2]?.date.last ?? 0)).to.equal("2024-02-29");
    expect(reasons(loaded)).to.deep.equal(["the CTCAE grade is none of 1 to 5"]);
  });

  for (const [more, reason] of [
    [{ actuality: "potential" }, "actuality potential"],
    [{ actuality: undefined }, "actuality missing"],
    [{ date: undefined, recordedDate: "2024-03-01" }, "no date"],
    [{ meta: { tag: [{ code: "entered-in-error" }] } }, "taken back"],
    [{ subject: { reference: "Group/g" } }, "subject is no patient: Group/g"],
  ] as const) {
    it(`are listed when not usable: ${reason}`, async () => {
      const loaded = await read([adverse("a", more)]);
      expect(only(loaded).events).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([reason]);
    });
  }

  it("are taken back by deletion, which R4 has no status for", async () => {
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [{ request: { method: "DELETE", url: "AdverseEvent/a" } }],
    };
    expect(only(await read([adverse("a"), bundle])).events).to.deep.equal([]);
    const late = {
      ...bundle,
      entry: [{ request: bundle.entry[0]?.request, response: { lastModified: "2026-03-01T00:00:00Z" } }],
    };
    const loaded = await read([adverse("a"), late]);
    expect(only(loaded).events).to.have.length(1);
    expect(reasons(loaded)).to.deep.equal(["recorded after the as-of date"]);
  });

  it("name a cause: the agreement's treatment, another, or nothing that can be told", async () => {
    const drugs = { conditions: [], medications: ["urn:drugs|A"], variants: [] };
    const suspect = (reference: string, assessment?: string): object => ({
      suspectEntity: [
        {
          instance: { reference },
          ...(assessment === undefined ? {} : { causality: [{ assessment: coded("urn:who", assessment) }] }),
        },
      ],
    });
    const day = (k: number): object => ({ date: `2024-02-0${k}` });
    const other = { resourceType: "Medication", id: "m", code: coded("urn:drugs", "B") };
    const loaded = await read(
      [
        dose("d", "2024-01-01"),
        other,
        adverse("a", { ...suspect("MedicationAdministration/d"), ...day(1) }),
        adverse("b", { ...suspect("MedicationAdministration/d", "Unlikely"), ...day(2) }),
        adverse("c", { ...suspect("Medication/m"), ...day(3) }),
        adverse("e", { ...suspect("Medication/unknown"), ...day(4) }),
        adverse("f", day(5)),
      ],
      { needs: { ...ALL, eligibility: [drugs] } },
    );
    expect(only(loaded).events.map(({ causal }) => causal)).to.deep.equal([true, false, false, null, null]);
  });

  it("count once when two sources say the same", async () => {
    const loaded = await read([adverse("a"), adverse("b")]);
    expect(only(loaded).events).to.have.length(1);
    expect(loaded.counts.duplicates).to.equal(1);
  });

  it("of grade 5 must agree with the patient's death", async () => {
    expect(reasons(await read([adverse("a", graded("5"))]))).to.deep.equal([
      "grade 5, and the patient is not known to have died",
    ]);
    const dead = await loadFhir([patient("p", { deceasedDateTime: "2024-02-01" }), adverse("a", graded("5"))], {
      needs: ALL,
    });
    expect(reasons(dead)).to.deep.equal([]);
  });
});

describe("FHIR: diagnoses, procedures and stays as events", () => {
  const diagnosis = (id: string, more: object = {}): object => ({
    resourceType: "Condition",
    id,
    subject,
    code: coded(ICD, "I21"),
    onsetDateTime: "2024-05-01",
    ...more,
  });
  const stay = (id: string, more: object = {}): object => ({
    resourceType: "Encounter",
    id,
    status: "finished",
    class: { system: "urn:act", code: "IMP" },
    subject,
    period: { start: "2024-05-02T10:00:00+02:00", end: "2024-05-09" },
    ...more,
  });
  const operation = (id: string, more: object = {}): object => ({
    resourceType: "Procedure",
    id,
    status: "completed",
    code: coded("urn:op", "5-820"),
    subject,
    performedDateTime: "2024-05-03",
    ...more,
  });

  it("are those with a code that a clause asks for", async () => {
    const loaded = await read([
      diagnosis("a"),
      diagnosis("b", { code: coded(ICD, "I22") }),
      stay("c"),
      stay("d", { class: { system: "urn:act", code: "AMB" } }),
      operation("e"),
      operation("f", { code: coded("urn:op", "1-100") }),
    ]);
    expect(only(loaded).events.map(({ type, date, codes }) => [type, formatDay(date.first), ...codes])).to.deep.equal([
      ["condition", "2024-05-01", `${ICD}|I21`],
      ["encounter", "2024-05-02", "urn:act|IMP"],
      ["procedure", "2024-05-03", "urn:op|5-820"],
    ]);
    expect(loaded.counts.ignored).to.deep.equal({ Condition: 1, Encounter: 1, Procedure: 1 });
    expect(reasons(loaded)).to.deep.equal([]);
  });

  for (const [resource, reason] of [
    [diagnosis("a", { verificationStatus: coded("urn:v", "refuted") }), "verification status refuted"],
    [diagnosis("a", { verificationStatus: coded("urn:v", "provisional") }), "verification status provisional"],
    [diagnosis("a", { onsetDateTime: undefined }), "no date"],
    [stay("a", { status: "planned" }), "status planned"],
    [stay("a", { period: undefined }), "no date"],
    [operation("a", { status: "not-done" }), "status not-done"],
    [operation("a", { performedDateTime: "soon" }), "no date: soon"],
    [operation("a", { performedDateTime: "1950-01-01" }), "dated before birth"],
  ] as const) {
    it(`are listed when not usable: ${JSON.stringify(resource).slice(17, 26)} ${reason}`, async () => {
      const loaded = await read([resource]);
      expect(only(loaded).events).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([reason]);
    });
  }

  it("date a diagnosis by its onset, else its assertion, else its record", async () => {
    const url = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate";
    const asserted = { extension: [{ url, valueDateTime: "2024-04-01" }], recordedDate: "2024-04-05" };
    for (const [more, date] of [
      [{ onsetDateTime: undefined, onsetPeriod: { start: "2024-03" } }, "2024-03-01"],
      [{ onsetDateTime: undefined, ...asserted }, "2024-04-01"],
      [{ onsetDateTime: undefined, recordedDate: "2024-04-05" }, "2024-04-05"],
    ] as const) {
      expect(formatDay(only(await read([diagnosis("a", more)])).events[0]?.date.first ?? 0)).to.equal(date);
    }
  });

  it("may be a code of the eligibility at once", async () => {
    const needs = { ...ALL, eligibility: [{ conditions: [`${ICD}|I21`], medications: [], variants: [] }] };
    const loaded = await read([diagnosis("a", { onsetDateTime: undefined })], { needs });
    expect(only(loaded).met.conditions).to.deep.equal([`${ICD}|I21`]);
    expect(only(loaded).events).to.deep.equal([]);
    expect(reasons(loaded)).to.deep.equal(["no event: no date"]);
  });
});

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
