import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { hba1c } from "../../oracle/endpoints/hba1c.ts";
import { resolveOptions } from "../../oracle/endpoints/options.ts";
import { NO_NEEDS, type Needs } from "../../oracle/needs.ts";
import { formatDay } from "../../terms/calendar.ts";
import { accounted, fixture, loadFolder, on } from "./support.ts";

const AS_OF = on("2026-01-01");

/** As much of a measure's test bundle as is compared. */
interface MeasureBundle {
  readonly entry: readonly {
    readonly resource: {
      readonly group?: readonly {
        readonly population: readonly {
          readonly code: { readonly coding: readonly { readonly code: string }[] };
          readonly count: number;
        }[];
      }[];
    };
  }[];
}

/** Everything that a clause can ask for, so that nothing is passed over. */
const EVERYTHING: Needs = {
  ...NO_NEEDS,
  measurements: new Set(
    ["4548-4", "17856-6", "17855-8", "96595-4", "59261-8", "97506-0"].map((code) => `http://loinc.org|${code}`),
  ),
  healthStates: true,
  adverseEvents: true,
  events: new Set(["http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP"]),
  costs: true,
  administrations: true,
};

const MCODE = fileURLToPath(new URL("../../node_modules/hl7.fhir.us.mcode/example", import.meta.url));

describe("published FHIR data", () => {
  // Totals of all that was read, and what of it: not one resource may go missing, or be used that was not before.
  for (const [name, read, used, rejected, superseded, duplicates, ignored] of [
    ["bulk-ndjson/10-patients", 776, 13, 4, 0, 0, 759],
    ["bulk-ndjson/1000-patients", 1144, 1144, 0, 0, 0, 0],
    ["cms122-hba1c", 265, 2, 1, 30, 27, 205],
    ["deqm", 13, 0, 0, 0, 0, 13],
    ["gold-recist", 5, 2, 2, 0, 0, 1],
    ["mcode-extraction", 114, 11, 42, 11, 0, 50],
    ["mcode-stu1-pathways", 419, 78, 0, 0, 0, 341],
    ["mii-onko", 84, 9, 12, 0, 0, 63],
    ["synthea-bds", 853, 70, 258, 11, 0, 514],
    ["hl7.fhir.us.mcode", 242, 24, 1, 6, 2, 209],
  ] as const) {
    it(`${name}: every resource is used, listed or counted`, async function () {
      const folder = name === "hl7.fhir.us.mcode" ? MCODE : fixture(this, name);
      const loaded = await loadFolder(folder, on("2026-12-31"), { needs: EVERYTHING });
      const { counts } = loaded;
      expect(counts).to.include({ read, used, rejected, superseded, duplicates });
      expect(Object.values(counts.ignored).reduce((a, b) => a + b, 0)).to.equal(ignored);
      expect(accounted(loaded)).to.equal(read);
      expect(loaded.rejected.every(({ reason }) => reason !== "")).to.equal(true);
    });
  }

  it("mCODE: disease statuses, cancer drugs and what can't be told apart", async () => {
    const { patients, rejected } = await loadFolder(MCODE, AS_OF);
    const statuses = patients.flatMap(({ assessments }) => assessments.map(({ response, id }) => `${id} ${response}`));
    expect(statuses).to.deep.equal([
      "Observation/cancer-disease-status-jenny-m RESPONDING",
      "Observation/cancer-disease-status-improved-brian-l RESPONDING",
    ]);
    expect(rejected.map(({ resource, reason }) => `${resource} ${reason}`)).to.deep.equal([
      "Observation/cancer-disease-status-improved no focus, and the patient has several primary cancers",
    ]);
    expect(patients.flatMap(({ therapies }) => therapies)).to.have.length(10);
  });

  describe("CMS122: poor control of HbA1c, by the last result of the year", () => {
    it("agrees with the expected numerator of every patient in the denominator", async function () {
      const folder = fixture(this, "cms122-hba1c");
      const options = resolveOptions({ window: "364d", codes: [...EVERYTHING.measurements].join() });
      const [differing, checked]: [string[], Record<string, number>] = [[], {}];
      for (const name of readdirSync(folder).filter((file) => file.endsWith("-bundle.json"))) {
        const bundle = JSON.parse(readFileSync(join(folder, name), "utf8")) as MeasureBundle;
        const report = bundle.entry.map(({ resource }) => resource).find((resource) => resource.group !== undefined);
        const count = (code: string): number =>
          report?.group?.[0]?.population.find(({ code: { coding } }) => coding[0]?.code === code)?.count ?? 0;
        if (count("denominator") !== 1 || count("denominator-exclusion") === 1) continue;
        const { patients } = await loadFolder(join(folder, name), on("2026-12-31"), { needs: EVERYTHING });
        const [patient] = patients;
        if (patient === undefined) throw new RangeError(`${name} has no patient`);
        // The measure looks at the whole of the year: 364 days around its last, for somebody who began on its first.
        const record = { ...patient, index: { day: on("2026-01-01"), id: "year" } };
        const last = hba1c.value(record, { due: 364, asOf: on("2026-12-31"), options, tiers: [] });
        const found = "notEvaluable" in last || last.value > 900n ? 1 : 0;
        if (found !== count("numerator")) differing.push(`${name}: found ${found}, expected ${count("numerator")}`);
        const kind = "notEvaluable" in last ? last.notEvaluable : String(last.value);
        checked[kind] = (checked[kind] ?? 0) + 1;
      }
      expect(differing).to.deep.equal([]);
      expect(checked).to.deep.equal({ "no-result": 14, "910": 1 });
    });
  });

  it("Synthea: HbA1c in percent, costs as the payer's explanations say", async function () {
    const folder = fixture(this, "synthea-bds");
    const { patients } = await loadFolder(folder, AS_OF, { needs: EVERYTHING });
    const [patient] = patients;
    expect(new Set(patient?.measurements.map(({ unit }) => unit))).to.deep.equal(new Set(["%"]));
    expect(patient?.costs).to.have.length(47);
    expect(new Set(patient?.costs.map(({ currency }) => currency))).to.deep.equal(new Set(["USD"]));
  });

  it("mCODE STU1: the response at 21:02 on 12 December, five hours behind, is of 12 December", async function () {
    const { patients } = await loadFolder(fixture(this, "mcode-stu1-pathways"), AS_OF);
    const seen = patients.flatMap(({ assessments }) =>
      assessments.map(({ date, response }) => `${formatDay(date.first)} ${response}`),
    );
    expect(seen.sort()).to.deep.equal(["2018-12-12 RESPONDING", "2019-07-22 RESPONDING", "2019-12-30 RESPONDING"]);
  });

  it("MII oncology: its response codes are read, a focus on nothing is listed", async function () {
    const { patients, rejected } = await loadFolder(fixture(this, "mii-onko"), AS_OF);
    expect(patients.map(({ identifier }) => identifier.value)).to.deep.equal(["PatientKimMusterperson"]);
    const course = rejected.find(
      ({ resource }) => resource === "Observation/PatientKimMusterperson-Verlauf-2022-01-22",
    );
    expect(course?.reason).to.equal("focus can't be resolved");
    expect(patients[0]?.therapies.length).to.be.greaterThan(0);
  });

  it("GOLD: stable disease in RadLex", async function () {
    const { patients } = await loadFolder(fixture(this, "gold-recist"), AS_OF);
    expect(patients[0]?.assessments).to.deep.include({
      date: { first: on("2022-07-19"), last: on("2022-07-19") },
      response: "SD",
      evaluator: null,
      imaging: null,
      codes: ["http://radlex.org/RID|11510"],
      id: "Observation/ExampleRecistAssessmentResponse",
    });
  });

  it("mCODE extraction: a code that its own map does not know is unmapped", async function () {
    const folder = fixture(this, "mcode-extraction/test/extractors/fixtures");
    const { rejected } = await loadFolder(folder, AS_OF);
    const unmapped = rejected.filter(({ reason }) => reason.startsWith("unmapped code"));
    expect(unmapped.map(({ reason }) => reason)).to.deep.equal([
      "unmapped code http://hl7.org/fhir/us/mcode/CodeSystem/snomed-requested-cs|USCRS-352236",
    ]);
    expect(readdirSync(folder)).to.include("csv-cancer-disease-status-bundle.json");
  });

  it("bulk export: 1,144 patients, of whom 144 have died", async function () {
    const { patients } = await loadFolder(fixture(this, "bulk-ndjson/1000-patients"), AS_OF);
    expect(patients).to.have.length(1144);
    expect(patients.filter(({ death }) => death !== null)).to.have.length(144);
  });
});
