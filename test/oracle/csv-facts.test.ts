import { createHash } from "node:crypto";

import { expect } from "chai";

import { SourceError } from "../../oracle/intake/config.ts";
import { SourceLimitError } from "../../oracle/intake/limits.ts";
import type { Loaded, LoadOptions } from "../../oracle/intake/load.ts";
import { NO_NEEDS, type Needs } from "../../oracle/needs.ts";
import { openRecords } from "../../oracle/records.ts";
import { formatDay } from "../../terms/calendar.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import { agreementOf, SHEET } from "./fixture.ts";
import { accounted, AS_OF, load, on, withFiles } from "./support.ts";

const HBA1C = "http://loinc.org|4548-4";
const ALL: Needs = {
  ...NO_NEEDS,
  measurements: new Set([HBA1C, "http://loinc.org|59261-8", "urn:lab|X1"]),
  healthStates: true,
  adverseEvents: true,
  events: new Set(["http://hl7.org/fhir/sid/icd-10|I21"]),
  costs: true,
  administrations: true,
};

/** The files of the source that the design shows, with the columns that it names. */
const FILES = `
  patients:    { path: adsl.csv, columns: { patient: USUBJID, index: TRTSDT, death: DTHDT, lastAlive: LSTALVDT } }
  assessments: { path: rs.csv, where: { RSTESTCD: OVRLRESP, RSEVAL: INVESTIGATOR }, columns: { patient: USUBJID, date: RSDTC, response: RSSTRESC } }
  labs:        { path: labs.csv, columns: { patient: id, date: d, code: loinc, value: v, unit: u, status: s } }
  therapies:   { path: tx.csv, columns: { patient: id, start: d, code: c, intent: i } }
  eq5d:        { path: eq5d.csv, columns: { patient: id, date: d, state: profile } }
  events:      { path: ae.csv, columns: { patient: id, date: d, code: c, grade: g, serious: s } }
  costs:       { path: cost.csv, columns: { patient: id, date: d, amount: a } }`;

const EMPTY = {
  "data/adsl.csv": "USUBJID,TRTSDT,DTHDT,LSTALVDT\n1,2024-01-01,,2025-06-01\n2,2024-02-01,,2025-06-01\n",
  "data/rs.csv": "USUBJID,RSTESTCD,RSEVAL,RSDTC,RSSTRESC\n",
  "data/labs.csv": "id,d,loinc,v,u,s\n",
  "data/tx.csv": "id,d,c,i\n",
  "data/eq5d.csv": "id,d,profile\n",
  "data/ae.csv": "id,d,c,g,s\n",
  "data/cost.csv": "id,d,a\n",
};

function loadDesign(
  files: Readonly<Record<string, string>>,
  { more = "", map = FILES, ...options }: Partial<LoadOptions> & { more?: string; map?: string } = {},
): Promise<Loaded> {
  return load(
    { ...EMPTY, "source.yaml": `kind: csv\npath: data/\n${more}files:${map}\n`, ...files },
    { needs: ALL, ...options },
  );
}

const first = ({ patients }: Loaded) => patients[0] ?? expect.fail("no patient");
const rejected = ({ rejected }: Loaded): string[] =>
  rejected.map(({ file, line, reason }) => `${file}:${line} ${reason}`);
const balanced = (loaded: Loaded): void => {
  expect(accounted(loaded)).to.equal(loaded.counts.read);
};

describe("CSV: the design's own source", () => {
  it("reads every kind of record", async () => {
    const loaded = await loadDesign(
      {
        "data/rs.csv":
          "USUBJID,RSTESTCD,RSEVAL,RSDTC,RSSTRESC\n1,OVRLRESP,INVESTIGATOR,2024-03-01,PR\n1,TRGRESP,INVESTIGATOR,2024-03-01,PD\n",
        "data/labs.csv": "id,d,loinc,v,u,s\n1,2024-06-01,4548-4,7.10,%,final\n1,2024-06-01,718-7,13.2,g/dL,final\n",
        "data/tx.csv": "id,d,c,i\n1,2024-01-01,A,curative\n",
        "data/eq5d.csv": "id,d,profile\n1,2024-01-01,21232\n",
        "data/ae.csv": "id,d,c,g,s\n1,2024-02-01,10029354,3,Y\n",
        "data/cost.csv": "id,d,a\n1,2024-02-01,1250.50\n",
        "statement.yaml": `value: 1200000.50\ncurrency: CNY\nstatedBy: Institute\ndocument: { sha256: "${"ab".repeat(32)}" }\n`,
      },
      {
        more: 'codes: { "urn:my-hospital|RESP-1": complete }\ndates: iso\nstatements: { research-cost: statement.yaml }\n',
      },
    );
    const { assessments, measurements, healthStates, events, costs, administrations } = first(loaded);
    const june = { first: on("2024-06-01"), last: on("2024-06-01") };
    expect(assessments.map(({ response }) => response)).to.deep.equal(["PR"]);
    expect(measurements).to.deep.equal([
      {
        date: june,
        issued: null,
        codes: [HBA1C],
        value: { digits: 710n, scale: 2 },
        unit: "%",
        comparator: null,
        id: "labs/data/labs.csv:2",
      },
    ]);
    expect(healthStates).to.have.length(1);
    expect(healthStates[0]).to.include({ instrument: "EQ-5D-5L", state: "21232", id: "eq5d/data/eq5d.csv:2" });
    expect(events[0]).to.deep.include({ type: "adverse-event", codes: ["10029354"], grade: 3, serious: true });
    expect(costs[0]).to.deep.include({ amount: { digits: 125050n, scale: 2 }, currency: null, codes: [] });
    expect(administrations).to.have.length(1);
    expect(loaded.statements).to.deep.equal([
      {
        name: "research-cost",
        value: { digits: 120000050n, scale: 2 },
        cohort: null,
        statedBy: "Institute",
        documentSha256: "ab".repeat(32),
        currency: "CNY",
        id: "statement/research-cost/statement.yaml",
      },
    ]);
    expect(loaded.rejected).to.deep.equal([]);
    expect(loaded.counts.ignored).to.deep.equal({ "assessments (where)": 1, labs: 1 });
    balanced(loaded);
  });

  it("keeps nothing that no clause needs, and counts it", async () => {
    const loaded = await loadDesign(
      {
        "data/labs.csv": "id,d,loinc,v,u,s\n1,never,4548-4,x,%,final\n",
        "data/eq5d.csv": "id,d,profile\n1,2024-01-01,9\n",
        "data/ae.csv": "id,d,c,g,s\n1,2024-02-01,10029354,3,Y\n",
        "data/cost.csv": "id,d,a\n1,2024-02-01,1250.50\n",
      },
      { needs: NO_NEEDS },
    );
    expect(loaded.counts.ignored).to.deep.equal({ labs: 1, eq5d: 1, events: 1, costs: 1 });
    expect(first(loaded)).to.deep.include({ measurements: [], healthStates: [], events: [], costs: [] });
    expect(loaded.rejected).to.deep.equal([]);
    balanced(loaded);
  });

  it("names every file with the hash of its bytes, and the columns that are not used", async () => {
    const content = "id,d,a,ward\n";
    const { files } = await loadDesign({ "data/cost.csv": content });
    expect(files.find(({ file }) => file === "data/cost.csv")).to.deep.equal({
      file: "data/cost.csv",
      sha256: createHash("sha256").update(content).digest("hex"),
      unusedColumns: ["ward"],
    });
    expect(files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ""))).to.equal(true);
  });

  it("tells of every row that is in a record, with its line", async () => {
    const used: string[] = [];
    await loadDesign(
      { "data/cost.csv": "id,d,a\n1,2024-02-01,1\n9,2024-02-01,1\n" },
      { used: ({ file, line, resource }) => used.push(`${file}:${line} ${resource}`) },
    );
    expect(used).to.deep.equal([
      "data/adsl.csv:2 patients/data/adsl.csv:2",
      "data/cost.csv:2 costs/data/cost.csv:2",
      "data/adsl.csv:3 patients/data/adsl.csv:3",
    ]);
  });
});

describe("CSV: laboratory results", () => {
  const values = (loaded: Loaded): string[] =>
    first(loaded).measurements.map(
      ({ value, unit, comparator, codes }) =>
        `${comparator ?? ""}${formatDecimal(value)} ${unit ?? "-"} ${codes.join()}`,
    );
  const labs = (rows: string, options: Parameters<typeof loadDesign>[1] = {}): Promise<Loaded> =>
    loadDesign({ "data/labs.csv": `id,d,loinc,v,u,s\n${rows}` }, options);

  it("matches a plain code with the code asked for, a code with its system exactly", async () => {
    const loaded = await labs(
      `1,2024-06-01,4548-4,7,%,final\n1,2024-06-02,${HBA1C},8,%,final\n1,2024-06-03,urn:other|4548-4,9,%,final\n`,
    );
    expect(values(loaded)).to.deep.equal([`7 % ${HBA1C}`, `8 % ${HBA1C}`]);
    expect(loaded.counts.ignored).to.deep.equal({ labs: 1 });
  });

  it("joins a code with the file's code system", async () => {
    const map = FILES.replace("unit: u, status: s }", "unit: u, status: s }, constants: { codeSystem: urn:lab }");
    expect(values(await labs("1,2024-06-01,X1,7,%,final\n1,2024-06-01,4548-4,7,%,final\n", { map }))).to.deep.equal([
      "7 % urn:lab|X1",
    ]);
  });

  it("takes no plain code that could be of two systems", async () => {
    const needs = { ...ALL, measurements: new Set(["urn:a|7", "urn:b|7"]) };
    expect(rejected(await labs("1,2024-06-01,7,7,%,final\n", { needs }))).to.deep.equal([
      "data/labs.csv:2 code 7 is one of several systems: a codeSystem must say which",
    ]);
  });

  it("reads bounds, long fractions and signs exactly", async () => {
    const rows = ["<0.5", ">= 14", "≤7", "-3.20", "+04.10", "0.1234567890123456789"];
    const loaded = await labs(rows.map((v, k) => `1,2024-06-0${k + 1},4548-4,${v},,final`).join("\n"));
    expect(values(loaded)).to.deep.equal(
      ["<0.5", ">=14", "<=7", "-3.2", "4.1", "0.1234567890123456789"].map((v) => `${v} - ${HBA1C}`),
    );
  });

  for (const [row, reason] of [
    ["1,2024-06-01,4548-4,7;1,%,final", "value is no number with a decimal point: 7;1"],
    ['1,2024-06-01,4548-4,"7,1",%,final', "value is no number with a decimal point: 7,1"],
    ["1,2024-06-01,4548-4,7e1,%,final", "value is no number with a decimal point: 7e1"],
    ["1,2024-06-01,4548-4,high,%,final", "value is no number with a decimal point: high"],
    ["1,2024-06-01,4548-4,,%,final", "no value"],
    ["1,2024-06-01,4548-4,999,%,final", "no value"],
    ["1,,4548-4,7,%,final", "no date"],
    ["1,1.6.2024,4548-4,7,%,final", "date is no date in the declared format (iso): 1.6.2024"],
    ["1,2024-06-01,4548-4,7,%,preliminary", "status preliminary"],
    ["1,2024-06-01,4548-4,7,%,entered-in-error", "status entered-in-error"],
    ["1,2026-06-01,4548-4,7,%,final", "dated after the as-of date"],
    ["1,2024-06-01,,7,%,final", "no code"],
    ["7,2024-06-01,4548-4,7,%,final", "unknown patient 7"],
  ] as const) {
    it(`lists a result with ${reason}`, async () => {
      const loaded = await labs(row);
      expect(rejected(loaded)).to.deep.equal([`data/labs.csv:2 ${reason}`]);
      balanced(loaded);
    });
  }

  it("reads a declared decimal comma, and no point", async () => {
    const rows =
      '1,2024-06-01,4548-4,"7,25",%,final\n1,2024-06-02,4548-4,7.25,%,final\n1,2024-06-03,4548-4,1.234,%,final\n';
    const loaded = await labs(rows, { more: "decimal: comma\n" });
    expect(values(loaded)).to.deep.equal([`7.25 % ${HBA1C}`]);
    expect(rejected(loaded)).to.deep.equal([
      "data/labs.csv:3 value is no number with a decimal comma: 7.25",
      "data/labs.csv:4 value is no number with a decimal comma: 1.234",
    ]);
  });

  it("keeps of rows with one id the one changed last, and what was withdrawn out", async () => {
    const map = FILES.replace("unit: u, status: s }", "unit: u, status: s, id: row, updated: at }");
    const loaded = await loadDesign(
      {
        "data/labs.csv": [
          "id,d,loinc,v,u,s,row,at",
          "1,2024-06-01,4548-4,8.0,%,amended,a,2024-06-05T10:00:00Z",
          "1,2024-06-01,4548-4,7.0,%,final,a,2024-06-05T09:00:00Z",
          "1,2024-07-01,4548-4,9.0,%,entered-in-error,b,2024-07-03",
          "1,2024-07-01,4548-4,9.0,%,final,b,2024-07-02",
          "1,2024-08-01,4548-4,6.0,%,final,c,2026-01-02",
        ].join("\n"),
      },
      { map },
    );
    expect(values(loaded)).to.deep.equal([`8 % ${HBA1C}`]);
    expect(first(loaded).measurements[0]?.id).to.equal("labs/data/labs.csv:2");
    expect(rejected(loaded)).to.deep.equal([
      "data/labs.csv:4 status entered-in-error",
      "data/labs.csv:6 recorded after the as-of date",
    ]);
    expect(loaded.counts.superseded).to.equal(2);
    balanced(loaded);
  });

  it("collapses a result that stands twice", async () => {
    const loaded = await labs("1,2024-06-01,4548-4,7.10,%,final\n1,2024-06-01,4548-4,7.1,%,final\n");
    expect(values(loaded)).to.have.length(1);
    expect(loaded.counts.duplicates).to.equal(1);
    balanced(loaded);
  });
});

describe("CSV: EQ-5D", () => {
  const five = FILES.replace(
    "state: profile }",
    "mobility: m, selfCare: s, usualActivities: a, pain: p, anxiety: x, instrument: q }",
  );

  it("reads five columns, and either instrument", async () => {
    const loaded = await loadDesign(
      { "data/eq5d.csv": "id,d,m,s,a,p,x,q\n1,2024-01-01,2,1,2,3,2,\n1,2024-02-01,2,1,2,3,2,EQ-5D-3L\n" },
      { map: five },
    );
    expect(first(loaded).healthStates.map(({ instrument, state }) => `${instrument} ${state}`)).to.deep.equal([
      "EQ-5D-5L 21232",
      "EQ-5D-3L 21232",
    ]);
  });

  it("never fills in an answer", async () => {
    const loaded = await loadDesign(
      {
        "data/eq5d.csv":
          "id,d,m,s,a,p,x,q\n1,2024-01-01,2,1,,3,2,5L\n1,2024-02-01,,,,,,\n1,2024-03-01,2,1,2,5,2,3L\n1,2024-03-01,2,1,2,5,2,7L\n",
      },
      { map: five },
    );
    expect(rejected(loaded)).to.deep.equal([
      "data/eq5d.csv:2 no answer to usualActivities",
      "data/eq5d.csv:3 no state",
      "data/eq5d.csv:4 no profile of EQ-5D-3L: 21252",
      "data/eq5d.csv:5 instrument is none of EQ-5D-5L, EQ-5D-3L: 7L",
    ]);
    const whole = await loadDesign({ "data/eq5d.csv": "id,d,profile\n1,2024-01-01,2123\n1,2024-01-02,21236\n" });
    expect(whole.rejected).to.have.length(2);
  });
});

describe("CSV: events", () => {
  const typed = FILES.replace("grade: g, serious: s }", "grade: g, serious: s, type: t, causal: y, status: st }");
  const header = "id,d,c,g,s,t,y,st\n";

  it("keeps adverse events, and of other types those that a clause asks for", async () => {
    const loaded = await loadDesign(
      {
        "data/ae.csv": `${header}1,2024-02-01,X,,,,yes,\n1,2024-02-02,I21,,,condition,,confirmed\n1,2024-02-03,I22,,,condition,,\n1,2024-02-04,,5,Serious,Adverse-Event,,\n`,
      },
      { map: typed },
    );
    expect(
      first(loaded).events.map(({ type, codes, causal, serious, grade }) => [
        type,
        codes[0] ?? null,
        causal,
        serious,
        grade,
      ]),
    ).to.deep.equal([
      ["adverse-event", "X", true, null, null],
      ["condition", "http://hl7.org/fhir/sid/icd-10|I21", null, null, null],
      ["adverse-event", null, null, true, 5],
    ]);
    expect(loaded.counts.ignored).to.deep.equal({ events: 1 });
    expect(rejected(loaded)).to.deep.equal(["data/ae.csv:5 grade 5, and the patient is not known to have died"]);
    balanced(loaded);
  });

  it("uses an event without the part that can't be read, and lists what can't be used", async () => {
    const loaded = await loadDesign(
      {
        "data/ae.csv": `${header}1,2024-02-01,X,III,maybe,,perhaps,\n1,2024-02-02,X,,,accident,,\n1,2024-02-03,X,,,,,entered-in-error\n1,2024-02-04,X,,,,,suspected\n`,
      },
      { map: typed },
    );
    expect(first(loaded).events).to.have.length(1);
    expect(first(loaded).events[0]).to.include({ grade: null, serious: null, causal: null });
    expect(rejected(loaded)).to.deep.equal([
      "data/ae.csv:2 grade is none of 1 to 5: III",
      "data/ae.csv:2 serious is neither yes nor no: maybe",
      "data/ae.csv:2 causal is neither yes nor no: perhaps",
      "data/ae.csv:3 unmapped type accident",
      "data/ae.csv:4 status entered-in-error",
      "data/ae.csv:5 status suspected",
    ]);
    balanced(loaded);
  });
});

describe("CSV: costs", () => {
  const full = FILES.replace("amount: a }", "amount: a, currency: cur, code: c, id: n }");

  it("are exact, keep their currency, and are as many as there are rows", async () => {
    const loaded = await loadDesign(
      {
        "data/cost.csv":
          "id,d,a,cur,c,n\n1,2024-02-01,999,EUR,DRG,1\n1,2024-02-01,999,EUR,DRG,2\n1,2024-02-01,-0.01,EUR,DRG,3\n1,2024-02-02,12345678901234567890.99,EUR,,4\n",
      },
      { map: full },
    );
    expect(first(loaded).costs.map(({ amount, currency }) => `${formatDecimal(amount)} ${currency}`)).to.have.members([
      "999 EUR",
      "999 EUR",
      "-0.01 EUR",
      "12345678901234567890.99 EUR",
    ]);
    balanced(loaded);
  });

  it("lists what is no amount or no currency", async () => {
    const loaded = await loadDesign(
      { "data/cost.csv": "id,d,a,cur,c,n\n1,2024-02-01,,EUR,,1\n1,2024-02-01,1 000,EUR,,2\n1,2024-02-01,1,€,,3\n" },
      { map: full },
    );
    expect(rejected(loaded)).to.deep.equal([
      "data/cost.csv:2 no amount",
      "data/cost.csv:3 amount is no number with a decimal point: 1 000",
      "data/cost.csv:4 currency is no ISO 4217 code: €",
    ]);
  });
});

describe("CSV: administrations", () => {
  const needs = {
    ...ALL,
    eligibility: [{ conditions: [], medications: ["http://www.whocc.no/atc|L01FF02"], variants: [] }],
  };
  const map = FILES.replace("code: c, intent: i }", "end: e, code: c, units: n, status: st }");

  it("are those of the agreement's treatment, single, over or going on, with their units", async () => {
    const loaded = await loadDesign(
      {
        "data/tx.csv":
          "id,d,e,c,n,st\n1,2024-01-01,2024-01-01,L01FF02,2,completed\n1,2024-02-01,,L01FF02,1.5,in-progress\n1,2024-03-01,2027-01-01,L01FF02,,completed\n1,2024-01-05,2024-01-06,L01XX,9,completed\n1,2024-05-02,2024-05-01,L01FF02,1,completed\n1,2024-05-02,,L01FF02,1,not-done\n",
      },
      { map, needs },
    );
    const shown = first(loaded).administrations.map(
      ({ start, end, quantity }) =>
        `${formatDay(start.first)} ${end === null ? "on" : formatDay(end.last)} ${quantity === null ? "-" : formatDecimal(quantity)}`,
    );
    expect(shown).to.deep.equal(["2024-01-01 2024-01-01 2", "2024-02-01 on 1.5", "2024-03-01 on -"]);
    expect(rejected(loaded)).to.deep.equal(["data/tx.csv:6 ends before it begins", "data/tx.csv:7 status not-done"]);
    balanced(loaded);
  });
});

describe("CSV: consent", () => {
  it("is what the column says; a word that is neither yes nor no is no consent", async () => {
    const map = FILES.replace("lastAlive: LSTALVDT }", "consent: C }");
    const words = ["yes", "N", "withdrawn", "", "perhaps"];
    const rows = words.map((word, k) => `${k},2024-01-01,${word}`).join("\n");
    const { patients } = await loadDesign(
      { "data/adsl.csv": `USUBJID,TRTSDT,C,DTHDT\n${rows.replaceAll(/$/gm, ",")}` },
      { map },
    );
    expect(patients.map(({ consent }) => consent)).to.deep.equal([true, false, false, null, false]);
  });
});

describe("source limits", () => {
  const progressing = (bad: number): string =>
    `id,d,profile\n${Array.from({ length: 20 }, (_, k) => `1,2024-01-${String(k + 1).padStart(2, "0")},${k < bad ? "2" : "21232"}`).join("\n")}`;

  it("are off unless the source names them", async () => {
    expect((await loadDesign({ "data/eq5d.csv": progressing(20) })).exceeded).to.deep.equal([]);
  });

  it("count unmapped and quarantined results", async () => {
    const more = "limits: { unmapped: 5% }\n";
    expect((await loadDesign({ "data/eq5d.csv": progressing(1) }, { more })).exceeded).to.deep.equal([]);
    const { exceeded, counts } = await loadDesign({ "data/eq5d.csv": progressing(2) }, { more });
    expect(counts).to.include({ results: 20, unmapped: 2, quarantined: 0 });
    expect(exceeded).to.deep.equal(["2 unmapped and 0 quarantined of 20 results, limit 5%"]);
    const late = "id,d,profile\n1,2026-05-01,21232\n";
    expect((await loadDesign({ "data/eq5d.csv": late }, { more })).exceeded).to.have.length(1);
  });

  it("count rows that nobody can be told of, and files that can't be used", async () => {
    const more = "limits: { unreadable: 10% }\n";
    const broken = `id,d,profile\n1,2024-01-01,21232\n1,2024-01-02,"2"1232\n,2024-01-03,21232\n`;
    const { exceeded, counts } = await loadDesign({ "data/eq5d.csv": broken }, { more });
    expect(counts.unreadable).to.equal(2);
    expect(exceeded).to.deep.equal(["2 unreadable of 5 lines, rows and resources, limit 10%"]);
    const lacking = await loadDesign({ "data/eq5d.csv": "id,d\n1,2024-01-01\n" }, { more });
    expect(lacking.exceeded).to.deep.equal(["1 whole files can't be used"]);
  });

  it("keep an agreement's outcomes from being told", async () => {
    await withFiles(
      {
        ...EMPTY,
        "source.yaml": `kind: csv\npath: data/\nlimits: { unmapped: 0% }\nfiles:${FILES}\n`,
        "data/rs.csv": "USUBJID,RSTESTCD,RSEVAL,RSDTC,RSSTRESC\n1,OVRLRESP,INVESTIGATOR,2024-03-01,??\n",
      },
      async (folder) => {
        const refused: unknown = await openRecords(agreementOf(SHEET), `${folder}/source.yaml`, AS_OF).catch(
          (error: unknown) => error,
        );
        expect(refused).to.be.instanceOf(SourceLimitError);
      },
    );
  });

  it("must be percentages", async () => {
    for (const limit of ["5", "-1%", "101%", "many"]) {
      const refused = await loadDesign({}, { more: `limits: { unmapped: "${limit}" }\n` }).catch(
        (error: unknown) => error,
      );
      expect(refused, limit).to.be.instanceOf(SourceError);
    }
  });
});

describe("statements", () => {
  const HASH = "0F".repeat(32);
  const stated = (files: Readonly<Record<string, string>>, statements: string): Promise<Loaded> =>
    loadDesign(files, { more: `statements: ${statements}\n` });
  const problem = async (...given: Parameters<typeof stated>): Promise<string> => {
    const error: unknown = await stated(...given).catch((refused: unknown) => refused);
    return error instanceof SourceError ? error.message : "none";
  };

  it("may be one for each cohort", async () => {
    const figure = (cohort: string, value: string): string =>
      `value: ${value}\ncohort: ${cohort}\nstatedBy: Registry\ndocumentSha256: ${HASH}\n`;
    const { statements, files } = await stated(
      { "a.yaml": figure("2026", "62.5%"), "b.yaml": figure("2027", "-3") },
      "{ saving: [a.yaml, b.yaml] }",
    );
    expect(statements.map(({ cohort, value }) => `${cohort} ${formatDecimal(value)}`)).to.deep.equal([
      "2026 62.5",
      "2027 -3",
    ]);
    expect(statements[0]?.documentSha256).to.equal(HASH.toLowerCase());
    expect(files.filter(({ file }) => file.endsWith(".yaml"))).to.have.length(2);
    const twice = { "a.yaml": figure("2026", "1"), "b.yaml": figure("2026", "2") };
    expect(await problem(twice, "{ saving: [a.yaml, b.yaml] }")).to.equal(
      "statements.saving: b.yaml: found a second figure for 2026",
    );
  });

  it("name what is wrong by path, what was found and what was expected", async () => {
    const file = `value: 1e6\nstatedBy: ""\ncurrency: yuan\nextra: 1\ndocument: { sha256: abc }\n`;
    const found = await problem({ "a.yaml": file }, "{ saving: a.yaml }");
    expect(found).to.include('statements.saving: a.yaml: value: found "1e6", expected a number such as 1200000.50');
    expect(found).to.include('document.sha256: found "abc", expected 64 hex digits');
    expect(found).to.include('currency: found "yuan", expected an ISO 4217 code');
    expect(found).to.include("found unknown extra, expected only known keys");
    expect(await problem({ "a.yaml": "value: 1\nstatedBy: X\n" }, "{ saving: a.yaml }")).to.include(
      "document: found nothing, expected the SHA-256 of the signed document",
    );
    expect(await problem({ "a.yaml": "value: [" }, "{ saving: a.yaml }")).to.include("no valid YAML");
    expect(await problem({}, "{ saving: nowhere.yaml }")).to.include("can't be read");
  });
});
