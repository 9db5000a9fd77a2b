import { expect } from "chai";

import type { AgreementChain } from "../../oracle/chain/agreementChain.ts";
import type { AgreementState } from "../../oracle/chain/agreementState.ts";
import { cover, type CoverRow } from "../../oracle/keeper/cover.ts";
import type { NodeParts } from "../../oracle/node.ts";
import { createWorld, isRefused, type World } from "../../runner/world.ts";
import { ZERO_ROOT, enrolmentOf, patient, recordsOf, SHEET, type TestPatient } from "./fixture.ts";
import { day, pendingMilestone, play, told, type Play } from "./passes.ts";

/** Enrolled under one batch of 2026-01-20: refund and its report are due on 2026-08-11 and 2026-08-13, overdue 60 days later. */
const group = [patient("A", day("2026-01-10"), 183), patient("B", day("2026-01-12"), 90)];
const WINDOWED = SHEET.replace("grace: 28d", "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter");

describe("a keeper", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());
  const start = (sheet: string, patients: readonly TestPatient[] = group): Promise<Play> =>
    play(world, sheet, recordsOf(patients));
  const total = async ({ stage }: Play, clause: number): Promise<bigint> =>
    (await stage.contract.clauseState(clause, 0)).total;
  const never = (keeper: Play["keeper"]): Play["keeper"] => ({ ...keeper, keeper: { lapseAfter: null } });

  it("settles a report whose window has closed, without records and without a seat on the committee", async () => {
    const story = await start(WINDOWED);
    const { operators, keeper, pass } = story;
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-08-11");
    expect(told(await pass(keeper, "2026-08-17"))).to.deep.equal([]);
    // It landed some seconds into the day.
    expect(told(await pass(keeper, "2026-08-19"))).to.deep.equal(["settle 1/0 1: done"]);
    expect(await total(story, 1)).to.equal(50_000n);
    expect(told(await pass(keeper, "2026-08-19"))).to.deep.equal([]);
  });

  it("settles a challenged report on which nobody ruled in time, and the bond goes back", async () => {
    const story = await start(WINDOWED);
    const { operators, keeper, pass, must, stage } = story;
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-08-11");
    await stage.setDay(day("2026-08-13"));
    const payer = stage.parties[0] ?? stage.relayer;
    await must((options) => stage.contract.connect(payer).challenge(1, 0, 1, 0, options));
    const { locked } = await stage.contract.accountOf(0);
    expect(told(await pass(keeper, "2026-09-11"))).to.deep.equal([]);
    expect(told(await pass(keeper, "2026-09-12"))).to.deep.equal(["settle 1/0 1: done"]);
    expect(await total(story, 1)).to.equal(50_000n);
    expect((await stage.contract.accountOf(0)).locked).to.equal(locked - 1_000n);
  });

  it("lapses patients on the first day on which they are overdue, or as much later as it is told, or never", async () => {
    const story = await start(SHEET);
    const { operators, keeper, pass } = story;
    await pass(operators[0], "2026-01-20");
    // Indexed on 12 January: due 183 + 28 days later, on 11 August; the report may come until 10 October.
    expect(told(await pass(keeper, "2026-10-10"))).to.deep.equal([]);
    expect(told(await pass(never(keeper), "2026-10-11"))).to.deep.equal([]);
    const patiently = { ...keeper, keeper: { lapseAfter: 14 } };
    expect(told(await pass(patiently, "2026-10-24"))).to.deep.equal([]);
    expect(told(await pass(patiently, "2026-10-25"))).to.deep.equal(["lapse 1/0 null: done"]);
    expect(await total(story, 1)).to.equal(40_000n);
    expect(told(await pass(keeper, "2026-10-25"))).to.deep.equal([]);
  });

  it("leaves patients in pending reports alone, and lapses again only when a reopened window is over", async () => {
    const story = await start(WINDOWED);
    const { operators, keeper, pass, must, stage } = story;
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-10-09");
    await stage.setDay(day("2026-10-11"));
    const payer = stage.parties[0] ?? stage.relayer;
    await must((options) => stage.contract.connect(payer).challenge(1, 0, 1, 0, options));
    expect(told(await pass(keeper, "2026-10-12"))).to.deep.equal([]);
    const report = await pendingMilestone(story, 1, 1);
    await must((options) => stage.contract.connect(stage.arbiter).ruleMilestone(report, false, options));
    // Rejected on 12 October: the operators have 60 days again.
    expect(told(await pass(keeper, "2026-12-11"))).to.deep.equal([]);
    expect(told(await pass(keeper, "2026-12-12"))).to.deep.equal(["lapse 1/0 null: done"]);
    expect(await total(story, 1)).to.equal(40_000n);
  });

  it("lapses a cohort's outcome after silence, and nothing of a cohort that never opened", async () => {
    const two = SHEET.replace(
      "clauses:",
      "  never: { population: Nobody, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }\nclauses:",
    );
    const { operators, keeper, pass, stage } = await start(two);
    await pass(operators[0], "2026-01-20");
    await pass(keeper, "2027-04-01");
    // Due on 29 January 2028, 365 + 28 days after the cohort closes.
    expect(told(await pass(keeper, "2028-03-29"))).to.deep.equal([]);
    expect(told(await pass(keeper, "2028-03-30"))).to.deep.equal(["lapse 3/0 null: done"]);
    expect((await stage.contract.clauseState(3, 0)).settled).to.equal(true);
    expect(told(await pass(keeper, "2028-03-30"))).to.deep.equal([]);
  });

  it("never lapses what it is itself about to report", async () => {
    const story = await start(SHEET);
    const { operators, keeper, pass } = story;
    const [first, ...others] = operators;
    await pass(first, "2026-01-20");
    for (const other of others) other.down = true;
    expect(told(await pass(first, "2026-10-11"))).to.deep.equal(["report 1/0 1: waiting"]);
    const unreadable: NodeParts<TestPatient> = { ...first.parts, openRecords: () => Promise.reject(new Error("down")) };
    expect(told(await pass(unreadable, "2026-10-11"))).to.deep.equal(["read null/null null: failed"]);
    for (const other of others) other.down = false;
    expect(told(await pass(first, "2026-10-11"))).to.deep.equal(["report 1/0 1: done"]);
    expect(await total(story, 1)).to.equal(50_000n);
    expect(told(await pass(keeper, "2026-10-11"))).to.deep.equal([]);
  });

  it("waits for a reporting day that is still to come when the term sheet gives less time than that", async () => {
    const seldom = SHEET.replace("reportWithin: 60d", "reportWithin: 5d, reportEvery: 90d");
    const { operators, keeper, pass } = await start(seldom);
    await pass(operators[0], "2026-01-20");
    // Due on 11 August; reporting days are 1 January + 90 days each: 29 June, 27 September.
    expect(told(await pass(operators[0], "2026-08-20"))).to.deep.equal([]);
    expect(told(await pass(keeper, "2026-08-20"))).to.deep.equal(["lapse 1/0 null: done"]);
  });

  it("is not troubled when somebody else was faster", async () => {
    const story = await start(SHEET);
    const { operators, keeper, chain, pass, stage } = story;
    await pass(operators[0], "2026-01-20");
    await stage.setDay(day("2027-03-01"));
    const before = await chain.read();
    expect(told(await pass(keeper, "2027-03-01"))).to.deep.equal(["settle 2/0 null: done", "lapse 1/0 null: done"]);
    const late: AgreementChain = { ...chain, read: () => Promise.resolve(before) };
    expect(told(await pass({ ...keeper, chain: late }, "2027-03-01"))).to.deep.equal([
      "settle 2/0 null: superseded",
      "lapse 1/0 null: superseded",
    ]);
  });

  it("settles what the contract knows, the payer's outlay last, all in one pass", async () => {
    const known =
      `${SHEET}  volume: { type: wager, metric: enrolled, due: 1mo, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 2, pays: 5 }] }
  cap: { type: wager, metric: outlay, due: 1mo, basis: total, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 1000, pays: 30 }] }
`.replace(/ {2}bonus: .*\n/, "");
    const story = await start(known);
    const { operators, keeper, pass } = story;
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-08-11");
    // Closed on 1 January 2027, so volume is due on 31 January; the last payment by time on 12 January.
    expect(told(await pass(keeper, "2027-01-11"))).to.deep.equal([]);
    expect(told(await pass(keeper, "2027-01-31"))).to.deep.equal([
      "settle 2/0 null: done",
      "settle 3/0 null: done",
      "settle 4/0 null: done",
    ]);
    // 2 × 1,000.00 − 500.00 + 2 × 10.00 paid by then, less the volume discount.
    expect([await total(story, 3), await total(story, 4)]).to.deep.equal([1_000n, 3_000n]);
    expect(told(await pass(keeper, "2027-01-31"))).to.deep.equal([]);
  });

  it("does not try the outlay while outcomes are outstanding", async () => {
    const known =
      `${SHEET}  cap: { type: wager, metric: outlay, due: 1mo, basis: total, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 1000, pays: 30 }] }
`.replace(/ {2}bonus: .*\n/, "");
    const { operators, keeper, pass } = await start(known);
    await pass(operators[0], "2026-01-20");
    expect(told(await pass(never(keeper), "2027-02-01"))).to.deep.equal(["settle 2/0 null: done"]);
    expect(told(await pass(keeper, "2027-02-02"))).to.deep.equal(["lapse 1/0 null: done", "settle 3/0 null: done"]);
  });
});

describe("the warning of money that will be missing", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  /** Two payers share, the maker secures refunds out of what it is paid, and a clause locks once for the cohort. */
  const SHARED = SHEET.replace(
    "payer: [{ name: Basic }]",
    "payer: [{ name: Basic, share: 60% }, { name: Fund, share: 40% }]",
  )
    .replace("type: wager,", "type: wager, basis: total,")
    .replace("maxPatients: 4", "maxPatients: 40")
    .replace("reportWithin: 60d", "reportWithin: 60d, reportEvery: 30d");

  it("names each party, what it has and what it needs, as the agreement reckons", async () => {
    const { stage, keeper, pass, must, agreement } = await play(world, SHARED, recordsOf([]), { deposit: 0n });
    let rows: readonly CoverRow[] = [];
    const onState = (state: AgreementState): void => void (rows = cover(agreement, state));
    const watched = { ...keeper, onState };
    const events = await pass(watched, "2026-01-02");
    // 40 patients in 365 days: four in 30.
    expect(rows.map(({ member, patients, suffices }) => [member, patients, suffices])).to.deep.equal([
      [0, 4, 0],
      [1, 4, 0],
    ]);
    expect(events.map(({ result, shortfall }) => [result, shortfall?.party])).to.deep.equal([
      ["warning", "payer/Basic"],
      ["warning", "payer/Fund"],
    ]);
    expect(events[0]?.detail).to.contain("CNY 0 free").and.to.contain(`CNY 2484`);

    const enrol = (patients: number) =>
      stage.send((options) => {
        const message = enrolmentOf(patients, day("2026-01-02"));
        return stage.contract.enrol(message, stage.endorse({ kind: "enrolment", message }), "0x", options);
      });
    for (const { member, needed } of rows) {
      await must((options) => stage.token.mint(stage.relayer, needed, options));
      await must((options) => stage.contract.deposit(member, needed - 1n, options));
    }
    expect(await enrol(4)).to.have.property("error", "InsufficientEscrow");
    for (const { member } of rows) await must((options) => stage.contract.deposit(member, 1n, options));
    expect(await pass(watched, "2026-01-02")).to.deep.equal([]);
    expect(rows.map(({ suffices }) => suffices)).to.deep.equal([4, 4]);
    expect(isRefused(await enrol(4))).to.equal(false);
    expect(agreement.members.length).to.equal(3);
    // All that was brought is paid or locked now.
    const again = await pass(watched, "2026-01-03");
    expect(again.map(({ shortfall }) => shortfall?.free)).to.deep.equal(["0", "0"]);
  });

  it("reckons with the pace so far, and with no more patients than there is room for", async () => {
    const { stage, keeper, pass, must, agreement } = await play(world, SHARED, recordsOf([]));
    let rows: readonly CoverRow[] = [];
    const onState = (state: AgreementState): void => void (rows = cover(agreement, state));
    const watched = { ...keeper, onState };
    const enrol = async (patients: number, number: number, on: string): Promise<void> => {
      await stage.setDay(day(on));
      const message = { ...enrolmentOf(patients, day(on)), number, root: ZERO_ROOT };
      const endorsement = stage.endorse({ kind: "enrolment", message });
      await must((options) => stage.contract.enrol(message, endorsement, "0x", options));
    };
    await enrol(10, 1, "2026-01-11");
    await pass(watched, "2026-01-31");
    // Ten in thirty days.
    expect(rows[0]?.patients).to.equal(10);
    await enrol(27, 2, "2026-03-01");
    await pass(watched, "2026-03-02");
    expect(rows[0]?.patients).to.equal(3);
    await enrol(3, 3, "2026-03-02");
    await pass(watched, "2026-03-02");
    expect(rows).to.deep.equal([]);
  });
});
