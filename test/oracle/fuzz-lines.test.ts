/**
 * Mutated FHIR lines and CSV rows by the thousand; `FUZZ=1000000` runs as many. Half the patients of each batch are victims, all
 * of whose lines are mutated. Every line must end somewhere, nobody else's record may change, and nothing may be in a victim's
 * record that no intact line says.
 */

import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

import { parseSource, type Source } from "../../oracle/intake/config.ts";
import { loadSource, type Loaded } from "../../oracle/intake/load.ts";
import { NO_NEEDS, type Needs } from "../../oracle/needs.ts";
import type { PatientRecord } from "../../oracle/record.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import { accounted, AS_OF } from "./support.ts";

const COUNT = Number(process.env["FUZZ"] ?? 4_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_101);
const PATIENTS = 40;

const NEEDS: Needs = {
  ...NO_NEEDS,
  measurements: new Set(["http://loinc.org|4548-4"]),
  healthStates: true,
  adverseEvents: true,
  events: new Set(["urn:icd|I21"]),
  costs: true,
  administrations: true,
};

type Between = (from: number, to: number) => number;

function randomly(seed: number): Between {
  const random = xoroshiro128plus(seed);
  return (from, to) => uniformInt(random, from, to);
}

/** No two names are one mutation apart. */
const nameOf = (patient: number): string =>
  `${"abcdefghij"[patient % 10]}${"klmnopqrst"[Math.floor(patient / 10)]}`.repeat(6);

const HOSTILE = [
  "null",
  "true",
  "[]",
  "{}",
  "1e999",
  "-1e-999",
  "9".repeat(40),
  '"',
  "'",
  "\\",
  "\\u0000",
  "\u0000",
  "\uD800",
  "\uFEFF",
  "__proto__",
  "constructor",
  "2024-02-30",
  "0000-00-00",
  "99999-12-31",
  "../../etc/passwd",
  "=1+1",
  ",",
  ";",
  ",,,,,",
  "\r",
  "\n",
  "[".repeat(5_000),
  '{"a":'.repeat(2_000),
  "x".repeat(70_000),
];

/** The line with something cut out, put in, doubled, cut off or flipped; as bytes, for it need be no UTF-8 any more. */
function mutate(line: string, between: Between): Buffer {
  let bytes = Buffer.from(line, "utf8");
  for (let times = between(1, 3); times > 0; times--) {
    const at = between(0, Math.max(0, bytes.length - 1));
    const end = Math.min(bytes.length, at + between(1, 20));
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    switch (between(0, 6)) {
      case 0:
        bytes = Buffer.concat([before, after]);
        break;
      case 1:
        bytes = Buffer.from(before);
        break;
      case 2:
        bytes = Buffer.concat([before, cut, cut, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, Buffer.from([between(0, 255)]), bytes.subarray(at + 1)]);
        break;
      case 4:
        bytes = Buffer.concat([before, Buffer.from(String(between(0, 9))), bytes.subarray(at + 1)]);
        break;
      default:
        bytes = Buffer.concat([before, Buffer.from(HOSTILE[between(0, HOSTILE.length - 1)] ?? ""), after]);
    }
  }
  return bytes;
}

interface Batch {
  readonly lines: readonly Buffer[];
  readonly mutated: number;
}

/** Every second patient's lines mutated, all lines in an order that mixes the patients. */
function batch(linesOf: (patient: number) => readonly string[], between: Between): Batch {
  const lines: Buffer[] = [];
  let mutated = 0;
  const all = Array.from({ length: PATIENTS }, (_, patient) => linesOf(patient));
  for (let k = 0; k < Math.max(...all.map(({ length }) => length)); k++)
    for (const [patient, own] of all.entries()) {
      const line = own[k];
      if (line === undefined) continue;
      if (patient % 2 === 1) mutated++;
      lines.push(patient % 2 === 1 ? mutate(line, between) : Buffer.from(line));
    }
  return { lines, mutated };
}

const joined = (lines: readonly Buffer[]): Buffer => Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));

const shown = (record: PatientRecord): string =>
  JSON.stringify(record, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

/** The records of those who are not victims, without the lines that they stood in. */
function untouched({ patients }: Loaded, keep: (identifier: string) => boolean): Map<string, string> {
  const own = patients.filter(({ identifier }) => keep(identifier.value));
  return new Map(own.map((record) => [record.identifier.value, shown(record).replaceAll(/\.csv:\d+/g, ".csv")]));
}

const bystanders = new Set(Array.from({ length: PATIENTS / 2 }, (_, k) => nameOf(2 * k)));

describe(`${COUNT} mutated lines and rows, seed ${SEED}`, function () {
  this.timeout(Math.max(120_000, COUNT * 10));
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "outcomepay-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, content: Buffer | string): void => {
    writeFileSync(join(folder, name), content);
  };
  const load = (source: Source): Promise<Loaded> => loadSource(source, { asOf: AS_OF, needs: NEEDS });

  it("of FHIR: every line is accounted for, nobody else's record changes, no value comes from nowhere", async () => {
    const source = parseSource({ kind: "fhir-files", path: "f.ndjson" }, folder);
    const between = randomly(SEED);
    write(
      "f.ndjson",
      Array.from({ length: PATIENTS }, (_, k) => fhirLines(k))
        .flat()
        .join("\n"),
    );
    const intact = untouched(await load(source), (name) => bystanders.has(name));
    expect(intact.size).to.equal(PATIENTS / 2);
    for (let done = 0; done < COUNT;) {
      const { lines, mutated } = batch(fhirLines, between);
      done += mutated;
      const content = joined(lines);
      write("f.ndjson", content);
      const loaded = await load(source);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
      expect(loaded.counts.read).to.be.at.least(lines.filter((line) => line.toString().trim() !== "").length - mutated);
      expect(untouched(loaded, (name) => bystanders.has(name))).to.deep.equal(intact);
      const said = statedValues(content);
      for (const { measurements, costs } of loaded.patients) {
        for (const { id, value } of measurements) expect(said(id)).to.include(Number(formatDecimal(value)));
        for (const { id, amount } of costs) expect(said(id)).to.include(Number(formatDecimal(amount)));
      }
    }
  });

  it("of CSV: every row is accounted for, nobody else's record changes, no value comes from nowhere", async () => {
    const between = randomly(SEED + 1);
    const source = parseSource(CSV_SOURCE, folder);
    const files = Object.keys(CSV_HEADERS);
    const intactRows = (file: string): string =>
      `${CSV_HEADERS[file]}\n${Array.from({ length: PATIENTS }, (_, k) => csvRows(file, k))
        .flat()
        .join("\n")}\n`;
    for (const file of files) write(file, intactRows(file));
    const intact = untouched(await load(source), (name) => bystanders.has(name));
    expect(intact.size).to.equal(PATIENTS / 2);
    for (let done = 0; done < COUNT;) {
      const written = new Map<string, Buffer>();
      for (const file of files) {
        const { lines, mutated } = batch((patient) => csvRows(file, patient), between);
        done += mutated;
        const content = joined([Buffer.from(CSV_HEADERS[file] ?? ""), ...lines]);
        written.set(file, content);
        write(file, content);
      }
      const loaded = await load(source);
      expect(accounted(loaded)).to.equal(loaded.counts.read);
      expect(untouched(loaded, (name) => bystanders.has(name))).to.deep.equal(intact);
      for (const { measurements } of loaded.patients)
        for (const { id, value } of measurements) {
          const row = written.get("l.csv")?.toString().split("\n")[Number(id.slice(id.lastIndexOf(":") + 1)) - 1] ?? "";
          expect(row).to.match(/\d/);
          expect(row.match(/[\d.]+/g)?.map(Number)).to.include(Math.abs(Number(formatDecimal(value))));
        }
    }
  });
});

/** Every number of the lines that say it: those of the resource by its id, with or without version, or by its line. */
function statedValues(content: Buffer): (id: string) => readonly number[] {
  const said = new Map<string, number[]>();
  const lines = content.toString().split("\n");
  for (const line of lines) {
    let resource: { resourceType?: unknown; id?: unknown; meta?: { versionId?: unknown } } | null;
    try {
      resource = JSON.parse(line) as typeof resource;
    } catch {
      continue;
    }
    if (typeof resource?.id !== "string") continue;
    const numbers = numbersIn(line);
    const key = `${String(resource.resourceType)}/${resource.id}`;
    for (const name of [key, `${key}/_history/${String(resource.meta?.versionId)}`])
      said.set(name, [...(said.get(name) ?? []), ...numbers]);
  }
  return (id) => said.get(id) ?? numbersIn(lines[Number(/ at f\.ndjson:(\d+):/.exec(id)?.[1] ?? 0) - 1] ?? "");
}

const numbersIn = (line: string): number[] =>
  [...line.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)].map(([number]) => Number(number));

function fhirLines(patient: number): string[] {
  const name = nameOf(patient);
  const subject = { reference: `Patient/${name}` };
  const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
  const own = (k: number): object => ({ id: `${name}-${k}`, meta: { versionId: "1" }, subject });
  return [
    { resourceType: "Patient", id: name, birthDate: "1960-05-01", identifier: [{ system: "urn:mrn", value: name }] },
    {
      resourceType: "MedicationAdministration",
      ...own(1),
      meta: {
        profile: ["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"],
      },
      status: "completed",
      medicationCodeableConcept: coded("urn:drugs", "A"),
      effectiveDateTime: "2024-01-01",
      dosage: { dose: { value: 2 } },
    },
    {
      resourceType: "Observation",
      ...own(2),
      status: "final",
      code: coded("http://loinc.org", "97509-4"),
      effectiveDateTime: "2024-03-01T10:00:00+01:00",
      valueCodeableConcept: coded("http://snomed.info/sct", "359746009"),
    },
    {
      resourceType: "Observation",
      ...own(3),
      status: "final",
      code: coded("http://loinc.org", "4548-4"),
      effectiveDateTime: "2024-03-02",
      valueQuantity: { value: 7.25, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
    },
    {
      resourceType: "Observation",
      ...own(4),
      status: "final",
      code: coded("http://snomed.info/sct", "736534008"),
      effectiveDateTime: "2024-03-02",
      valueString: "21232",
    },
    {
      resourceType: "AdverseEvent",
      ...own(5),
      actuality: "actual",
      event: coded("urn:mdr", "10029354"),
      date: "2024-02-01",
      seriousness: coded("urn:s", "Serious"),
    },
    { resourceType: "Condition", ...own(6), code: coded("urn:icd", "I21"), onsetDateTime: "2024-04-01" },
    {
      resourceType: "Invoice",
      ...own(7),
      status: "issued",
      date: "2024-02-10",
      totalNet: { value: 120.5, currency: "EUR" },
    },
    {
      resourceType: "Encounter",
      ...own(8),
      status: "finished",
      class: { code: "AMB" },
      period: { start: "2024-06-01", end: "2024-06-01" },
    },
  ].map((resource) => JSON.stringify(resource));
}

const CSV_SOURCE = {
  kind: "csv",
  files: {
    patients: { path: "p.csv", columns: { patient: "id", index: "start", death: "died", birth: "born" } },
    assessments: { path: "a.csv", columns: { patient: "id", date: "date", response: "resp", status: "status" } },
    labs: { path: "l.csv", columns: { patient: "id", date: "date", code: "code", value: "value", unit: "unit" } },
    eq5d: { path: "q.csv", columns: { patient: "id", date: "date", state: "state" } },
    events: {
      path: "e.csv",
      columns: { patient: "id", date: "date", code: "code", grade: "grade", serious: "serious" },
    },
    costs: { path: "c.csv", columns: { patient: "id", date: "date", amount: "amount", currency: "currency" } },
    therapies: { path: "t.csv", columns: { patient: "id", start: "date", code: "code", units: "units" } },
  },
};

const CSV_HEADERS: Readonly<Record<string, string>> = {
  "p.csv": "id,start,died,born",
  "a.csv": "id,date,resp,status,comment",
  "l.csv": "id,date,code,value,unit",
  "q.csv": "id,date,state",
  "e.csv": "id,date,code,grade,serious",
  "c.csv": "id,date,amount,currency",
  "t.csv": "id,date,code,units",
};

function csvRows(file: string, patient: number): string[] {
  const id = nameOf(patient);
  switch (file) {
    case "p.csv":
      return [`${id},2024-01-01,,1960-05-01`];
    case "a.csv":
      return [`${id},2024-03-01,SD,final,"seen, and ""well"""`, `${id},2024-05-01,PD,amended,`];
    case "l.csv":
      return [`${id},2024-06-01,4548-4,7.25,%`, `${id},2024-07-01,"4548-4",<6.5,%`];
    case "q.csv":
      return [`${id},2024-01-01,21232`, `${id},2024-07-01,"11111"`];
    case "e.csv":
      return [`${id},2024-02-01,10029354,3,Y`];
    case "c.csv":
      return [`${id},2024-02-01,1250.50,EUR`, `${id},2024-02-02,-20,EUR`];
    default:
      return [`${id},2024-01-01,A,2`];
  }
}
