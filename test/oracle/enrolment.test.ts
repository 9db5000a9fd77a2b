/** Who is enrolled and who is reported when records come late, change, or disappear. */

import { join } from "node:path";

import { expect } from "chai";

import type { Outcomes } from "../../oracle/outcomes.ts";
import { openRecords } from "../../oracle/records.ts";
import { NOT_IN_RECORDS } from "../../oracle/report/build.ts";
import { patientKey } from "../../oracle/report/keys.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { createWorld, type World } from "../../runner/world.ts";
import { patient, recordsOf, SECRET, SHEET, type TestPatient } from "./fixture.ts";
import { day, play, told, type Play } from "./passes.ts";
import { withFiles } from "./support.ts";

const key = (name: string): Hex => patientKey(SECRET, { system: "urn:test", value: name });
const names = (keys: readonly Hex[], among = "ABCDEFGH"): string =>
  [...among].filter((name) => keys.includes(key(name))).join("");

/** Records that can be changed under the operators' feet, and what was asked of them. */
function changing(first: readonly TestPatient[]) {
  const asked: { readonly name: string; readonly indexDay: number; readonly asOfDay: number }[] = [];
  const outcomes = (patients: readonly TestPatient[]): Outcomes<TestPatient> => {
    const plain = recordsOf(patients);
    return {
      ...plain,
      milestone: (subject, clause, payoff, asOfDay) => {
        asked.push({ name: subject.patient.identifier.value, indexDay: subject.indexDay, asOfDay });
        return plain.milestone(subject, clause, payoff, asOfDay);
      },
    };
  };
  return { asked, first: outcomes(first), outcomes };
}

describe("enrolment from records", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  async function start(sheet: string, patients: readonly TestPatient[]) {
    const records = changing(patients);
    const story = await play(world, sheet, records.first);
    const see = (changed: readonly TestPatient[]): void =>
      story.operators.forEach((operator) => (operator.records = records.outcomes(changed)));
    /** Names and day of each batch. */
    const batches = async (cohort = 0): Promise<string[]> => {
      const { id, stores } = story.operators[0].parts;
      const { enrolments } = (await story.chain.read()).cohorts[cohort] ?? { enrolments: [] };
      const [opens = 0] = story.agreement.cohorts.map((terms) => terms.opens);
      return Promise.all(
        enrolments.map(async ({ root, indexedDay }) => {
          const keys = (await stores.patients.of(id, root)).map((entry) => entry.patientKey);
          return `${names(keys)} +${indexedDay - opens}`;
        }),
      );
    };
    return { ...story, asked: records.asked, see, batches };
  }
  const warnings = (events: Awaited<ReturnType<Play["pass"]>>): string[] =>
    events.filter(({ step, result }) => step === "enrol" && result === "warning").map(({ detail }) => detail);

  const A = patient("A", day("2026-01-10"), 183);
  const B = patient("B", day("2026-01-12"), 90);

  it("takes a straggler in under the last batch's day, and measures her from her own", async () => {
    const { operators, pass, see, batches, asked, chain } = await start(SHEET, [A, B]);
    await pass(operators[0], "2026-01-20");
    see([A, B, patient("C", day("2026-01-03"), 100)]);
    expect(told(await pass(operators[1], "2026-03-01"))).to.deep.equal(["enrol null/0 2: done"]);
    expect(await batches()).to.deep.equal(["AB +11", "C +11"]);
    // Due with her batch, on 11 August, and not with her own index day.
    expect(told(await pass(operators[2], "2026-08-10"))).to.deep.equal([]);
    expect(told(await pass(operators[2], "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
    expect(asked.find(({ name }) => name === "C")?.indexDay).to.equal(day("2026-01-03"));
    const [landed] = (await chain.read()).clause(1, 0).reports;
    expect(landed?.kind === "milestone" && landed.report.tallies.map(({ patients }) => patients)).to.deep.equal([2, 1]);
  });

  it("takes late records as long as enrolment is open, and counts those that come later", async () => {
    const sheet = SHEET.replace("maxPatients: 4", "maxPatients: 4, enrolWithin: 30d");
    const { operators, pass, see, batches } = await start(sheet, [A]);
    await pass(operators[0], "2026-01-20");
    see([A, patient("C", day("2026-12-31"), null)]);
    expect(told(await pass(operators[0], "2027-01-30"))).to.deep.equal([
      "enrol null/0 2: done",
      "report 1/0 1: done",
      "settle 2/0 null: done",
    ]);
    see([A, patient("C", day("2026-12-31"), null), B]);
    const late = await pass(operators[0], "2027-08-01");
    expect(await batches()).to.deep.equal(["A +9", "C +364"]);
    expect(late.filter(({ step }) => step === "report").map(({ result }) => result)).to.deep.equal(["done"]);
    expect(warnings(late)).to.deep.equal(["patients of the records who can't be enrolled: 1, since enrolment is over"]);
  });

  it("takes nobody whose index day lies outside the cohort, and nobody before it has come", async () => {
    const outside = [
      patient("A", day("2025-12-31"), null),
      patient("B", day("2027-01-01"), null),
      patient("C", day("2026-06-01"), null),
      patient("D", day("2026-01-01"), null),
      patient("E", day("2026-12-31"), null),
    ];
    const sheet = SHEET.replace("maxPatients: 4", "maxPatients: 4, enrolWithin: 30d");
    const { operators, pass, batches } = await start(sheet, outside);
    await pass(operators[0], "2026-05-31");
    expect(await batches()).to.deep.equal(["D +0"]);
    await pass(operators[0], "2026-06-01");
    expect(await batches()).to.deep.equal(["D +0", "C +151"]);
    expect(warnings(await pass(operators[0], "2027-01-02"))).to.deep.equal([]);
    expect(await batches()).to.deep.equal(["D +0", "C +151", "E +364"]);
  });

  it("enrols a patient once in an agreement: in the first cohort that fits, whatever the records say later", async () => {
    const two = SHEET.replace(
      "clauses:",
      "  late: { population: Overlapping, price: 900, opens: 2026-06-01, closes: 2027-06-01, maxPatients: 9 }\nclauses:",
    );
    const june = patient("C", day("2026-06-10"), null);
    const { operators, pass, see, batches } = await start(two, [A, june]);
    expect(told(await pass(operators[0], "2026-06-10"))).to.deep.equal(["enrol null/0 1: done"]);
    expect([await batches(0), await batches(1)]).to.deep.equal([["AC +160"], []]);
    // Corrected into the second cohort's window, beyond the first's.
    see([patient("A", day("2027-02-01"), 183), june, patient("D", day("2027-02-02"), null)]);
    await pass(operators[1], "2027-02-03");
    expect(await batches(1)).to.deep.equal(["D +397"]);
    expect(told(await pass(operators[2], "2027-02-03"))).to.deep.equal([]);
  });

  it("fills a cohort by index day, then by key, and counts who has no room", async () => {
    const day1 = day("2026-01-05");
    const group = ["A", "B", "C", "D", "E"].map((name) => patient(name, day1, null));
    const { operators, pass, batches } = await start(SHEET, [...group, patient("F", day1 - 1, null)]);
    const events = await pass(operators[0], "2026-01-20");
    const byKey = group.map(({ identifier: { value } }) => value).sort((a, b) => (key(a) < key(b) ? -1 : 1));
    expect(await batches()).to.deep.equal([`${[...byKey.slice(0, 3), "F"].sort().join("")} +4`]);
    expect(warnings(events)).to.deep.equal([
      "patients of the records who can't be enrolled: 2, since the cohort takes 4",
    ]);
  });

  it("keeps to the index day that a patient was enrolled with when the records correct it", async () => {
    const { operators, pass, see, asked } = await start(SHEET, [A, B]);
    await pass(operators[0], "2026-01-20");
    see([patient("A", day("2026-02-20"), 183), B]);
    expect(told(await pass(operators[1], "2026-03-01"))).to.deep.equal([]);
    expect(told(await pass(operators[1], "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
    expect(asked.find(({ name }) => name === "A")?.indexDay).to.equal(day("2026-01-10"));
  });

  it("counts a patient whose record is gone as not evaluable, and says why", async () => {
    const { operators, pass, see, chain, stage } = await start(SHEET, [A, B]);
    await pass(operators[0], "2026-01-20");
    see([A]);
    expect(told(await pass(operators[1], "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
    const [landed] = (await chain.read()).clause(1, 0).reports;
    if (landed?.kind !== "milestone") throw new Error("a milestone report landed");
    expect(landed.report.notEvaluable).to.equal(1);
    expect((await stage.contract.clauseState(1, 0)).total).to.equal(20_000n);
    const { id, stores } = operators[1].parts;
    const leaves = await stores.reports.leavesOf(id, landed.report.root);
    expect(leaves.find((leaf) => leaf.patientKey === key("B"))).to.have.property("reason", NOT_IN_RECORDS);
  });

  it("enrols and counts a patient without consent like anyone, and does not evaluate her", async () => {
    const files = {
      "source.yaml": `kind: csv
files:
  patients: { path: patients.csv, columns: { patient: id, index: start, consent: consent } }
  assessments: { path: assessments.csv, columns: { patient: id, date: date, response: response } }
`,
      "patients.csv": "id,start,consent\nP1,2026-01-10,yes\nP2,2026-01-12,no\n",
      "assessments.csv": "id,date,response\nP1,2026-03-01,PD\nP2,2026-03-01,PD\n",
    };
    const sheet = SHEET.replace(/ {2}bonus: .*\n/, "");
    await withFiles(files, async (folder) => {
      const { agreement, operators, pass, chain, stage } = await start(sheet, []);
      const open = (asOf: number) => openRecords(agreement, join(folder, "source.yaml"), asOf);
      const records = (asOf: number) => open(asOf) as Promise<unknown> as Promise<Outcomes<TestPatient>>;
      const see = async (asOf: number) => {
        for (const operator of operators) operator.records = await records(asOf);
      };
      await see(day("2026-01-20"));
      await pass(operators[0], "2026-01-20");
      expect((await chain.read()).cohorts[0]?.patients).to.equal(2);
      await see(day("2026-08-11"));
      expect(told(await pass(operators[0], "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
      expect((await stage.contract.clauseState(1, 0)).total).to.equal(50_000n + 20_000n);
      const { id, stores } = operators[0].parts;
      const [landed] = (await chain.read()).clause(1, 0).reports;
      const leaves = await stores.reports.leavesOf(id, landed?.report.root ?? "0x");
      expect(leaves.map((leaf) => "reason" in leaf && leaf.reason)).to.deep.equal([null, "no-consent"]);
    });
  });
});

describe("reports at the agreed as-of dates", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  /** Reporting days are 1 January + 30 days each. */
  const MONTHLY = SHEET.replace("reportWithin: 60d", "reportWithin: 60d, reportEvery: 30d").replace(
    "maxPatients: 4",
    "maxPatients: 40",
  );
  const OPENS = day("2026-01-01");
  const on = (days: number): string => new Date((OPENS + days) * 86_400_000).toISOString().slice(0, 10);

  it("look from the last agreed day, at the records as of then, and assess exactly the patients due", async () => {
    const patients = [patient("A", OPENS + 10, 183), patient("B", OPENS + 40, 90), patient("C", OPENS + 70, null)];
    const { operators, pass, chain } = await play(world, MONTHLY, recordsOf(patients));
    const opened: number[] = [];
    const first = {
      ...operators[0].parts,
      openRecords: (asOfDay: number) => {
        opened.push(asOfDay - OPENS);
        return Promise.resolve(operators[0].records);
      },
    };
    for (const days of [10, 40, 70]) await pass(first, on(days));
    opened.length = 0;
    // A is due on day 10 + 211 = 221, B on 251, C on 281; reporting days are 210, 240, 270, 300.
    const reports = async (days: number): Promise<string[]> =>
      told(await pass(first, on(days))).filter((it) => it.startsWith("report"));
    expect(await reports(239)).to.deep.equal([]);
    expect(await reports(240)).to.deep.equal(["report 1/0 1: done"]);
    expect(await reports(269)).to.deep.equal([]);
    expect(await reports(290)).to.deep.equal(["report 1/0 2: done"]);
    expect(await reports(300)).to.deep.equal(["report 1/0 3: done"]);
    const landed = (await chain.read()).clause(1, 0).reports.map(({ report }) => report.asOfDay - OPENS);
    expect(landed).to.deep.equal([240, 270, 300]);
    // On day 290 the records are read twice: as of that day for enrolment, as of the 270th for the report.
    expect(opened).to.deep.equal([239, 240, 269, 290, 270, 300]);
  });

  it("need no records while nothing is due: they are read once a day, to notice early when they can't be", async () => {
    const { operators, pass } = await play(world, MONTHLY, recordsOf([patient("A", OPENS + 10, 183)]));
    let opened = 0;
    const first = {
      ...operators[0].parts,
      openRecords: () => {
        opened++;
        return Promise.resolve(operators[0].records);
      },
    };
    await pass(first, on(10));
    await pass(first, on(240));
    opened = 0;
    // Enrolment is over, everybody reported.
    for (const days of [370, 370, 370, 371]) await pass(first, on(days));
    expect(opened).to.equal(2);
    const broken = { ...first, openRecords: () => Promise.reject(new Error("no such file")), reading: { day: null } };
    expect(told(await pass(broken, on(371)))).to.deep.equal(["read null/null null: failed"]);
  });

  it("hold a small group back until more are due, and no longer than the time to report allows", async () => {
    const sheet = MONTHLY.replace("reportWithin: 60d", "reportWithin: 60d, minCell: 3");
    const patients = [
      patient("A", OPENS + 10, 183),
      patient("B", OPENS + 35, 90),
      patient("C", OPENS + 40, null),
      patient("D", OPENS + 80, 183),
    ];
    const { operators, pass, chain } = await play(world, sheet, recordsOf(patients));
    const [first, second] = operators;
    for (const days of [10, 35, 40, 80]) await pass(first, on(days));
    const event = async (node: typeof first, days: number) =>
      (await pass(node, on(days)))
        .filter(({ step }) => step === "report")
        .map(({ result, detail }) => [result, detail.split(":")[0]]);
    // A alone on day 240: the next reporting day is still within 60 days of her due day, the 221st.
    expect(await event(first, 240)).to.deep.equal([["waiting", `held back until day ${OPENS + 270}`]]);
    expect(await event(second, 269)).to.deep.equal([["waiting", `held back until day ${OPENS + 270}`]]);
    // B and C are due on days 246 and 251: three on day 270.
    expect((await event(second, 270)).map(([result]) => result)).to.deep.equal(["done"]);
    // D is due on day 291 and alone: held back on day 300, reported on 330 and not on 360, which would be too late.
    expect(await event(first, 300)).to.deep.equal([["waiting", `held back until day ${OPENS + 330}`]]);
    expect((await event(first, 330)).map(([result]) => result)).to.deep.equal(["done"]);
    const landed = (await chain.read()).clause(1, 0).reports.map(({ report }) => report.asOfDay - OPENS);
    expect(landed).to.deep.equal([270, 330]);
  });
});
