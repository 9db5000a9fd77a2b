import { expect } from "chai";

import type { Loaded } from "../../oracle/intake/load.ts";
import { NO_NEEDS } from "../../oracle/needs.ts";
import { formatDay } from "../../terms/calendar.ts";
import { accounted, dose, load, loadFhir, on, patient, SCT, status } from "./support.ts";

const only = ({ patients }: Loaded) => patients[0] ?? expect.fail("no patient");
const reasons = ({ rejected }: Loaded): string[] => rejected.map(({ reason }) => reason);
const responses = (loaded: Loaded): string[] =>
  only(loaded).assessments.map(({ date, response }) => `${formatDay(date.first)} ${response}`);

describe("FHIR: dates", () => {
  it("counts a date-time for the calendar date of its own offset", async () => {
    const loaded = await loadFhir([patient(), status("a", "2018-12-12T21:02:14-05:00", SCT.stable)]);
    expect(responses(loaded)).to.deep.equal(["2018-12-12 SD"]);
  });

  it("keeps a partial date as the interval of days that it can be", async () => {
    const loaded = await loadFhir([patient(), status("a", "2024-02", SCT.stable), status("b", "2023", SCT.stable)]);
    expect(only(loaded).assessments.map(({ date }) => [formatDay(date.first), formatDay(date.last)])).to.deep.equal([
      ["2023-01-01", "2023-12-31"],
      ["2024-02-01", "2024-02-29"],
    ]);
  });

  it("takes the end of a period, and refuses one without", async () => {
    const period = (end?: string): object => ({
      effectiveDateTime: undefined,
      effectivePeriod: { start: "2024-01-01", end },
    });
    const loaded = await loadFhir([
      patient(),
      status("a", "", SCT.stable, period("2024-01-05")),
      status("b", "", SCT.stable, period()),
    ]);
    expect(responses(loaded)).to.deep.equal(["2024-01-05 SD"]);
    expect(reasons(loaded)).to.deep.equal(["no date: a period without an end"]);
  });

  for (const [date, reason] of [
    ["2026-01-02", "dated after the as-of date"],
    ["1960-04-30", "dated before birth"],
    ["2024-02-30", "no date: 2024-02-30"],
    ["12.03.2024", "no date: 12.03.2024"],
    [undefined, "no date"],
  ] as const) {
    it(`lists a result on ${date ?? "no date"}: ${reason}`, async () => {
      const loaded = await loadFhir([patient(), status("a", date ?? "", SCT.stable)]);
      expect(loaded.rejected).to.deep.equal([{ file: "data/all.ndjson", line: 2, resource: "Observation/a", reason }]);
    });
  }

  it("disputes a death that an assessment contradicts, and lists both", async () => {
    const loaded = await loadFhir([
      patient("p", { deceasedDateTime: "2024-03-01" }),
      status("a", "2024-03-02", SCT.stable),
    ]);
    expect(only(loaded).death).to.include({ disputed: true });
    expect(reasons(loaded)).to.deep.equal([
      "death before an assessment: one of the dates is wrong",
      "dated after death",
    ]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("takes a death after the as-of date for life on it", async () => {
    const loaded = await loadFhir([patient("p", { deceasedDateTime: "2026-02-01" })]);
    expect(only(loaded).death).to.equal(null);
    expect(only(loaded).lastAlive).to.include({ day: on("2026-01-01") });
  });

  it("dates a death that is only known to have happened between the last sign of life and the as-of date", async () => {
    const loaded = await loadFhir([
      patient("p", { deceasedBoolean: true }),
      dose("d", "2025-01-01"),
      status("a", "2025-03-01", SCT.stable),
    ]);
    expect(only(loaded).death?.date).to.deep.equal({ first: on("2025-03-02"), last: on("2026-01-01") });
  });

  it("keeps a patient whose birth or death can't be read, and lists the element", async () => {
    const loaded = await loadFhir([
      patient("p", { birthDate: "May", deceasedDateTime: "soon" }),
      status("a", "2025-03-01", SCT.stable),
    ]);
    expect(only(loaded)).to.include({ birth: null });
    expect(only(loaded).death?.date.last).to.equal(on("2026-01-01"));
    expect(reasons(loaded)).to.deep.equal(["birthDate is no date: May", "deceasedDateTime is no date: soon"]);
  });
});

describe("FHIR: status and versions", () => {
  for (const wrong of ["registered", "cancelled", "unknown", "preliminary", "entered-in-error"]) {
    it(`uses no ${wrong} result, and lists it`, async () => {
      const loaded = await loadFhir([patient(), status("a", "2024-01-05", SCT.worsened, { status: wrong })]);
      expect(only(loaded).assessments).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([`status ${wrong}`]);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
    });
  }

  it("keeps a preliminary progression in sight", async () => {
    const loaded = await loadFhir([patient(), status("a", "2024-01-05", SCT.worsened, { status: "preliminary" })]);
    expect(only(loaded).pending.map(({ id }) => id)).to.deep.equal(["Observation/a"]);
  });

  for (const accepted of ["final", "amended", "corrected"]) {
    it(`uses a result that is ${accepted}`, async () => {
      expect(
        responses(await loadFhir([patient(), status("a", "2024-01-05", SCT.worsened, { status: accepted })])),
      ).to.have.length(1);
    });
  }

  const version = (versionId: string, lastUpdated: string, code: string, more: object = {}): object =>
    status("a", "2024-01-05", code, { meta: { versionId, lastUpdated }, ...more });

  it("keeps the last version, whatever their order", async () => {
    const [first, second] = [
      version("1", "2024-01-06T08:00:00Z", SCT.worsened),
      version("2", "2024-02-01T08:00:00Z", SCT.stable),
    ];
    for (const lines of [
      [patient(), first, second],
      [second, first, patient()],
    ]) {
      const loaded = await loadFhir(lines);
      expect(responses(loaded)).to.deep.equal(["2024-01-05 SD"]);
      expect(loaded.counts).to.include({ superseded: 1, used: 2 });
    }
  });

  it("looks at the version that stood on the as-of date", async () => {
    const lines = [
      patient(),
      version("1", "2024-01-06T08:00:00Z", SCT.worsened),
      version("2", "2026-01-02T00:00:00Z", SCT.stable),
    ];
    const loaded = await loadFhir(lines);
    expect(responses(loaded)).to.deep.equal(["2024-01-05 PD"]);
    expect(reasons(loaded)).to.deep.equal(["recorded after the as-of date"]);
  });

  it("removes what was entered in error, even when nothing tells the versions apart", async () => {
    const wrong = status("a", "2024-01-05", SCT.worsened, { status: "entered-in-error" });
    for (const lines of [
      [patient(), wrong, status("a", "2024-01-05", SCT.worsened)],
      [patient(), status("a", "2024-01-05", SCT.worsened), wrong],
    ]) {
      expect(responses(await loadFhir(lines))).to.deep.equal([]);
    }
  });

  it("lets no later version that can't be read fall back on an earlier one", async () => {
    const loaded = await loadFhir([
      patient(),
      version("1", "2024-01-06T08:00:00Z", SCT.stable),
      version("2", "2024-01-07T08:00:00Z", "000"),
    ]);
    expect(responses(loaded)).to.deep.equal([]);
    expect(reasons(loaded)).to.deep.equal(["unmapped code http://snomed.info/sct|000"]);
  });

  it("collapses what two sources say of one assessment", async () => {
    const lines = [patient(), status("a", "2024-01-05", SCT.stable), status("b", "2024-01-05", SCT.stable)];
    const loaded = await loadFhir(lines);
    expect(responses(loaded)).to.deep.equal(["2024-01-05 SD"]);
    expect(loaded.counts.duplicates).to.equal(1);
    const identifier = [{ system: "urn:lab", value: "7" }];
    const changed = [
      patient(),
      status("a", "2024-01-05", SCT.stable, { identifier, meta: { lastUpdated: "2024-01-06T00:00:00Z" } }),
      status("b", "2024-01-05", SCT.worsened, { identifier, meta: { lastUpdated: "2024-01-07T00:00:00Z" } }),
    ];
    expect(responses(await loadFhir(changed))).to.deep.equal(["2024-01-05 PD"]);
  });

  it("takes no sign of life from what was entered in error", async () => {
    const visit = (id: string, date: string, more: object = {}): object => ({
      resourceType: "Encounter",
      id,
      status: "finished",
      subject: { reference: "Patient/p" },
      period: { start: date, end: date },
      ...more,
    });
    const lines = [
      patient(),
      visit("a", "2024-01-05"),
      visit("b", "2024-06-05"),
      visit("b", "2024-06-05", { status: "entered-in-error" }),
    ];
    expect(only(await loadFhir(lines)).lastAlive).to.deep.equal({ day: on("2024-01-05"), id: "Encounter/a" });
  });
});

describe("FHIR: codes", () => {
  const coded = (value: object): Promise<Loaded> =>
    loadFhir([patient(), status("a", "2024-01-05", "", { valueCodeableConcept: value })]);
  const coding = (system: string, code: string): object => ({
    coding: [{ system, code, display: "complete remission" }],
  });
  const mii =
    "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-verlauf-gesamtbeurteilung";

  for (const [system, code, response] of [
    ["http://snomed.info/sct", SCT.complete, "CR"],
    ["http://snomed.info/sct", SCT.improved, "RESPONDING"],
    ["http://snomed.info/sct", "1259237005", "PD"],
    [mii, "R", "CRr"],
    [mii, "D", "NE"],
    ["http://radlex.org/RID", "11515", "PD"],
  ] as const) {
    it(`maps ${code} of ${system.replace(/^.*\//, "")} to ${response}`, async () => {
      expect(responses(await coded(coding(system, code)))).to.deep.equal([`2024-01-05 ${response}`]);
    });
  }

  it("never reads a display or a text", async () => {
    const loaded = await coded({ text: "complete remission" });
    expect(reasons(loaded)).to.deep.equal(["unmapped: no code, only text"]);
    expect(reasons(await coded(coding("urn:other", "1")))).to.deep.equal(["unmapped code urn:other|1"]);
    expect(reasons(await coded(coding("", SCT.complete)))).to.deep.equal([`unmapped code |${SCT.complete}`]);
  });

  it("leaves new metastases, which one observation can't call new, unmapped", async () => {
    expect(reasons(await coded(coding("http://snomed.info/sct", "399409002")))[0]).to.match(/only if new/);
  });

  it("takes an absent value for not evaluable", async () => {
    const url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    expect(responses(await coded({ extension: [{ url, valueCode: "not-asked" }] }))).to.deep.equal(["2024-01-05 NE"]);
    const absent = status("a", "2024-01-05", "", {
      valueCodeableConcept: undefined,
      dataAbsentReason: { text: "none" },
    });
    expect(responses(await loadFhir([patient(), absent]))).to.deep.equal(["2024-01-05 NE"]);
  });

  it("refuses codes that contradict each other, and values of another kind", async () => {
    const both = {
      coding: [
        { system: "http://snomed.info/sct", code: SCT.stable },
        { system: "http://snomed.info/sct", code: SCT.worsened },
      ],
    };
    expect(reasons(await coded(both))[0]).to.match(/^codes contradict each other/);
    const quantity = status("a", "2024-01-05", "", {
      valueCodeableConcept: undefined,
      valueQuantity: { value: 53, unit: "%" },
    });
    expect(reasons(await loadFhir([patient(), quantity]))).to.deep.equal([
      "value is no CodeableConcept: valueQuantity",
    ]);
  });

  it("uses the source's own codes, and observation codes that it declares", async () => {
    const own = status("a", "2024-01-05", "", {
      code: { coding: [{ system: "http://loinc.org", code: "21976-6" }] },
      valueCodeableConcept: { coding: [{ system: "urn:my-hospital", code: "RESP-1" }] },
    });
    const source = `codes: { "urn:my-hospital|RESP-1": complete }\nresponseCodes: ["http://loinc.org|21976-6"]\n`;
    expect(responses(await loadFhir([patient(), own], {}, source))).to.deep.equal(["2024-01-05 CR"]);
    expect((await loadFhir([patient(), own])).counts.ignored).to.deep.equal({ Observation: 1 });
  });
});

describe("FHIR: patients and references", () => {
  it("resolves relative, absolute, versioned and urn:uuid references", async () => {
    const about = (id: string, reference: string): object =>
      status(id, `2024-01-0${id}`, SCT.stable, { subject: { reference } });
    const loaded = await loadFhir([
      patient(),
      about("1", "Patient/p"),
      about("2", "https://fhir.example/r4/Patient/p"),
      about("3", "Patient/p/_history/4"),
      about("4", "urn:uuid:p"),
    ]);
    expect(responses(loaded)).to.have.length(4);
  });

  it("resolves the fullUrl of a Bundle's entry, with and without an id", async () => {
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          fullUrl: "urn:uuid:0001",
          resource: status("a", "2024-01-05", SCT.stable, { subject: { reference: "urn:uuid:0002" } }),
        },
        { fullUrl: "urn:uuid:0002", resource: patient("p") },
        {
          fullUrl: "urn:uuid:0003",
          resource: { ...status("", "2024-01-06", SCT.stable), id: undefined, subject: { reference: "urn:uuid:0002" } },
        },
      ],
    };
    const loaded = await load({
      "source.yaml": "kind: fhir-files\npath: bundle.json",
      "bundle.json": JSON.stringify(bundle),
    });
    expect(only(loaded).assessments.map(({ id }) => id)).to.deep.equal(["Observation/a", "Observation/0003"]);
  });

  it("applies the deletions of a history Bundle", async () => {
    const bundle = {
      resourceType: "Bundle",
      type: "history",
      entry: [{ request: { method: "DELETE", url: "Observation/a" } }],
    };
    const loaded = await loadFhir([patient(), status("a", "2024-01-05", SCT.stable), bundle]);
    expect(responses(loaded)).to.deep.equal([]);
    expect(reasons(loaded)).to.deep.equal(["deleted"]);
  });

  for (const [subject, reason] of [
    [{ reference: "Patient/other" }, "unknown patient Patient/other"],
    [{ reference: "Group/1" }, "subject is no patient: Group/1"],
    [{ reference: "#p" }, "subject can't be resolved: #p"],
    [undefined, "no subject reference"],
  ] as const) {
    it(`lists a result of nobody known: ${reason}`, async () => {
      const loaded = await loadFhir([patient(), status("a", "2024-01-05", SCT.stable, { subject })]);
      expect(reasons(loaded)).to.deep.equal([reason]);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
    });
  }

  it("knows a patient by the declared identifier, else the record number, else the only one", async () => {
    const identifier = [
      { system: "urn:ssn", value: "1" },
      { system: "urn:mrn", value: "2", type: { coding: [{ code: "MR" }] } },
    ];
    expect(only(await loadFhir([patient("p", { identifier })])).identifier).to.deep.equal({
      system: "urn:mrn",
      value: "2",
    });
    expect(
      only(await loadFhir([patient("p", { identifier })], {}, "identifierSystem: urn:ssn")).identifier.value,
    ).to.equal("1");
    expect(only(await loadFhir([patient("p")])).identifier).to.deep.equal({ system: "", value: "p" });
    expect(reasons(await loadFhir([patient("p")], {}, "identifierSystem: urn:ssn"))).to.deep.equal([
      "no identifier of system urn:ssn",
    ]);
  });

  it("joins two Patient resources of one person", async () => {
    const identifier = [{ system: "urn:mrn", value: "2" }];
    const loaded = await loadFhir([
      patient("p", { identifier }),
      patient("q", { identifier }),
      status("a", "2024-01-05", SCT.stable),
      status("b", "2024-02-05", SCT.worsened, { subject: { reference: "Patient/q" } }),
    ]);
    expect(loaded.patients).to.have.length(1);
    expect(responses(loaded)).to.deep.equal(["2024-01-05 SD", "2024-02-05 PD"]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("reads consent: a refusal in force prevails, a lapsed consent is none", async () => {
    const consent = (id: string, more: object): object => ({
      resourceType: "Consent",
      id,
      status: "active",
      patient: { reference: "Patient/p" },
      scope: { coding: [{ code: "research" }] },
      provision: { type: "permit" },
      ...more,
    });
    expect(only(await loadFhir([patient()])).consent).to.equal(null);
    expect(only(await loadFhir([patient(), consent("a", {})])).consent).to.equal(true);
    expect(only(await loadFhir([patient(), consent("a", { status: "inactive" })])).consent).to.equal(false);
    expect(only(await loadFhir([patient(), consent("a", { status: "inactive" }), consent("b", {})])).consent).to.equal(
      true,
    );
    expect(
      only(await loadFhir([patient(), consent("a", {}), consent("b", { provision: { type: "deny" } })])).consent,
    ).to.equal(false);
    expect(
      only(await loadFhir([patient(), consent("a", { provision: { period: { end: "2025-12-31" } } })])).consent,
    ).to.equal(false);
  });
});

describe("FHIR: which cancer", () => {
  const cancer = (id: string, code: string): object => ({
    resourceType: "Condition",
    id,
    subject: { reference: "Patient/p" },
    code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10-cm", code }] },
  });
  const about = (id: string, date: string, focus?: string): object =>
    status(id, date, SCT.stable, focus === undefined ? {} : { focus: [{ reference: focus }] });
  const lung = { conditions: ["http://hl7.org/fhir/sid/icd-10-cm|C34.9"], medications: [], variants: [] };

  it("takes results without a focus when there is one cancer", async () => {
    expect(responses(await loadFhir([patient(), cancer("c", "C34.9"), about("a", "2024-01-05")]))).to.have.length(1);
  });

  it("takes only results about the agreement's cancer when there are several", async () => {
    const lines = [
      patient(),
      cancer("c", "C34.9"),
      cancer("d", "C50.1"),
      about("a", "2024-01-05", "Condition/c"),
      about("b", "2024-01-06", "Condition/d"),
      about("e", "2024-01-07"),
      about("f", "2024-01-08", "Condition/x"),
    ];
    const loaded = await loadFhir(lines, { needs: { ...NO_NEEDS, eligibility: [lung] } });
    expect(responses(loaded)).to.deep.equal(["2024-01-05 SD"]);
    expect(reasons(loaded)).to.deep.equal([
      "about another condition",
      "no focus, and the patient has several primary cancers",
      "focus can't be resolved",
    ]);
    expect(only(loaded).met.conditions).to.deep.equal(lung.conditions);
    expect(only(loaded).assessments[0]).to.deep.include({
      codes: ["http://loinc.org|97509-4"],
      conditions: lung.conditions,
    });
    expect(reasons(await loadFhir(lines))[0]).to.equal(
      "the patient has several primary cancers, and the agreement names none",
    );
  });

  it("does not count one cancer written twice, or a metastasis, as several", async () => {
    const lines = [
      patient(),
      cancer("c", "C34.9"),
      cancer("d", "C34.9"),
      cancer("m", "C78.7"),
      about("a", "2024-01-05"),
    ];
    expect(responses(await loadFhir(lines))).to.have.length(1);
  });
});

describe("FHIR: when treatment began", () => {
  const drugs = { conditions: [], medications: ["urn:drugs|A"], variants: [] };
  const other = { medicationCodeableConcept: { coding: [{ system: "urn:drugs", code: "B" }] } };

  it("is the first administration that took place", async () => {
    const lines = [
      patient(),
      dose("a", "2024-01-01", { status: "not-done" }),
      dose("b", "2024-01-03", { status: "stopped" }),
      dose("c", "2024-01-02T23:00:00-05:00", { status: "in-progress" }),
    ];
    expect(only(await loadFhir(lines)).index).to.deep.equal({
      day: on("2024-01-02"),
      id: "MedicationAdministration/c",
    });
  });

  it("is the first of the medications that the cohort names", async () => {
    const loaded = await loadFhir([patient(), dose("b", "2024-01-01", other), dose("a", "2024-02-01")], {
      needs: { ...NO_NEEDS, eligibility: [drugs] },
    });
    expect(only(loaded).index).to.include({ day: on("2024-02-01") });
    expect(only(loaded).met.medications).to.deep.equal(["urn:drugs|A"]);
  });

  it("is unknown when the first date is partial", async () => {
    const loaded = await loadFhir([patient(), dose("a", "2024-01"), dose("b", "2024-02-01")]);
    expect(only(loaded).index).to.equal(null);
    expect(reasons(loaded)).to.deep.equal(["index date is partial"]);
  });

  it("is no request and no statement", async () => {
    const lines = [
      patient(),
      { ...dose("r", "2024-01-01"), resourceType: "MedicationRequest", status: "active" },
      { ...dose("s", "2024-01-01"), resourceType: "MedicationStatement", status: "active" },
    ];
    expect(only(await loadFhir(lines)).index).to.equal(null);
  });

  it("finds the substance of a referenced medication, contained or beside it", async () => {
    const medication = { resourceType: "Medication", id: "m", code: { coding: [{ system: "urn:drugs", code: "A" }] } };
    const by = (reference: string, more: object = {}): object =>
      dose("a", "2024-02-01", { medicationCodeableConcept: undefined, medicationReference: { reference }, ...more });
    for (const lines of [
      [patient(), by("Medication/m"), medication],
      [patient(), by("#m", { contained: [medication] })],
    ]) {
      expect(only(await loadFhir(lines, { needs: { ...NO_NEEDS, eligibility: [drugs] } })).index).to.include({
        day: on("2024-02-01"),
      });
    }
    expect(reasons(await loadFhir([patient(), by("Medication/x")]))).to.deep.equal(["unknown medication Medication/x"]);
  });

  it("tells another cancer treatment from the agreement's own and from supportive care", async () => {
    const intent = (code: string): object => ({
      ...other,
      extension: [
        {
          url: "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-treatment-intent",
          valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code }] },
        },
      ],
    });
    const lines = [
      patient(),
      dose("a", "2024-01-01"),
      dose("b", "2024-02-01"),
      dose("c", "2024-03-01", intent("399707004")),
      dose("d", "2024-04-01", intent("363676003")),
      dose("e", "2024-04-02", intent("1")),
    ];
    const loaded = await loadFhir(lines, { needs: { ...NO_NEEDS, eligibility: [drugs] } });
    const others = only(loaded).therapies.filter(({ contract }) => !contract);
    expect(others.map(({ id }) => id)).to.deep.equal(["MedicationAdministration/d"]);
    expect(reasons(loaded)).to.deep.equal(["unmapped intent http://snomed.info/sct|1"]);
  });
});

describe("FHIR: broken input", () => {
  it("lists a truncated line by its number and reads on", async () => {
    const loaded = await loadFhir([
      patient(),
      JSON.stringify(status("a", "2024-01-05", SCT.stable)).slice(0, 80),
      "42",
      "[]",
      "",
      status("b", "2024-01-06", SCT.stable),
    ]);
    expect(responses(loaded)).to.deep.equal(["2024-01-06 SD"]);
    expect(loaded.rejected).to.deep.equal([
      { file: "data/all.ndjson", line: 2, resource: null, reason: "broken JSON" },
      { file: "data/all.ndjson", line: 3, resource: null, reason: "not a FHIR resource: no resourceType" },
    ]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("strips a byte order mark, and takes documents, lists and single resources", async () => {
    const loaded = await load({
      "source.yaml": "kind: fhir-files\npath: data",
      "data/a.ndjson": `\uFEFF${JSON.stringify(patient())}\r\n`,
      "data/sub/b.json": `\uFEFF${JSON.stringify([status("a", "2024-01-05", SCT.stable), status("b", "2024-01-06", SCT.stable)])}`,
      "data/c.json": JSON.stringify(status("c", "2024-01-07", SCT.stable)),
      "data/d.json": "{",
      "data/notes.txt": "left alone",
    });
    expect(responses(loaded)).to.have.length(3);
    expect(loaded.rejected).to.deep.equal([{ file: "data/d.json", line: null, resource: null, reason: "broken JSON" }]);
  });
});
