import { readdirSync } from "node:fs";

import { expect } from "chai";

import { formatDay } from "../../terms/calendar.ts";
import { accounted, fixture, loadFolder, on } from "./support.ts";

const AS_OF = on("2026-01-01");

describe("published FHIR data", () => {
  for (const name of [
    "bulk-ndjson",
    "cms122-hba1c",
    "deqm",
    "gold-recist",
    "mcode-extraction",
    "mcode-stu1-pathways",
    "mii-onko",
    "synthea-bds",
  ]) {
    it(`${name}: every resource is used, listed or counted`, async function () {
      const loaded = await loadFolder(fixture(this, name), AS_OF);
      expect(loaded.counts.read).to.be.greaterThan(0);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
      expect(loaded.rejected.every(({ reason }) => reason !== "")).to.equal(true);
    });
  }

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
