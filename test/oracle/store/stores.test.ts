import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";
import fc from "fast-check";
import { sql } from "kysely";

import type { EndorseRequest } from "../../../oracle/endorse/request.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import type { HeldEntry } from "../../../oracle/report/enrolment.ts";
import { digestOf, placeOf, type OracleMessage, type Place } from "../../../oracle/report/messages.ts";
import { openDatabase } from "../../../oracle/store/database.ts";
import { MIGRATIONS, StoreVersionError } from "../../../oracle/store/migrations/index.ts";
import type { EvidencedLeaf } from "../../../oracle/store/reports.ts";
import { openStores, storesOf } from "../../../oracle/store/stores.ts";
import { AGREEMENT } from "../report/vectors.ts";
import { milestone, requestFor, TODAY } from "../endorse/fixture.ts";
import { onBothDatabases, SQLITE } from "./databases.ts";

const OTHER = { ...AGREEMENT, chainId: AGREEMENT.chainId + 1n };

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((it): Hex => `0x${Buffer.from(it).toString("hex")}`);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int128 = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
// PostgreSQL holds any text but NUL, which JSON escapes; `reason` stands as it is and never holds one.
const text = fc.string({ unit: "grapheme" });
const entry: fc.Arbitrary<HeldEntry> = fc.oneof(
  fc.record({ patientKey: bytes32, indexDay: uint32, salt: bytes32 }),
  fc.record({ patientKey: bytes32, salt: bytes32, leafHash: bytes32 }),
);
const entries = fc.uniqueArray(entry, { selector: ({ patientKey }) => patientKey });
const leaf: fc.Arbitrary<EvidencedLeaf> = fc.record({
  tier: fc.nat(255),
  patientKey: bytes32,
  batch: uint32,
  value: int128,
  runningSum: int128,
  blind: bytes32,
  evidence: fc.array(text),
  reason: fc.option(text.map((it) => it.replaceAll("\0", ""))),
});

/** One of several contents for one place, each with another digest. */
const claimOf = (lastDay: number, value = 0n): EndorseRequest =>
  requestFor(milestone({ P1: value }, { lastDay }).content);

onBothDatabases("a store", (database) => {
  it("reads back the patients of enrolments as they were kept, by root and by agreement", async () => {
    const stores = await openStores(await database.fresh(), "test");
    const kept: Record<Hex, HeldEntry[]> = {};
    await fc.assert(
      fc.asyncProperty(bytes32, uint32, entries, async (root, number, patients) => {
        fc.pre(!(root in kept));
        await stores.patients.save(AGREEMENT, 0, number, root, patients);
        // Again, and for another agreement: neither changes what is held.
        await stores.patients.save(AGREEMENT, 0, number, root, patients);
        expect(await stores.patients.of(AGREEMENT, root)).to.deep.equal(patients);
        expect(await stores.patients.of(OTHER, root)).to.deep.equal([]);
        if (patients.length > 0) kept[root] = patients;
      }),
      { numRuns: 30 },
    );
    expect(Object.fromEntries(await stores.patients.byRoot(AGREEMENT))).to.deep.equal(kept);
    expect([...(await stores.patients.byRoot(OTHER))]).to.deep.equal([]);
    await stores.database.close();
  });

  it("reads back reports with what stands behind each leaf", async () => {
    const stores = await openStores(await database.fresh(), "program 1");
    await fc.assert(
      fc.asyncProperty(bytes32, text, fc.array(leaf, { maxLength: 20 }), async (root, note, leaves) => {
        const { content: drawn } = milestone();
        const content: OracleMessage = { kind: "milestone", message: { ...drawn.message, root } };
        const report = { content, snapshot: note.replaceAll("\0", ""), rules: "2026.1", leaves };
        await stores.reports.save(AGREEMENT, report, 0);
        expect(await stores.reports.of(AGREEMENT, root)).to.deep.equal({ ...report, code: "program 1" });
        expect(await stores.reports.keysOf(AGREEMENT, root)).to.deep.equal(leaves.map((it) => it.patientKey));
        expect(await stores.reports.of(OTHER, root)).to.equal(null);
        expect(await stores.reports.leavesOf(OTHER, root)).to.deep.equal([]);
      }),
      { numRuns: 30 },
    );
    await stores.database.close();
  });

  it("keeps more rows than one statement takes", async () => {
    const stores = await openStores(await database.fresh(), "test");
    const { content, leaves } = milestone();
    const [first] = leaves;
    if (first === undefined) throw new Error("the worked example has patients");
    const many = Array.from({ length: 1_700 }, (_, i): EvidencedLeaf => {
      const patientKey: Hex = `0x${i.toString(16).padStart(64, "0")}`;
      return { ...first, patientKey, value: BigInt(i), evidence: [`Observation/${i}`], reason: null };
    });
    await stores.reports.save(AGREEMENT, { content, snapshot: "s", rules: "2026.1", leaves: many }, 0);
    expect(await stores.reports.leavesOf(AGREEMENT, content.message.root)).to.deep.equal(many);
    const patients = many.map(({ patientKey, blind }) => ({ patientKey, indexDay: 1, salt: blind }));
    await stores.patients.save(AGREEMENT, 0, 1, content.message.root, patients);
    expect(await stores.patients.of(AGREEMENT, content.message.root)).to.deep.equal(patients);
    await stores.database.close();
  });

  it("reads of several computations of a report the last", async () => {
    const stores = await openStores(await database.fresh(), "test");
    for (const [i, lastDay] of [TODAY + 5, TODAY + 1, TODAY + 3].entries()) {
      const { content, leaves } = milestone({}, { lastDay });
      const evidenced = leaves.map((it) => ({ ...it, evidence: [`Observation/${i}`], reason: null }));
      await stores.reports.save(AGREEMENT, { content, snapshot: `s${i}`, rules: "2026.1", leaves: evidenced }, 0);
    }
    const held = await stores.reports.of(AGREEMENT, milestone().content.message.root);
    expect(held?.snapshot).to.equal("s2");
    expect(held?.leaves.map((it) => "evidence" in it && it.evidence[0])).to.deep.equal(
      held?.leaves.map(() => "Observation/2"),
    );
    await stores.database.close();
  });

  it("gives each place to one content, whoever claims and in whatever order, until its last day is over", async () => {
    const location = await database.fresh();
    const workers = await Promise.all([0, 1, 2].map(() => openStores(location, "test")));
    const claim = fc.record({ worker: fc.nat(2), value: fc.bigInt(0n, 3n), lastDay: fc.integer({ min: 0, max: 3 }) });
    const [first] = workers;
    if (first === undefined) throw new Error("three workers");
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { minLength: 2, maxLength: 8 }), fc.nat(2), async (claims, later) => {
        number += 1;
        const today = TODAY + later;
        const place: Place = { kind: "milestone", clause: 1, cohort: 0, number };
        const told = await Promise.all(
          claims.map(async ({ worker, value, lastDay }) => {
            const { content } = milestone({ P1: value }, { number, lastDay: TODAY + lastDay });
            const request = requestFor(content);
            const { endorsements } = workers[worker] ?? first;
            return { request, holder: await endorsements.claim(AGREEMENT, place, request, today) };
          }),
        );
        // Whoever was told that it holds the place may sign: of contents that still count there is at most one.
        const signed = told.filter(({ request, holder }) => holder.digest === request.digest);
        const counting = signed.filter(({ request }) => request.content.message.lastDay >= today);
        expect(new Set(counting.map(({ request }) => request.digest)).size).to.be.lessThanOrEqual(1);
        const held = await first.endorsements.holder(AGREEMENT, place);
        for (const { request } of counting) expect(held).to.deep.equal(request);
        for (const { holder } of told) expect(told.map(({ request }) => request.digest)).to.include(holder.digest);
      }),
      { numRuns: 40 },
    );
    await Promise.all(workers.map((it) => it.database.close()));
  });

  it("remembers claims and gives the place to another once the day has passed", async () => {
    const location = await database.fresh();
    const before = await openStores(location, "test");
    const one = claimOf(TODAY + 1);
    const two = claimOf(TODAY + 4, 7n);
    const place = placeOf(one.content);
    expect(await before.endorsements.holder(AGREEMENT, place)).to.equal(null);
    expect(await before.endorsements.claim(AGREEMENT, place, one, TODAY)).to.deep.equal(one);
    await before.database.close();
    const after = await openStores(location, "test");
    expect(await after.endorsements.claim(AGREEMENT, place, two, TODAY + 1)).to.deep.equal(one);
    expect(await after.endorsements.claim(AGREEMENT, place, two, TODAY + 2)).to.deep.equal(two);
    expect(await after.endorsements.holder(AGREEMENT, place)).to.deep.equal(two);
    expect(await after.endorsements.holder(OTHER, place)).to.equal(null);
    await after.database.close();
  });

  it("keeps no patient with a claimed enrolment but those put into the store", async () => {
    const stores = await openStores(await database.fresh(), "test");
    const root: Hex = `0x${"ab".repeat(32)}`;
    const content: OracleMessage = {
      kind: "enrolment",
      message: { cohort: 0, number: 1, patients: 1, indexedDay: 5, root, lastDay: TODAY },
    };
    const hex = (byte: string): Hex => `0x${byte.repeat(32)}`;
    const entries = [{ patientKey: hex("01"), indexDay: 4, salt: hex("02") }];
    const stranger = { patientKey: hex("03"), indexDay: 4, salt: hex("04") };
    await stores.patients.save(AGREEMENT, 0, 1, root, entries);
    const request = { ...requestFor(content), entries: [...entries, stranger] };
    const holder = await stores.endorsements.claim(AGREEMENT, placeOf(content), request, TODAY);
    expect(holder).to.deep.equal({ ...request, entries });
    expect(holder.digest).to.equal(digestOf(AGREEMENT, content));
    await stores.database.close();
  });

  it("is opened by several processes at once and brought up to date once", async () => {
    const location = await database.fresh();
    const opened = await Promise.all([0, 1, 2, 3].map(() => openDatabase(location)));
    const versions = await Promise.all(opened.map(({ db }) => db.selectFrom("store_version").selectAll().execute()));
    for (const rows of versions) expect(rows).to.deep.equal([{ version: MIGRATIONS.length }]);
    await Promise.all(opened.map((it) => it.close()));
  });

  it("refuses a store of a later version, and changes nothing in it", async () => {
    const location = await database.fresh();
    const ours = await openDatabase(location);
    await ours.db
      .updateTable("store_version")
      .set({ version: MIGRATIONS.length + 1 })
      .execute();
    await ours.close();
    let refusal: unknown;
    await openDatabase(location).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(StoreVersionError);
    await openDatabase(location).catch((error: unknown) => (refusal = error));
    expect(refusal, "still").to.be.instanceOf(StoreVersionError);
  });

  it("keeps all of a report or nothing", async () => {
    const opened = await openDatabase(await database.fresh());
    const { reports } = storesOf(opened, "test");
    const { content, leaves } = milestone();
    const [first] = leaves;
    if (first === undefined) throw new Error("the worked example has patients");
    const broken = { ...first, evidence: [], reason: null, tier: 0.5 };
    let failed = false;
    const report = { content, snapshot: "s", rules: "r", leaves: [{ ...broken, tier: 0 }, broken] };
    await reports.save(AGREEMENT, report, 0).catch(() => (failed = true));
    expect(failed).to.equal(true);
    expect(await reports.of(AGREEMENT, content.message.root)).to.equal(null);
    const { rows } = await sql`select 1 from leaf`.execute(opened.db);
    expect(rows).to.deep.equal([]);
    await opened.close();
  });
});

describe("an SQLite file", () => {
  it("that was written before stores had a version table is refused", async () => {
    const location = await SQLITE.fresh();
    const old = new DatabaseSync(location);
    old.exec("CREATE TABLE endorsed (digest TEXT); PRAGMA user_version = 1");
    old.close();
    let refusal: unknown;
    await openDatabase(location).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(StoreVersionError);
  });
});
