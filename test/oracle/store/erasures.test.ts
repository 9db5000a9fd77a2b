import { expect } from "chai";
import { randomBytes } from "ethers";
import fc from "fast-check";
import { sql } from "kysely";

import { markOf } from "../../../oracle/erase/mark.ts";
import { placeOfPatient, type ErasurePlace } from "../../../oracle/erase/place.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { enrolmentHashes, isErased, type EnrolmentEntry } from "../../../oracle/report/enrolment.ts";
import { patientKey } from "../../../oracle/report/keys.ts";
import { hashHeldLeaves, isErasedLeaf } from "../../../oracle/report/leaf.ts";
import { merkleRoot } from "../../../oracle/report/root.ts";
import { tally } from "../../../oracle/report/tally.ts";
import type { Database } from "../../../oracle/store/database.ts";
import { ErasedMeanwhile } from "../../../oracle/store/reports.ts";
import { openStores } from "../../../oracle/store/stores.ts";
import { AGREEMENT, PAYOFF, SECRET } from "../report/vectors.ts";
import { onBothDatabases } from "./databases.ts";

const TABLES = ["endorsed", "enrolled", "report", "leaf", "erased_mark", "erasure"];
const ERASED_BY = "0x0000000000000000000000000000000000000001";

/** A cohort of patients by number, each with a value; `erased` in the order in which they are. */
const cohort = fc
  .record({
    values: fc.array(fc.bigInt({ min: -400n, max: 400n }), { minLength: 1, maxLength: 9 }),
    erased: fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }),
  })
  .map(({ values, erased }) => ({ values, erased: [...new Set(erased.map((i) => i % values.length))] }));

let drawn = 0;

/** Every run has patients of its own, so that one store serves them all. */
function drawPatients(values: readonly bigint[]) {
  drawn += 1;
  const named = values.map((value, i) => ({
    value,
    patientKey: patientKey(SECRET, { system: "urn:test", value: `${drawn}/${i}` }),
    salt: patientKey(SECRET, { system: "urn:salt", value: `${drawn}/${i}` }),
  }));
  return named.sort((a, b) => (a.patientKey < b.patientKey ? -1 : 1));
}

async function dump({ db }: Database): Promise<string> {
  const rows = await Promise.all(TABLES.map((table) => sql`select * from ${sql.table(table)}`.execute(db)));
  return JSON.stringify(rows.map((found) => found.rows));
}

onBothDatabases("erasing in a store", (database) => {
  it("keeps every root and everybody else's leaf, and nothing of who was erased", async () => {
    const { database: opened, ...stores } = await openStores(await database.fresh(), "test");
    let places = 0;
    await fc.assert(
      fc.asyncProperty(cohort, async ({ values, erased }) => {
        const patients = drawPatients(values);
        const number = drawn;
        const entries = patients.map(({ patientKey: key, salt }): EnrolmentEntry => ({
          patientKey: key,
          salt,
          indexDay: 7,
        }));
        const root = merkleRoot(enrolmentHashes(entries, 0, number));
        await stores.patients.save(AGREEMENT, 0, number, root, entries);
        const assessed = patients.map(({ patientKey: key, salt, value }) => ({
          patientKey: key,
          salt,
          batch: number,
          outcome: { value },
        }));
        const reports = [1, 2].map((clause) => {
          const {
            leaves,
            tallies,
            notEvaluable,
            root: top,
          } = tally(PAYOFF, assessed, { kind: "report", clause, cohort: 0, number });
          const place = { clause, cohort: 0, number, asOfDay: 9, lastDay: 10 };
          const content = { kind: "milestone", message: { ...place, tallies, notEvaluable, root: top } } as const;
          const evidenced = leaves.map((leaf) => ({ ...leaf, evidence: [`about ${leaf.patientKey}`], reason: null }));
          return { content, snapshot: "s", rules: "r", leaves: evidenced };
        });
        for (const report of reports) await stores.reports.save(AGREEMENT, report, places);

        const held = new Map([[root, entries]]);
        const state = {
          cohorts: [{ enrolments: [{ number, patients: entries.length, indexedDay: 7, root }] }],
        } as never;
        for (const i of erased) {
          const key = patients[i]?.patientKey ?? "0x";
          const both = [0, 1].map(() => placeOfPatient({ state, entries: held }, key, randomBytes));
          for (const place of both) {
            const erasure = { patientKey: key, mark: markOf(SECRET, key), place, operator: ERASED_BY, day: 8 };
            const found = await stores.erasures.erase(AGREEMENT, erasure);
            expect(found).to.deep.equal({
              status: "erased",
              held: place === both[0],
              reports: place === both[0] ? [1, 2].map((clause) => ({ clause, cohort: 0, number })) : [],
            });
          }
        }
        places += erased.length;

        const now = await stores.patients.of(AGREEMENT, root);
        expect(merkleRoot(enrolmentHashes(now, 0, number))).to.equal(root);
        expect(now.map((entry, i) => (isErased(entry) ? i : -1)).filter((i) => i !== -1)).to.deep.equal(
          [...erased].sort(),
        );
        now.forEach((entry, i) => {
          if (!isErased(entry)) expect(entry).to.deep.equal(entries[i]);
        });
        for (const { content, leaves } of reports) {
          const kept = await stores.reports.leavesOf(AGREEMENT, content.message.root);
          expect(merkleRoot(hashHeldLeaves(kept))).to.equal(content.message.root);
          kept.forEach((leaf, i) => {
            if (isErasedLeaf(leaf)) expect(now.map((entry) => entry.patientKey)).to.include(leaf.patientKey);
            else expect(leaf).to.deep.equal(leaves[i]);
          });
          expect(kept.filter(isErasedLeaf).length).to.equal(erased.length);
        }
        const all = await dump(opened);
        for (const [i, { patientKey: key, salt }] of patients.entries()) {
          for (const trace of [key, salt]) expect(all.includes(trace)).to.equal(!erased.includes(i));
        }
      }),
      { numRuns: 15 },
    );
    await opened.close();
  });

  it("takes no report that was computed before, and remembers an erasure until all have confirmed it", async () => {
    const { database: opened, ...stores } = await openStores(await database.fresh(), "test");
    const [one] = drawPatients([1n]);
    if (one === undefined) throw new Error("one patient");
    const entries = [{ patientKey: one.patientKey, salt: one.salt, indexDay: 7 }];
    const root = merkleRoot(enrolmentHashes(entries, 0, 1));
    await stores.patients.save(AGREEMENT, 0, 1, root, entries);
    const bytes = (byte: string): Hex => `0x${byte.repeat(32)}`;
    const place: ErasurePlace = { cohort: 0, number: 1, root, position: 0, patientKey: bytes("aa"), salt: bytes("bb") };
    const mark = markOf(SECRET, one.patientKey);
    expect(await stores.erasures.outstanding(AGREEMENT, mark)).to.equal(null);
    await stores.erasures.begin(AGREEMENT, mark, place);
    await stores.erasures.begin(AGREEMENT, mark, place);
    expect(await stores.erasures.outstanding(AGREEMENT, mark)).to.deep.equal(place);
    const erasure = { patientKey: one.patientKey, mark, place, operator: ERASED_BY, day: 8 };
    const absent = { ...place, root: bytes("cc") };
    expect(await stores.erasures.erase(AGREEMENT, { ...erasure, place: absent })).to.equal("not held");
    await stores.erasures.erase(AGREEMENT, erasure);
    await stores.erasures.end(AGREEMENT, mark);
    expect(await stores.erasures.outstanding(AGREEMENT, mark)).to.equal(null);
    expect([...(await stores.erasures.marks(AGREEMENT))]).to.deep.equal([mark]);

    const {
      leaves,
      tallies,
      notEvaluable,
      root: top,
    } = tally(PAYOFF, [{ patientKey: one.patientKey, salt: one.salt, batch: 1, outcome: { value: 1n } }], {
      kind: "report",
      clause: 1,
      cohort: 0,
      number: 1,
    });
    const message = { clause: 1, cohort: 0, number: 1, asOfDay: 9, lastDay: 10, tallies, notEvaluable, root: top };
    const evidenced = leaves.map((leaf) => ({ ...leaf, evidence: [], reason: null }));
    const report = { content: { kind: "milestone", message } as const, snapshot: "s", rules: "r", leaves: evidenced };
    let refusal: unknown;
    await stores.reports.save(AGREEMENT, report, 0).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(ErasedMeanwhile);
    await opened.shred();
    expect(await dump(opened)).not.to.contain(one.salt);
    await opened.close();
  });
});
