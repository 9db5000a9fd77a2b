import { expect } from "chai";

import type { Loaded } from "../../oracle/intake/load.ts";
import { NO_NEEDS } from "../../oracle/needs.ts";
import { dateReader } from "../../oracle/intake/dates.ts";
import { formatDay } from "../../terms/calendar.ts";
import { accounted, fixture, load, on, withFiles } from "./support.ts";
import { loadSource } from "../../oracle/intake/load.ts";
import { parseSource } from "../../oracle/intake/config.ts";

const SOURCE = `
kind: csv
files:
  patients: { path: p.csv, columns: { patient: id, index: start, death: died, lastAlive: seen, birth: born, consent: consent } }
  assessments: { path: a.csv, where: { kind: [overall, summary] }, columns: { patient: id, date: date, response: resp, status: status, evaluator: who } }
  therapies: { path: t.csv, columns: { patient: id, start: date, code: code, intent: intent } }
`;
const PATIENTS = "id,start,died,seen,born,consent\n";
const ASSESSMENTS = "id,date,resp,status,who,kind\n";
const THERAPIES = "id,date,code,intent\n";

function loadCsv(rows: { p?: string; a?: string; t?: string; source?: string }): Promise<Loaded> {
  return load({
    "source.yaml": rows.source ?? SOURCE,
    "p.csv": PATIENTS + (rows.p ?? "1,2024-01-01,,2024-12-01,1960-01-01,\n"),
    "a.csv": ASSESSMENTS + (rows.a ?? ""),
    "t.csv": THERAPIES + (rows.t ?? ""),
  });
}

const only = ({ patients }: Loaded) => patients[0] ?? expect.fail("no patient");
const rejected = ({ rejected }: Loaded): string[] =>
  rejected.map(({ file, line, reason }) => `${file}:${line} ${reason}`);

describe("CSV source", () => {
  it("reads patients, assessments and therapies by their column maps, in order of identifier", async () => {
    const loaded = await loadCsv({
      p: "2,2024-02-01,2024-08-01,,,yes\n1,2024-01-01,,2024-12-01,1960-01-01,\n",
      a: "1,2024-03-01,SD,final,INV,overall\n1,2024-03-02,PD,final,INV,target\n",
      t: "1,2024-01-01,A,curative\n1,2024-05-01,B,palliative\n1,2024-04-01,C,supportive\n",
    });
    expect(loaded.patients.map(({ identifier }) => identifier.value)).to.deep.equal(["1", "2"]);
    const first = only(loaded);
    expect(first).to.deep.include({ index: { day: on("2024-01-01"), id: "patients/p.csv:3" }, consent: null });
    expect(first.lastAlive?.day).to.equal(on("2024-12-01"));
    expect(first.assessments).to.deep.equal([
      {
        date: { first: on("2024-03-01"), last: on("2024-03-01") },
        response: "SD",
        evaluator: "INV",
        imaging: null,
        id: "assessments/a.csv:2",
      },
    ]);
    expect(first.therapies.map(({ codes, contract }) => [codes[0], contract])).to.deep.equal([
      ["A", true],
      ["B", false],
    ]);
    expect(loaded.patients[1]).to.deep.include({ consent: true });
    expect(loaded.counts.ignored).to.deep.equal({ "assessments (where)": 1 });
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("lists what it can't use, with the line", async () => {
    const loaded = await loadCsv({
      a: [
        "1,2024-03-01,??,final,INV,overall",
        "1,01/03/2024,SD,final,INV,overall",
        "1,2026-03-01,SD,final,INV,overall",
        "1,1950-03-01,SD,final,INV,overall",
        "7,2024-03-01,SD,final,INV,overall",
        ",2024-03-01,SD,final,INV,overall",
        "1,,SD,final,INV,overall",
        "1,2024-03-01,SD,cancelled,INV,overall",
      ].join("\n"),
    });
    expect(rejected(loaded)).to.deep.equal([
      "a.csv:2 unmapped code ??",
      "a.csv:3 date is no date in the declared format (iso): 01/03/2024",
      "a.csv:4 dated after the as-of date",
      "a.csv:5 dated before birth",
      "a.csv:6 unknown patient 7",
      "a.csv:7 no patient",
      "a.csv:8 no date",
      "a.csv:9 status cancelled",
    ]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("takes missing values for missing: a result for not evaluable, a date for none, and 999 for an identifier", async () => {
    const loaded = await loadCsv({
      p: "999,2024-01-01,9999-12-31,1900-01-01,NA,\n",
      a: "999,2024-03-01,NA,final,INV,overall\n999,2024-04-01,,,,overall\n",
    });
    expect(only(loaded)).to.include({ death: null, birth: null });
    expect(only(loaded).assessments.map(({ response }) => response)).to.deep.equal(["NE", "NE"]);
  });

  it("keeps a patient of whom a field can't be read, and does not take an unreadable death for life", async () => {
    const loaded = await loadCsv({ p: "1,2024-01-01,autumn,soon,,perhaps\n" });
    expect(only(loaded)).to.include({ consent: false, lastAlive: null });
    expect(only(loaded).death?.date).to.deep.equal({ first: on("2024-01-01"), last: on("2026-01-01") });
    expect(loaded.rejected).to.have.length(3);
  });

  it("collapses a patient listed twice alike, and trusts neither row when they differ", async () => {
    const row = "1,2024-01-01,,,,\n";
    expect((await loadCsv({ p: row + row })).counts).to.include({ read: 2, used: 1 });
    const loaded = await loadCsv({ p: `${row}1,2024-02-01,,,,\n` });
    expect(only(loaded).index).to.equal(null);
    expect(loaded.rejected).to.have.length(1);
  });

  it("sees a registry's later sighting as life on the as-of date", async () => {
    expect(only(await loadCsv({ p: "1,2024-01-01,,2026-05-01,,\n" })).lastAlive?.day).to.equal(on("2026-01-01"));
  });

  it("reads a declared date format, delimiter and missing value, a byte order mark, quotes and empty lines", async () => {
    const loaded = await load({
      "source.yaml": `
kind: csv
dates: DD.MM.YYYY
delimiter: ";"
missing: ["-"]
codes: { R1: complete }
files:
  patients: { path: p.csv, columns: { patient: id, index: start } }
  assessments: { path: a.csv, columns: { patient: id, date: date, response: resp } }`,
      "p.csv": '\uFEFFid;start\n"a ""b"" ;c";2.1.2024\n\n ; \n',
      "a.csv": 'id;date;resp\n"a ""b"" ;c";31.12.2024;R1\n"a ""b"" ;c";01.12.2024;-\n',
    });
    expect(only(loaded).identifier.value).to.equal('a "b" ;c');
    expect(only(loaded).index?.day).to.equal(on("2024-01-02"));
    expect(only(loaded).assessments.map(({ response }) => response)).to.deep.equal(["NE", "CR"]);
  });

  for (const [what, row] of [
    ["closes a quote too early", '1,2024-03-01,"S"D,final,INV,overall'],
    ["never closes a quote", '1,2024-03-01,"SD,final,INV,overall'],
    ["opens a quote too late", '1,2024-03-01,S"D,final,INV,overall'],
  ] as const) {
    it(`reads on after a row that ${what}`, async () => {
      const good = (day: string): string => `1,2024-${day},SD,final,INV,overall\n`;
      const loaded = await loadCsv({ a: `${good("02-01")}${row}\n${good("04-01")}\n${good("05-01")}` });
      expect(only(loaded).assessments.map(({ id }) => id)).to.deep.equal(
        [2, 4, 6].map((line) => `assessments/a.csv:${line}`),
      );
      expect(rejected(loaded)[0]).to.match(/^a\.csv:3 broken row/);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
    });
  }

  it("reads a comment of several lines, but takes no row of another patient for a part of one", async () => {
    const rows = (comment: string): string =>
      `id,date,resp,status,who,kind,note\n1,2024-03-01,SD,final,INV,overall,${comment}\n`;
    const files = {
      "source.yaml": SOURCE,
      "p.csv": `${PATIENTS}1,2024-01-01,,,,\n2,2024-01-01,,,,\n`,
      "t.csv": THERAPIES,
    };
    const other = '2,2024-03-01,PD,final,INV,overall,"well"\n1,2024-04-01,SD,final,INV,overall,fine"\n';
    const comment = await load({ ...files, "a.csv": rows('"tired,\nbut ""well"",\nsays she"') });
    expect(only(comment).assessments).to.have.length(1);
    expect(comment.rejected).to.deep.equal([]);
    const swallowing = await load({ ...files, "a.csv": rows('"tired') + other });
    expect(swallowing.patients[1]?.assessments.map(({ response }) => response)).to.deep.equal(["PD"]);
    expect(rejected(swallowing)).to.have.length(2);
    expect(accounted(swallowing)).to.equal(swallowing.counts.read);
  });

  it("rejects a file without a column that it needs, and names a missing one that it does not", async () => {
    const loaded = await load({
      "source.yaml": SOURCE,
      "p.csv": "id,start\n1,2024-01-01\n",
      "a.csv": "id,when\n1,2024-03-01\n",
      "t.csv": THERAPIES,
    });
    expect(loaded.patients).to.have.length(1);
    expect(rejected(loaded)).to.include.members([
      "a.csv:1 column date not found (date); found: id, when",
      "p.csv:1 column died not found (death); found: id, start",
    ]);
  });
});

describe("declared date formats", () => {
  for (const [format, text, date] of [
    ["MM/DD/YYYY", "03/04/2024", "2024-03-04"],
    ["DD/MM/YYYY", "03/04/2024", "2024-04-03"],
    ["DDMMMYYYY", "05JAN2024", "2024-01-05"],
    ["YYYYMMDD", "20240105", "2024-01-05"],
    ["YYYY-MM-DD", "2024-02-30", null],
    ["DD.MM.YYYY", "2024-01-05", null],
  ] as const) {
    it(`${format} reads ${text} as ${date ?? "no date"}`, () => {
      const found = dateReader(format)?.(text) ?? null;
      expect(found === null ? null : formatDay(found.first)).to.equal(date);
    });
  }

  it("are never guessed", () => {
    for (const format of ["european", "DD.MM", "YY-MM-DD", "DD.YYYY", "YYYY-YYYY"])
      expect(dateReader(format), format).to.equal(null);
  });
});

describe("mCODE extraction CSV", () => {
  it("uses or lists every row", async function () {
    const folder = fixture(this, "mcode-extraction/test/application/fixtures");
    const source = parseSource(
      {
        kind: "csv",
        files: {
          patients: { path: "example-patient.csv", columns: { patient: "mrn", birth: "dateOfBirth", sex: "gender" } },
          assessments: {
            path: "example-disease-status.csv",
            columns: {
              patient: "mrn",
              date: "dateOfObservation",
              response: "diseaseStatusCode",
              status: "observationStatus",
              evidence: "evidence",
              updated: "dateRecorded",
            },
          },
        },
      },
      folder,
    );
    const loaded = await loadSource(source, { asOf: on("2021-01-01") });
    const seen = loaded.patients.map(({ identifier, assessments }) => [
      identifier.value,
      ...assessments.map(({ response, imaging }) => `${response} ${imaging}`),
    ]);
    expect(seen).to.deep.equal([["123"], ["456", "SD true"], ["789", "NE null"]]);
    expect(loaded.rejected.map(({ line, reason }) => `${line} ${reason}`)).to.deep.equal(["2 status preliminary"]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("uses or lists every row of the guide's own examples", async function () {
    const folder = fixture(this, "mcode-extraction/docs");
    const medication = { patient: "mrn", id: "medicationId", start: "startDate", end: "endDate", code: "code" };
    const event = { patient: "mrn", id: "adverseEventId", date: "effectiveDate", code: "adverseEventCode" };
    const files = {
      patients: { path: "patient.csv", columns: { patient: "mrn", birth: "dateOfBirth", sex: "gender" } },
      assessments: {
        path: "cancer-disease-status.csv",
        columns: {
          patient: "mrn",
          date: "dateOfObservation",
          response: "diseaseStatusCode",
          condition: "conditionId",
          status: "observationStatus",
          evidence: "evidence",
          updated: "dateRecorded",
        },
      },
      therapies: {
        path: "cancer-related-medication-administration.csv",
        columns: { ...medication, codeSystem: "codeSystem", intent: "treatmentIntent", status: "status" },
      },
      events: {
        path: "ctc-adverse-event.csv",
        columns: { ...event, codeSystem: "adverseEventCodeSystem", grade: "grade", serious: "seriousness" },
      },
    };
    const needs = { ...NO_NEEDS, adverseEvents: true };
    const loaded = await loadSource(parseSource({ kind: "csv", files }, folder), { asOf: on("2026-01-01"), needs });
    expect(loaded.patients.map(({ identifier }) => identifier.value)).to.deep.equal(["pat-mrn-1", "pat-mrn-2"]);
    expect(loaded.patients[1]?.assessments.map(({ response, conditions }) => [response, conditions])).to.deep.equal([
      ["RESPONDING", ["cond-2"]],
    ]);
    const reasons = new Set(loaded.rejected.map(({ reason }) => reason));
    expect([...reasons]).to.include.members(["status registered", "status example-status"]);
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  for (const name of ["example-csv-bom.csv", "example-csv-empty-line.csv", "example-csv-empty-values.csv"]) {
    it(`reads ${name}`, async function () {
      const folder = fixture(this, "mcode-extraction/test/modules/fixtures");
      const files = { patients: { path: name, columns: { patient: "mrn" } } };
      const { patients } = await loadSource(parseSource({ kind: "csv", files }, folder), { asOf: on("2021-01-01") });
      expect(patients[0]?.identifier.value).to.equal("example-mrn-1");
      expect(patients).to.have.length(2);
    });
  }
});

describe("source file", () => {
  const problems = (yaml: string): Promise<string> =>
    withFiles({ "source.yaml": yaml }, async (folder) => {
      try {
        await loadSource(`${folder}/source.yaml`, { asOf: on("2026-01-01") });
        return "none";
      } catch (error) {
        return error instanceof Error ? `${error.name}: ${error.message.replaceAll(`${folder}/`, "")}` : "";
      }
    });

  it("names each problem by path, what was found and what was expected", async () => {
    const found = await problems(
      'kind: csv\ndates: european\nunknown: 1\nfiles: { patients: { columns: { patient: "" } } }\ncodes: { X: better }',
    );
    expect(found).to.match(/^SourceError/);
    expect(found).to.include('dates: found "european", expected iso');
    expect(found).to.include("files.patients.path: found nothing, expected string");
    expect(found).to.include('codes.X: found "better", expected one of complete');
    expect(found).to.include("found unknown unknown, expected only known keys");
  });

  it("refuses a server without a mode, an unknown kind, no YAML, and a path that is not there", async () => {
    expect(await problems("kind: fhir-server\nurl: https://x")).to.include("mode: found nothing, expected bulk");
    expect(await problems("kind: excel\npath: x")).to.match(/kind: found "excel", expected/);
    expect(await problems("kind: [")).to.include("no valid YAML");
    expect(await problems("kind: fhir-files\npath: nowhere")).to.include("nowhere not found");
    expect(await problems("[]")).to.match(/expected/);
  });
});
