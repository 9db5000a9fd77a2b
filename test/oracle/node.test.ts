import { expect } from "chai";

import { createWorld, type World } from "../../runner/world.ts";
import { patientKey } from "../../oracle/report/keys.ts";
import { patient, recordsOf, SECRET, SHEET } from "./fixture.ts";
import { day, pendingMilestone, play, told, type Play } from "./passes.ts";

describe("an operator's pass", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());
  const start = (sheet: string, patients: Parameters<typeof recordsOf>[0]): Promise<Play> =>
    play(world, sheet, recordsOf(patients));

  const group = [
    patient("A", day("2026-01-10"), 183),
    patient("B", day("2026-01-12"), 90),
    patient("C", day("2026-03-01"), null),
  ];

  it("carries an agreement from enrolment to the last payment", async () => {
    const { stage, chain, operators, pass } = await start(SHEET, group);
    const [first, second, third, fourth] = operators;
    const paid = async (clause: number): Promise<bigint> => (await stage.contract.clauseState(clause, 0)).total;

    expect(told(await pass(first, "2026-01-20"))).to.deep.equal(["enrol null/0 1: done"]);
    expect(await paid(0)).to.equal(200_000n);
    expect(told(await pass(second, "2026-01-20"))).to.deep.equal([]);
    expect(told(await pass(second, "2026-03-01"))).to.deep.equal(["enrol null/0 2: done"]);

    // Due: 12 January + 183 + 28 days.
    expect(told(await pass(third, "2026-08-10"))).to.deep.equal([]);
    expect(told(await pass(third, "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
    expect(await paid(1)).to.equal(50_000n);
    expect(told(await pass(fourth, "2026-08-11"))).to.deep.equal([]);
    expect(told(await pass(fourth, "2026-09-28"))).to.deep.equal(["report 1/0 2: done"]);
    expect(await paid(1)).to.equal(70_000n);

    expect(told(await pass(first, "2027-03-02"))).to.deep.equal(["settle 2/0 null: done"]);
    expect(await paid(2)).to.equal(3_000n);
    expect(told(await pass(first, "2028-01-30"))).to.deep.equal(["report 3/0 1: done"]);
    expect(told(await pass(second, "2028-01-30"))).to.deep.equal([]);
    const { cohorts } = await chain.read();
    expect(cohorts[0]?.patients).to.equal(3);
  });

  it("keeps the leaves and the resources behind each with every endorser", async () => {
    const { agreement, operators, pass, chain } = await start(SHEET, group);
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-08-11");
    const root = (await chain.read()).clause(1, 0).reports[0]?.report.root ?? "0x";
    const held = await Promise.all(operators.map(({ parts: { stores, id } }) => stores.reports.of(id, root)));
    const holders = held.filter((report) => report !== null);
    expect(holders.length).to.be.greaterThanOrEqual(3);
    for (const { leaves, snapshot, rules, code } of holders) {
      expect({ snapshot, rules, code }).to.deep.equal({ snapshot: "snapshot 1", rules: agreement.rules, code: "test" });
      expect(leaves.length).to.equal(2);
      for (const leaf of leaves) expect("evidence" in leaf && leaf.evidence[0]).to.match(/^Observation\/[AB]$/);
    }
  });

  it("goes on without two of five, and names the operator whose records differ", async () => {
    const { operators, pass } = await start(SHEET, group.slice(0, 2));
    const [first, second, third, fourth] = operators;
    second.down = true;
    third.records = recordsOf([patient("A", day("2026-01-10"), 183), patient("B", day("2026-01-13"), 90)]);
    expect(told(await pass(first, "2026-01-20"))).to.deep.equal(["enrol null/0 1: done"]);

    // It fetches the patients that it did not endorse, and then sees one of them otherwise.
    expect(told(await pass(third, "2026-08-10"))).to.deep.equal(["catch up null/0 1: done"]);
    third.records = recordsOf([patient("A", day("2026-01-10"), 183), patient("B", day("2026-01-12"), 183)]);
    fourth.down = true;
    const [short] = await pass(first, "2026-08-11");
    expect(short).to.include({ step: "report", result: "waiting" });
    expect(short?.detail)
      .to.match(/^2 of 3 signatures/)
      .and.to.contain(`${third.parts.own}: differs in root, tier 0, tier 1`);
    expect(short?.differences).to.deep.equal([
      {
        operator: third.parts.own,
        patients: [
          {
            patientKey: patientKey(SECRET, { system: "urn:test", value: "B" }),
            proposed: { tier: 0, value: "90" },
            computed: { tier: 1, value: "183" },
          },
        ],
      },
    ]);

    second.down = false;
    expect(told(await pass(second, "2026-08-11"))).to.deep.equal(["catch up null/0 1: done", "report 1/0 1: done"]);
  });

  it("signs no second content for a number while the first counts, and tries again when it has expired", async () => {
    const { stage, operators, pass } = await start(SHEET, group.slice(0, 2));
    const [first, ...others] = operators;
    await pass(first, "2026-01-20");
    for (const other of others) other.down = true;
    expect(told(await pass(first, "2026-08-11"))).to.deep.equal(["report 1/0 1: waiting"]);
    // The records change; the operator stands by what it signed.
    for (const operator of operators) {
      operator.down = false;
      operator.records = recordsOf([patient("A", day("2026-01-10"), 10), patient("B", day("2026-01-12"), 90)]);
    }
    expect(told(await pass(first, "2026-08-12"))).to.deep.equal(["report 1/0 1: waiting"]);
    expect(told(await pass(first, "2026-08-13"))).to.deep.equal(["report 1/0 1: done"]);
    expect((await stage.contract.clauseState(1, 0)).total).to.equal(100_000n);
  });

  it("waits for money and enrols when it is there", async () => {
    const dear = SHEET.replace("price: 1000", "price: 600000");
    const { stage, operators, pass } = await start(dear, group.slice(0, 2));
    const [event] = await pass(operators[0], "2026-01-20");
    expect(event).to.include({ step: "enrol", result: "waiting" });
    expect(event?.detail).to.match(/^InsufficientEscrow\(account: 0/);
    await stage.setDay(day("2026-01-21"));
    await stage.send((options) => stage.token.mint(stage.relayer, 100_000_000n, options));
    await stage.send((options) => stage.contract.deposit(0, 100_000_000n, options));
    expect(told(await pass(operators[0], "2026-01-21"))).to.deep.equal(["enrol null/0 1: done"]);
  });

  it("settles a pending report when its window has closed, and reports a rejected one again", async () => {
    const windowed = SHEET.replace(
      "grace: 28d",
      "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter",
    );
    const story = await start(windowed, group.slice(0, 2));
    const { stage, operators, pass, must } = story;
    const [first, second] = operators;
    await pass(first, "2026-01-20");
    expect(told(await pass(first, "2026-08-11"))).to.deep.equal(["report 1/0 1: done"]);
    expect(told(await pass(second, "2026-08-12"))).to.deep.equal([]);
    await stage.setDay(day("2026-08-13"));
    const [payer] = stage.parties;
    if (payer === undefined) throw new Error("two parties");
    await must((options) => stage.contract.connect(payer).challenge(1, 0, 1, 0, options));
    const report = await pendingMilestone(story, 1, 1);
    await must((options) => stage.contract.connect(stage.arbiter).ruleMilestone(report, false, options));

    expect(told(await pass(first, "2026-08-14"))).to.deep.equal(["report 1/0 2: done"]);
    expect(told(await pass(second, "2026-08-20"))).to.deep.equal([]);
    expect(told(await pass(second, "2026-08-22"))).to.deep.equal(["settle 1/0 2: done"]);
    expect((await stage.contract.clauseState(1, 0)).total).to.equal(50_000n);
  });
});
