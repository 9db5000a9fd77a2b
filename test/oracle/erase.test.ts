import { readFileSync } from "node:fs";

import { expect } from "chai";
import { randomBytes } from "ethers";
import fc from "fast-check";

import { auditReports, provePatient } from "../../oracle/audit/audit.ts";
import { catchUp } from "../../oracle/catchUp.ts";
import { computeMilestone } from "../../oracle/compute.ts";
import { eraseEverywhere } from "../../oracle/erase/everywhere.ts";
import { markOf } from "../../oracle/erase/mark.ts";
import { fitsBetween, placeOfPatient } from "../../oracle/erase/place.ts";
import { eraseHere } from "../../oracle/erase/here.ts";
import type { PassEvent } from "../../oracle/node.ts";
import { ERASED } from "../../oracle/report/build.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { enrolmentHashes, type EnrolmentEntry } from "../../oracle/report/enrolment.ts";
import { patientKey } from "../../oracle/report/keys.ts";
import { hashHeldLeaves, isErasedLeaf } from "../../oracle/report/leaf.ts";
import { merkleRoot } from "../../oracle/report/root.ts";
import { ErasedMeanwhile } from "../../oracle/store/reports.ts";
import { openStores } from "../../oracle/store/stores.ts";
import { loadView } from "../../oracle/view.ts";
import { createWorld, type World } from "../../runner/world.ts";
import { patient, recordsOf, SECRET, SHEET, type TestOperator } from "./fixture.ts";
import { day, stageAgreement, type Staged } from "./stage.ts";
import { SQLITE } from "./store/databases.ts";

const keyOf = (name: string): Hex => patientKey(SECRET, { system: "urn:test", value: name });
const told = (events: readonly PassEvent[]): string[] =>
  events.map(({ step, clause, cohort, number, result }) => `${step} ${clause}/${cohort} ${number}: ${result}`);

const GROUP = ["A", "B", "C"].map((name, i) => patient(name, day("2026-01-10") + i, 183 + i));
const WINDOWED = SHEET.replace("grace: 28d", "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter");

function at(staged: Staged, operator: number): TestOperator {
  const found = staged.operators[operator];
  if (found === undefined) throw new Error("there is no such operator");
  return found;
}

/** How each operator answered, in the order asked. */
async function erase(staged: Staged, operator: number, name: string) {
  const { complete, operators } = await eraseEverywhere(at(staged, operator).erasing, keyOf(name));
  return { complete, statuses: operators.map(({ answer }) => answer.status), operators };
}

describe("erasing a patient", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  it("leaves her counted and not evaluable in every later report, the same on all nodes, and enrols her no more", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    await staged.pass(0, "2026-01-20");
    for (const operator of [1, 2, 3, 4]) await staged.pass(operator, "2026-01-20");
    expect(await erase(staged, 2, "B")).to.deep.include({ complete: true, statuses: Array(5).fill("erased") });
    // She still stands in the records. Nobody enrols her, and all five sign the same report.
    expect(told(await staged.pass(1, "2026-03-01"))).to.deep.equal([]);
    expect(told(await staged.pass(3, "2026-08-20"))).to.deep.equal(["report 1/0 1: done"]);
    const [landed] = (await staged.chain.read()).clause(1, 0).reports;
    if (landed?.kind !== "milestone") throw new Error("a milestone report landed");
    expect(landed.report.notEvaluable).to.equal(1);
    expect(landed.report.tallies.map(({ patients }) => patients)).to.deep.equal([0, 2]);

    for (const { parts } of staged.operators) {
      const held = await parts.stores.reports.of(parts.id, landed.report.root);
      if (held === null) continue;
      expect(held.leaves.map(({ patientKey: key }) => key)).not.to.include(keyOf("B"));
      expect(held.leaves.flatMap((leaf) => (isErasedLeaf(leaf) ? [] : [leaf.reason]))).to.include(ERASED);
    }
    // What was reported after the erasure can be audited in full.
    const [audited] = await auditReports(at(staged, 3).parts, await staged.chain.read());
    expect(audited).to.include({ result: "same", erased: 0 });
    expect(told(await staged.pass(4, "2028-01-30"))).to.include("report 3/0 1: done");
  });

  it("keeps every root and everybody else's proof, and says which of her reports can't be audited", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    await staged.pass(0, "2026-01-20");
    await staged.pass(0, "2026-08-20");
    const { parts } = at(staged, 0);
    const before = await provePatient(parts, await staged.chain.read(), keyOf("A"));
    const hers = await provePatient(parts, await staged.chain.read(), keyOf("B"));
    expect(hers.proofs.map(({ kind }) => kind)).to.deep.equal(["enrolment", "milestone"]);

    const { operators } = await erase(staged, 0, "B");
    expect(operators[0]?.answer).to.deep.equal({
      status: "erased",
      held: true,
      reports: [{ clause: 1, cohort: 0, number: 1 }],
    });
    const state = await staged.chain.read();
    expect(await provePatient(parts, state, keyOf("A"))).to.deep.equal(before);
    expect((await provePatient(parts, state, keyOf("B"))).proofs).to.deep.equal([]);
    const [enrolment] = state.cohorts[0]?.enrolments ?? [];
    const [landed] = state.clause(1, 0).reports;
    if (enrolment === undefined || landed === undefined) throw new Error("both landed");
    const entries = await parts.stores.patients.of(parts.id, enrolment.root);
    expect(merkleRoot(enrolmentHashes(entries, 0, 1))).to.equal(enrolment.root);
    const leaves = await parts.stores.reports.leavesOf(parts.id, landed.report.root);
    expect(merkleRoot(hashHeldLeaves(leaves))).to.equal(landed.report.root);

    const [audited] = await auditReports(parts, state);
    expect(audited).to.deep.include({ result: "incomplete", erased: 1, patients: [], fields: [], tiers: [] });
    expect(audited?.limits.join()).to.match(/1 of its patients were erased/);
    // What is left of the others is still held against the records.
    at(staged, 0).records = recordsOf([patient("A", day("2026-01-10"), 12), ...GROUP.slice(1)]);
    const [changed] = await auditReports(
      { ...parts, openRecords: () => Promise.resolve(at(staged, 0).records) },
      state,
    );
    expect(changed?.result).to.equal("different");
    expect(changed?.patients.map(({ patientKey: key }) => key)).to.deep.equal([keyOf("A")]);
  });

  it("can be repeated until every node has, with the same random key everywhere", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    for (const operator of [0, 1, 2, 3, 4]) await staged.pass(operator, "2026-01-20");
    at(staged, 4).down = true;
    const first = await erase(staged, 0, "B");
    expect(first).to.deep.include({ complete: false, statuses: ["erased", "erased", "erased", "erased", "failed"] });
    at(staged, 4).down = false;
    const second = await erase(staged, 0, "B");
    expect(second.complete).to.equal(true);
    expect(second.operators.map(({ answer }) => "held" in answer && answer.held)).to.deep.equal([
      false,
      false,
      false,
      false,
      true,
    ]);
    const [root] = (await staged.chain.read()).cohorts[0]?.enrolments.map((it) => it.root) ?? [];
    const held = await Promise.all(
      staged.operators.map(({ parts }) => parts.stores.patients.of(parts.id, root ?? "0x")),
    );
    for (const entries of held) expect(entries).to.deep.equal(held[0]);
    // Nothing is left that links her to her place; once more changes nothing.
    const { erasures } = at(staged, 0).parts.stores;
    expect(await erasures.outstanding(at(staged, 0).parts.id, markOf(SECRET, keyOf("B")))).to.equal(null);
    expect((await erase(staged, 0, "B")).complete).to.equal(true);
  });

  it("comes to one key when two operators ask at a time, whatever the order", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    for (const operator of [0, 1, 2, 3, 4]) await staged.pass(operator, "2026-01-20");
    await staged.pass(0, "2026-08-20");
    const state = await staged.chain.read();
    const { parts } = at(staged, 0);
    const entries = await parts.stores.patients.byRoot(parts.id);
    const places = [0, 1].map(() => placeOfPatient({ state, entries }, keyOf("B"), randomBytes));
    for (const [i, { erasing }] of staged.operators.entries()) {
      for (const place of i % 2 === 0 ? places : [...places].reverse()) {
        const request = { agreement: parts.id, patientKey: keyOf("B"), place };
        expect((await eraseHere(erasing, state, request, parts.own)).status).to.equal("erased");
      }
    }
    const root = places[0]?.root ?? "0x";
    const lower = places.map((place) => place?.patientKey ?? "0x").sort()[0];
    const [landed] = state.clause(1, 0).reports;
    for (const { parts: own } of staged.operators) {
      const held = await own.stores.patients.of(own.id, root);
      expect(held.map(({ patientKey: key }) => key)).to.include(lower);
      const leaves = await own.stores.reports.leavesOf(own.id, landed?.report.root ?? "0x");
      if (leaves.length > 0)
        expect(leaves.filter(isErasedLeaf).map(({ patientKey: key }) => key)).to.deep.equal([lower]);
    }
    expect(told(await staged.pass(2, "2028-01-30"))).to.include("report 3/0 1: done");
  });

  it("waits while a report with her is open to challenge", async () => {
    const staged = await stageAgreement(world, WINDOWED, GROUP);
    await staged.pass(0, "2026-01-20");
    await staged.pass(0, "2026-08-20");
    const { complete, operators } = await erase(staged, 0, "B");
    expect(complete).to.equal(false);
    expect(operators.map(({ answer }) => answer.status)).to.deep.equal(["waiting"]);
    await staged.pass(0, "2026-08-28");
    expect((await erase(staged, 0, "B")).operators[0]?.answer.status).to.equal("erased");
  });

  it("waits while an enrolment with her may still land, and forgets one that never did", async () => {
    const dear = SHEET.replace("price: 1000", "price: 600000");
    const staged = await stageAgreement(world, dear, GROUP);
    expect(told(await staged.pass(0, "2026-01-20"))).to.deep.equal(["enrol null/0 1: waiting"]);
    expect((await erase(staged, 0, "B")).statuses).to.deep.equal(["waiting"]);
    await staged.stage.setDay(day("2026-01-23"));
    const { complete, operators } = await erase(staged, 0, "B");
    expect(complete).to.equal(true);
    expect(operators[0]?.answer).to.deep.equal({ status: "erased", held: true, reports: [] });
    const { parts } = at(staged, 0);
    const held = [...(await parts.stores.patients.byRoot(parts.id)).values()].flat();
    expect(held.map(({ patientKey: key }) => key)).not.to.include(keyOf("B"));
    // She was never enrolled, so nothing keeps her from it.
    expect([...(await parts.stores.erasures.marks(parts.id))]).to.deep.equal([]);
  });

  it("is passed on to a node that starts with nothing", async () => {
    const staged = await stageAgreement(world, SHEET, [...GROUP, patient("D", day("2026-03-01"), 200)]);
    for (const on of ["2026-01-20", "2026-03-01"]) {
      for (const operator of [0, 1, 2, 3, 4]) await staged.pass(operator, on);
    }
    for (const name of ["B", "D"]) expect((await erase(staged, 0, name)).complete).to.equal(true);
    const { parts } = at(staged, 4);
    const stores = await openStores(":memory:", "test");
    const state = await staged.chain.read();
    expect(told(await catchUp({ ...parts, stores }, state))).to.deep.equal([
      "catch up null/0 1: done",
      "catch up null/0 2: done",
    ]);
    const [theirs, ours] = await Promise.all([parts.stores, stores].map((it) => it.patients.byRoot(parts.id)));
    for (const { root } of state.cohorts[0]?.enrolments ?? []) expect(ours?.get(root)).to.deep.equal(theirs?.get(root));
    expect([...(await stores.erasures.marks(parts.id))]).to.have.members(
      ["B", "D"].map((name) => markOf(SECRET, keyOf(name))),
    );
    // Nobody can be kept from enrolling by a peer that offers more marks than there are places.
    const wary = await openStores(":memory:", "test");
    const askEntries: typeof parts.askEntries = async (...asked) => {
      const found = await parts.askEntries(...asked);
      return found === null ? null : { ...found, marks: [...found.marks, markOf(SECRET, keyOf("A"))] };
    };
    await catchUp({ ...parts, stores: wary, askEntries }, state);
    expect([...(await wary.erasures.marks(parts.id))]).to.deep.equal([]);
    // Once nobody can be enrolled any more the marks serve nothing.
    await catchUp({ ...parts, stores }, { ...state, today: day("2027-01-01") });
    expect([...(await stores.erasures.marks(parts.id))]).to.deep.equal([]);
  });

  it("is not taken from one peer's word while another holds her", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    for (const operator of [0, 1, 2, 3, 4]) await staged.pass(operator, "2026-01-20");
    for (const other of staged.operators.slice(1)) other.down = true;
    expect((await erase(staged, 0, "B")).complete).to.equal(false);
    for (const other of staged.operators) other.down = false;
    const { parts } = at(staged, 4);
    expect(parts.peers[0]?.address, "asked first").to.equal(at(staged, 0).parts.own);
    const stores = await openStores(":memory:", "test");
    const state = await staged.chain.read();
    await catchUp({ ...parts, stores }, state);
    const [root] = state.cohorts[0]?.enrolments.map((it) => it.root) ?? [];
    const held = await stores.patients.of(parts.id, root ?? "0x");
    expect(held.map(({ patientKey: key }) => key)).to.include(keyOf("B"));
    expect([...(await stores.erasures.marks(parts.id))]).to.deep.equal([]);
  });

  it("does not come back with a report that was computed before", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    for (const operator of [0, 1, 2, 3, 4]) await staged.pass(operator, "2026-01-20");
    await staged.stage.setDay(day("2026-08-20"));
    const { parts, records } = at(staged, 0);
    const view = await loadView(parts, await staged.chain.read(), records);
    const dates = { asOfDay: day("2026-08-20"), lastDay: day("2026-08-21") };
    const computed = computeMilestone(view, 1, 0, dates);
    if (computed.status !== "proposal") throw new Error("a report is due");
    await erase(staged, 0, "B");
    let refusal: unknown;
    await computed.proposal.keep().catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(ErasedMeanwhile);
    expect(told(await staged.pass(0, "2026-08-20"))).to.deep.equal(["report 1/0 1: done"]);
  });

  it("refuses a place where another patient stands, and a key out of order", async () => {
    const staged = await stageAgreement(world, SHEET, GROUP);
    await staged.pass(0, "2026-01-20");
    const state = await staged.chain.read();
    const { parts, erasing } = at(staged, 0);
    const place = placeOfPatient(
      { state, entries: await parts.stores.patients.byRoot(parts.id) },
      keyOf("B"),
      randomBytes,
    );
    if (place === null) throw new Error("she is enrolled");
    const position = (place.position + 1) % 3;
    const wrong = [
      { patientKey: keyOf("B"), place: { ...place, position } },
      { patientKey: keyOf("A"), place },
      { patientKey: keyOf("B"), place: { ...place, patientKey: keyOf("C") } },
      { patientKey: keyOf("B"), place, agreement: { ...parts.id, chainId: 1n } },
    ];
    for (const request of wrong) {
      const answer = await eraseHere(erasing, state, { agreement: parts.id, ...request }, parts.own);
      expect(answer.status).to.equal("refused");
    }
    const absent = await eraseHere(
      erasing,
      state,
      { agreement: parts.id, patientKey: keyOf("B"), place: null },
      parts.own,
    );
    expect(absent.status, "she is enrolled").to.equal("waiting");
  });

  it("leaves nothing of her in the SQLite files", async () => {
    const files = await Promise.all([0, 1, 2, 3, 4].map(() => SQLITE.fresh()));
    const staged = await stageAgreement(world, SHEET, GROUP, (operator) => files[operator] ?? "");
    await staged.pass(0, "2026-01-20");
    await staged.pass(0, "2026-08-20");
    const { parts } = at(staged, 0);
    const [enrolment] = (await staged.chain.read()).cohorts[0]?.enrolments ?? [];
    const entries = await parts.stores.patients.of(parts.id, enrolment?.root ?? "0x");
    const salt = entries.find(({ patientKey: key }) => key === keyOf("B"))?.salt ?? "";
    const onDisk = (): string => ["", "-wal"].map((end) => readFileSync(`${files[0]}${end}`, "latin1")).join("");
    for (const trace of [salt, keyOf("B"), "Observation/B"]) expect(onDisk()).to.contain(trace);
    await erase(staged, 0, "B");
    for (const trace of [salt, keyOf("B"), "Observation/B"]) expect(onDisk()).not.to.contain(trace);
    expect(onDisk()).to.contain("Observation/A");
  });
});

describe("the key in an erased patient's place", () => {
  // Keys are hashes, so that there is room between any two.
  const entries = fc
    .uniqueArray(fc.nat(1_000_000), { minLength: 1, maxLength: 12 })
    .map((names) =>
      names
        .map((name): EnrolmentEntry => ({ patientKey: keyOf(`${name}`), indexDay: 0, salt: keyOf(`salt ${name}`) }))
        .sort((a, b) => (a.patientKey < b.patientKey ? -1 : 1)),
    );
  const root: Hex = `0x${"11".repeat(32)}`;

  function place(held: readonly EnrolmentEntry[], position: number) {
    const enrolments = [{ number: 1, patients: held.length, indexedDay: 0, root }];
    const state = { cohorts: [{ patients: held.length, number: 1, lastIndexedDay: 0, opened: true, enrolments }] };
    const view = { state: state as never, entries: new Map([[root, held]]) };
    return placeOfPatient(view, held[position]?.patientKey ?? "0x", randomBytes);
  }

  it("lies between those of her neighbours, is another each time, and says nothing of hers", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (held, pick) => {
        const position = pick % held.length;
        const [one, two] = [place(held, position), place(held, position)];
        if (one === null || two === null) throw new Error("she is enrolled");
        expect(one.position).to.equal(position);
        expect(fitsBetween(held, position, one.patientKey)).to.equal(true);
        const keys = held.map((it, i) => (i === position ? one.patientKey : it.patientKey));
        expect([...keys].sort()).to.deep.equal(keys);
        expect(new Set([one.patientKey, two.patientKey, held[position]?.patientKey]).size).to.equal(3);
        expect(one.salt).not.to.equal(two.salt);
      }),
    );
  });
});
