import { expect } from "chai";

import { formatDay } from "../../terms/calendar.ts";
import { dose, loadFhir, patient } from "./support.ts";
import { ICD, ALL, read, only, reasons, subject, coded } from "./fhirFacts.ts";

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
