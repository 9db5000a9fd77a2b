import { expect } from "chai";
import fc from "fast-check";

import { auditReports, provePatient } from "../../oracle/audit/audit.ts";
import { proveInEnrolment, proveInReport, RootMismatch } from "../../oracle/audit/proof.ts";
import type { Outcomes } from "../../oracle/outcomes.ts";
import { fromHex, type Hex } from "../../oracle/report/bytes.ts";
import { enrolmentHashes, type EnrolmentEntry } from "../../oracle/report/enrolment.ts";
import { patientKey } from "../../oracle/report/keys.ts";
import { merkleRoot, verifyProof } from "../../oracle/report/root.ts";
import { tally } from "../../oracle/report/tally.ts";
import { openStores } from "../../oracle/store/stores.ts";
import { createWorld, type World } from "../../runner/world.ts";
import { patient, recordsOf, SECRET, SHEET, type TestPatient } from "./fixture.ts";
import { PAYOFF } from "./report/vectors.ts";
import { day, stageAgreement, type Staged } from "./stage.ts";

const keyOf = (name: string): Hex => patientKey(SECRET, { system: "urn:test", value: name });
const group = (pfs: readonly (number | null)[]): TestPatient[] =>
  pfs.map((days, i) => patient("ABC"[i] ?? "", day("2026-01-10") + i, days));

describe("auditing a report", function () {
  this.timeout(120_000);
  let world: World;
  let staged: Staged;
  before(async () => {
    world = await createWorld();
    staged = await stageAgreement(world, SHEET, group([183, 90, null]));
    await staged.pass(0, "2026-01-20");
    await staged.pass(0, "2026-08-20");
    await staged.pass(0, "2028-01-30");
  });
  after(() => world.close());

  /** The audits of the first operator, with these records and perhaps another store. */
  async function audit(records: Outcomes<TestPatient>, filter = {}, stores = parts().stores) {
    const openRecords = (): Promise<Outcomes<TestPatient>> => Promise.resolve(records);
    return auditReports({ ...parts(), stores, openRecords }, await staged.chain.read(), filter);
  }
  function parts() {
    const [first] = staged.operators;
    if (first === undefined) throw new Error("five operators");
    return first.parts;
  }

  it("finds the same from the same records, milestone and wager, and says by what they were computed", async () => {
    const found = await audit(recordsOf(group([183, 90, null])));
    expect(found.map(({ clause, kind, number, result }) => [clause, kind, number, result])).to.deep.equal([
      [1, "milestone", 1, "same"],
      [3, "wager", 1, "same"],
    ]);
    for (const { patients, fields, tiers, limits, computed, snapshot } of found) {
      expect([...patients, ...fields, ...tiers, ...limits]).to.deep.equal([]);
      expect(computed).to.deep.equal({ snapshot: "snapshot 1", rules: staged.agreement.rules, code: "test" });
      expect(snapshot).to.equal("snapshot 1");
    }
  });

  it("looks only at what was asked for, and reads each day's records once", async () => {
    const records = recordsOf(group([183, 90, null]));
    expect((await audit(records, { clause: 3 })).map(({ clause }) => clause)).to.deep.equal([3]);
    expect(await audit(records, { number: 2 })).to.deep.equal([]);
    const days: number[] = [];
    const read: number[] = [];
    const openRecords = (asOfDay: number): Promise<Outcomes<TestPatient>> => {
      read.push(asOfDay);
      return Promise.resolve(records);
    };
    await auditReports({ ...parts(), openRecords }, await staged.chain.read(), {}, (asOfDay) => days.push(asOfDay));
    expect(days).to.deep.equal([day("2026-08-20"), day("2028-01-30")]);
    expect(read).to.deep.equal(days);
  });

  it("names the patients of whom the records say something else, with tier, value, reason and evidence", async () => {
    const [milestone] = await audit(recordsOf(group([183, 185, null]), "snapshot 2"), { clause: 1 });
    expect(milestone?.result).to.equal("different");
    expect(milestone?.fields.map(({ field }) => field)).to.deep.equal(["root"]);
    expect(milestone?.tiers).to.deep.equal([
      { tier: 0, proposed: { patients: 1, sum: "0" }, computed: { patients: 0, sum: "0" } },
      { tier: 1, proposed: { patients: 1, sum: "0" }, computed: { patients: 2, sum: "0" } },
    ]);
    const evidence = ["Observation/B"];
    expect(milestone?.patients).to.deep.equal([
      {
        patientKey: keyOf("B"),
        before: { tier: 0, value: "90", reason: null, evidence },
        after: { tier: 1, value: "185", reason: null, evidence },
      },
    ]);
    expect(milestone?.snapshot).to.equal("snapshot 2");

    const [gone] = await audit(recordsOf(group([183, 90])), { clause: 1 });
    expect(gone?.patients.map(({ patientKey: key, after }) => [key, after?.reason])).to.deep.equal([
      [keyOf("C"), "not in the records"],
    ]);
  });

  it("shows one patient of whom nothing has changed, where she is asked for", async () => {
    const found = await audit(recordsOf(group([183, 185, null])), { patientKey: keyOf("A") });
    expect(found.map(({ clause, result }) => [clause, result])).to.deep.equal([
      [1, "different"],
      [3, "different"],
    ]);
    for (const { patients } of found) {
      expect(patients.map(({ patientKey: key }) => key)).to.deep.equal([keyOf("A")]);
      expect(patients[0]?.before).to.deep.equal(patients[0]?.after);
    }
    expect(await audit(recordsOf(group([183, 90, null])), { patientKey: keyOf("D") })).to.deep.equal([]);
  });

  it("tells other evidence for the same outcome from another outcome", async () => {
    const records = recordsOf(group([183, 90, null]));
    const moved: Outcomes<TestPatient> = {
      ...records,
      milestone: (...asked) => ({
        ...records.milestone(...asked),
        evidence: [`${asked[0].patient.identifier.value}/2`],
      }),
    };
    const [found] = await audit(moved, { clause: 1 });
    expect(found?.result).to.equal("evidence");
    expect(found?.patients.map(({ before, after }) => [before?.evidence, after?.evidence])).to.have.deep.members(
      ["A", "B", "C"].map((name) => [[`Observation/${name}`], [`${name}/2`]]),
    );
  });

  it("sees a change in a wager's value", async () => {
    const [found] = await audit(recordsOf(group([183, 184, null])), { clause: 3 });
    expect(found?.result).to.equal("different");
    expect(found?.fields.map(({ field }) => field)).to.include("value");
  });

  it("says plainly what an operator who does not hold it can't tell", async () => {
    const empty = await openStores(":memory:", "test");
    const same = recordsOf(group([183, 90, null]));
    for (const { result, limits } of await audit(same, {}, empty)) {
      expect(result).to.equal("unknown");
      expect(limits.join()).to.match(/not all held/);
    }
    // With the enrolments alone the root can be recomputed, and a difference has no names.
    for (const [root, entries] of await parts().stores.patients.byRoot(parts().id)) {
      await empty.patients.save(parts().id, 0, 1, root, entries);
    }
    for (const { result, limits, computed } of await audit(same, {}, empty)) {
      expect([result, computed]).to.deep.equal(["same", null]);
      expect(limits.join()).to.match(/keeps no leaves/);
    }
    const [found] = await audit(recordsOf(group([183, 185, null])), { clause: 1 }, empty);
    expect(found).to.deep.include({ result: "different", patients: [] });
  });

  it("notices leaves that are not those of the report", async () => {
    const { stores, id } = parts();
    const [landed] = (await staged.chain.read()).clause(1, 0).reports;
    const held = await stores.reports.of(id, landed?.report.root ?? "0x");
    if (held === null) throw new Error("the report is held");
    const reports = { ...stores.reports, of: () => Promise.resolve({ ...held, leaves: held.leaves.slice(1) }) };
    const [found] = await audit(recordsOf(group([183, 90, null])), { clause: 1 }, { ...stores, reports });
    expect(found?.result).to.equal("different");
    expect(found?.limits.join()).to.match(/not the report's/);
    expect(found?.fields.map(({ field, proposed }) => [field, proposed])).to.deep.equal([
      ["leaves held", landed?.report.root],
    ]);
  });

  it("proves every patient's place in what landed, against the chain's roots", async () => {
    const state = await staged.chain.read();
    const roots = [
      ...(state.cohorts[0]?.enrolments ?? []).map(({ root }) => root),
      ...[1, 3].flatMap((clause) => state.clause(clause, 0).reports.map(({ report }) => report.root)),
    ];
    for (const name of ["A", "B", "C"]) {
      const { proofs, notHeld } = await provePatient(parts(), state, keyOf(name));
      expect(proofs.map(({ kind }) => kind)).to.deep.equal(["enrolment", "milestone", "wager"]);
      expect(proofs.map(({ root }) => root)).to.deep.equal(roots);
      for (const { leaf, leafHash, root, proof } of proofs) {
        expect(leaf.patientKey).to.equal(keyOf(name));
        expect(verifyProof(root, fromHex(leafHash, 32), proof)).to.equal(true);
      }
      expect(notHeld).to.deep.equal([]);
    }
    expect((await provePatient(parts(), state, keyOf("D"))).proofs).to.deep.equal([]);
    const only = await provePatient(parts(), state, keyOf("A"), { clause: 1 });
    expect(only.proofs.map(({ kind }) => kind)).to.deep.equal(["milestone"]);
    const empty = await openStores(":memory:", "test");
    const none = await provePatient({ ...parts(), stores: empty }, state, keyOf("A"));
    expect(none.proofs).to.deep.equal([]);
    expect(none.notHeld.map(({ clause }) => clause)).to.deep.equal([1, 3]);
  });
});

describe("an inclusion proof", () => {
  const values = fc.array(fc.bigInt({ min: 0n, max: 400n }), { minLength: 1, maxLength: 20 });

  it("leads from each leaf to the root, of reports and enrolments of any size, and from nobody else's", () => {
    fc.assert(
      fc.property(values, fc.nat(), (drawn, pick) => {
        const subject = { kind: "report", clause: 1, cohort: 0, number: 2 } as const;
        const patients = drawn.map((value, i) => ({ key: keyOf(`${i}`), salt: keyOf(`salt ${i}`), value }));
        const { leaves, root } = tally(
          PAYOFF,
          patients.map(({ key, salt, value }) => ({ patientKey: key, salt, batch: 1, outcome: { value } })),
          subject,
        );
        const held = leaves.map((leaf) => ({ ...leaf, evidence: [], reason: null }));
        const key = keyOf(`${pick % drawn.length}`);
        const found = proveInReport(held, root, key);
        expect(found?.leaf.patientKey).to.equal(key);
        expect(
          verifyProof(
            root,
            fromHex(found?.leafHash ?? "0x", 32),
            found?.proof ?? { index: 0, leaves: 0, siblings: [] },
          ),
        ).to.equal(true);
        expect(proveInReport(held, root, keyOf("nobody"))).to.equal(null);
        const last = held.at(-1);
        if (held.length < 2 || last === undefined) return;
        expect(() => proveInReport(held.slice(1), root, last.patientKey)).to.throw(RootMismatch);
      }),
    );
  });

  it("of an enrolment is refused when what is held is not what landed", () => {
    const entries = ["A", "B", "C"]
      .map((name): EnrolmentEntry => ({ patientKey: keyOf(name), salt: keyOf(`salt ${name}`), indexDay: 5 }))
      .sort((a, b) => (a.patientKey < b.patientKey ? -1 : 1));
    const root = merkleRoot(enrolmentHashes(entries, 0, 1));
    expect(proveInEnrolment(entries, { cohort: 0, number: 1, root }, keyOf("A"))?.leaf.indexDay).to.equal(5);
    expect(() => proveInEnrolment(entries, { cohort: 0, number: 2, root }, keyOf("A"))).to.throw(RootMismatch);
  });
});

describe("a patient's keys", () => {
  it("in two agreements share nothing that one of the secrets would show", () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const identifier = fc.record({ system: fc.string(), value: fc.string({ minLength: 1 }) });
    fc.assert(
      fc.property(
        secret,
        secret,
        fc.uniqueArray(identifier, { minLength: 2, selector: (it) => JSON.stringify(it) }),
        (one, two, people) => {
          fc.pre(Buffer.compare(one, two) !== 0);
          const first = people.map((it) => patientKey(one, it));
          const second = people.map((it) => patientKey(two, it));
          expect(new Set([...first, ...second]).size).to.equal(2 * people.length);
        },
      ),
    );
    // The order of keys, which trees show, does not carry over: it agrees on about half of the pairs, as chance has it.
    const people = Array.from({ length: 200 }, (_, i) => ({ system: "urn:test", value: `${i}` }));
    const [a, b] = [1, 2].map((byte) => people.map((it) => patientKey(new Uint8Array(32).fill(byte), it)));
    let agree = 0;
    for (let i = 1; i < people.length; i++) {
      if ((a?.[i - 1] ?? "") < (a?.[i] ?? "") === (b?.[i - 1] ?? "") < (b?.[i] ?? "")) agree += 1;
    }
    expect(agree).to.be.within(60, 140);
  });
});
