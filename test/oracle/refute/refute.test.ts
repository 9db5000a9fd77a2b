import { expect } from "chai";
import { id as keccakOfText } from "ethers";

import { RootMismatch } from "../../../oracle/audit/proof.ts";
import { LeavesError, readLeaves, type GivenLeaves } from "../../../oracle/refute/leaves.ts";
import {
  refuteReports,
  type JudgedReport,
  type RefuteOptions,
  type RefuteParts,
} from "../../../oracle/refute/refute.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import type { ReportLeaf } from "../../../oracle/report/leaf.ts";
import type { MilestoneReport } from "../../../oracle/report/messages.ts";
import { tally } from "../../../oracle/report/tally.ts";
import { toJson } from "../../../oracle/report/wire.ts";
import { openStores } from "../../../oracle/store/stores.ts";
import { createWorld, type World } from "../../../runner/world.ts";
import { apiOf } from "../api/fixture.ts";
import { patient, recordsOf, SHEET } from "../fixture.ts";
import { day, play, type Play } from "../passes.ts";
import { rootOf, tidied } from "./stage.ts";

const WINDOWED = SHEET.replace("grace: 28d", "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter");
const REFUND = 1;
const BONUS = 3;
const STRANGER = keccakOfText("stranger") as Hex;
const PEOPLE = [
  patient("Alice", day("2026-01-10"), 183),
  patient("Bob", day("2026-01-12"), 90),
  patient("Carol", day("2026-01-12"), null),
];

describe("refuting what is pending", function () {
  this.timeout(120_000);
  let world: World;
  let story: Play;
  let parts: RefuteParts;

  beforeEach(async () => {
    world = await createWorld();
    story = await play(world, WINDOWED, recordsOf(PEOPLE));
    await story.pass(story.operators[0], "2026-01-20");
    await story.stage.setDay(day("2026-08-11"));
    parts = story.operators[0].parts;
  });
  afterEach(() => world.close());

  const enrolled = async () => {
    const [entries] = [...(await parts.stores.patients.byRoot(parts.id)).values()];
    return entries ?? [];
  };
  const sent = async (): Promise<number> =>
    (await story.stage.relayer.provider?.getTransactionCount(story.stage.relayer)) ?? 0;

  /** Leaves of these of the enrolled, with a value below the first bound. */
  async function leavesOf(number: number, people: readonly number[]): Promise<readonly ReportLeaf[]> {
    const entries = await enrolled();
    const assessed = people.map((i) => {
      const { patientKey, salt } = entries[i]!;
      return { patientKey, salt, batch: 1, outcome: { value: 90n } };
    });
    const payoff = story.agreement.clauses[REFUND]!.payoffs.get(0)!;
    return tally(payoff, assessed, { kind: "report", clause: REFUND, cohort: 0, number }).leaves;
  }

  /** The quorum signs whatever it is given. @param keep Whether the first operator holds the leaves. */
  async function post(number: number, leaves: readonly ReportLeaf[], keep = true): Promise<MilestoneReport> {
    const { id, stores } = parts;
    const place = { clause: REFUND, cohort: 0, number, asOfDay: day("2026-08-11"), lastDay: story.stage.day + 1 };
    const tallies = [
      { patients: leaves.length, sum: 0n },
      { patients: 0, sum: 0n },
    ];
    const message = { ...place, tallies, notEvaluable: 0, root: rootOf(leaves) };
    const content = { kind: "milestone", message } as const;
    const held = leaves.map((leaf) => ({ ...leaf, evidence: [], reason: null }));
    if (keep) await stores.reports.save(id, { content, snapshot: "s", rules: "r", leaves: held }, 0);
    await story.must((options) =>
      story.stage.contract.reportMilestone(message, story.stage.endorse(content), 1, options),
    );
    return message;
  }

  async function run(options: Partial<RefuteOptions> = {}, own: RefuteParts = parts): Promise<JudgedReport[]> {
    const found: JudgedReport[] = [];
    const all = { filter: {}, given: new Map<string, GivenLeaves>(), dryRun: false, ...options };
    for await (const report of refuteReports(own, all)) found.push(report);
    return found;
  }
  const books = () => Promise.all([0, 1].map((i) => story.stage.contract.accountOf(i)));
  const results = (reports: readonly JudgedReport[]) => reports.map(({ number, result }) => [number, result]);

  it("given a report whose leaves this operator holds contradicts itself, then it is void, and no money has moved", async () => {
    const before = await books();
    const leaves = await leavesOf(1, [0, 1]);
    await post(1, [leaves[0]!, { ...leaves[1]!, value: 183n }]);
    expect(results(await run({ dryRun: true }))).to.deep.equal([[1, "refutable"]]);
    const announced: number[] = [];
    const [report] = await run({ onSend: ({ number }) => announced.push(number) });
    expect(report).to.deep.include({ number: 1, result: "refuted", leaves: { from: "store", count: 2 } });
    expect(report?.contradiction?.refutation.form).to.equal("Tier");
    expect(Number(report?.transaction?.gas)).to.be.within(50_000, 90_000);
    expect(announced).to.deep.equal([1]);
    const { pending, total } = await story.stage.contract.clauseState(REFUND, 0);
    expect([pending, total]).to.deep.equal([0n, 0n]);
    expect((await books()).map(({ balance }) => balance)).to.deep.equal(before.map(({ balance }) => balance));
    expect(await run()).to.deep.equal([]);
  });

  it("given a wager's report contradicts itself, then it is void too", async () => {
    const { id, stores } = parts;
    await story.stage.setDay(day("2028-01-30"));
    const flat = { tiers: [{ start: null, pays: 0n, slope: 0n }], notEvaluable: 0n };
    const assessed = (await enrolled()).map(({ patientKey, salt }) => {
      return { patientKey, salt, batch: 1, outcome: { value: 1n } };
    });
    const { leaves } = tally(flat, assessed, { kind: "report", clause: BONUS, cohort: 0, number: 1 });
    const two = leaves.slice(1);
    const dates = { asOfDay: day("2028-01-30"), lastDay: day("2028-01-31") };
    const message = {
      clause: BONUS,
      cohort: 0,
      number: 1,
      ...dates,
      evaluable: true,
      value: 700_000n,
      root: rootOf(two),
    };
    const content = { kind: "wager", message } as const;
    const held = two.map((leaf) => ({ ...leaf, evidence: [], reason: null }));
    await stores.reports.save(id, { content, snapshot: "s", rules: "r", leaves: held }, 0);
    await story.must((options) => story.stage.contract.reportWager(message, story.stage.endorse(content), options));
    const [report] = await run();
    expect(report).to.deep.include({ kind: "wager", result: "refuted" });
    expect(report?.contradiction?.why).to.equal("it counts 3 patients, its root stands for 2");
    expect(report?.contradiction?.refutation.shown).to.deep.equal([]);
    expect((await story.stage.contract.clauseState(BONUS, 0)).pending).to.equal(0n);
  });

  it("given an earlier report falls, then a later one with the same patient is judged without it", async () => {
    const [first] = await leavesOf(1, [0]);
    await post(1, [{ ...first!, value: 183n }]);
    await post(2, await leavesOf(2, [0, 1]));
    const dry = await run({ dryRun: true });
    expect(dry.map(({ contradiction }) => contradiction?.refutation.form)).to.deep.equal(["Tier", "TwiceInClause"]);
    expect(results(await run())).to.deep.equal([
      [1, "refuted"],
      [2, "sound"],
    ]);
  });

  it("given an earlier report stands, pending or settled, then a later one with the same patient falls", async () => {
    await post(1, await leavesOf(1, [0]));
    await post(2, await leavesOf(2, [0]));
    expect(results(await run())).to.deep.equal([
      [1, "sound"],
      [2, "refuted"],
    ]);
    await story.stage.setDay(day("2026-08-19"));
    const [pending] = (await story.chain.read()).clause(REFUND, 0).reports;
    const message = { ...(pending!.report as MilestoneReport), lastDay: day("2026-08-12") };
    await story.must((options) =>
      story.stage.contract.settleMilestone({ ...message, tallies: [...message.tallies] }, options),
    );
    await post(3, await leavesOf(3, [0, 1]));
    expect(results(await run())).to.deep.equal([
      [1, "settled"],
      [3, "refuted"],
    ]);
  });

  it("given a report has settled since the chain was read, then the refutation is refused, and nothing is sent", async () => {
    const [first] = await leavesOf(1, [0]);
    const message = await post(1, [{ ...first!, value: 183n }]);
    const state = await story.chain.read();
    await story.stage.setDay(day("2026-08-19"));
    await story.must((options) =>
      story.stage.contract.settleMilestone({ ...message, tallies: [...message.tallies] }, options),
    );
    const before = await sent();
    const chain = { ...parts.chain, read: () => Promise.resolve(state) };
    const [report] = await run({}, { ...parts, chain });
    expect(report).to.deep.include({ result: "refused", transaction: null });
    expect(report?.detail).to.match(/AlreadySettled/);
    expect(await sent()).to.equal(before);
  });

  it("given the leaves are elsewhere, then they are wanted, taken from whoever serves them, and refused when they are others", async () => {
    const [first] = await leavesOf(1, [0]);
    const leaves = tidied([{ ...first!, patientKey: STRANGER }]);
    await post(1, leaves, false);
    const [unknown] = await run();
    expect(unknown).to.deep.include({ result: "unknown", leaves: null });

    const document = (items: readonly object[]): string => toJson({ total: items.length, offset: 0, items });
    const item = ({ patientKey: key, ...leaf }: ReportLeaf): object => ({ patient: key, erased: false, ...leaf });
    const right = readLeaves(document(leaves.map(item)));
    const wrong = readLeaves(document([item({ ...first!, value: 1n })]));
    const before = await sent();
    for (const given of [
      new Map([["wrong", wrong]]),
      new Map([
        ["right", right],
        ["wrong", wrong],
      ] as const),
    ]) {
      const error = await run({ given }).catch((found: unknown) => found);
      expect(error).to.be.instanceOf(RootMismatch);
      expect((error as Error).message).to.match(/^wrong: its 1 leaves make the root/);
    }
    expect(await sent()).to.equal(before);

    // A node that holds nothing at all needs the enrolment's leaves too.
    const empty = { ...parts, stores: await openStores(":memory:", "test") };
    const [half] = await run({ given: new Map([["right", right]]) }, empty);
    expect(half).to.deep.include({ result: "unknown" });
    expect(half?.unseen.map(({ form }) => form)).to.deep.equal(["NotEnrolled"]);
    const api = await apiOf(story);
    const token = await api.signIn(story.stage.arbiter);
    const { text } = await api.get("/v1/cohorts/2026/enrolments/1/leaves", token);
    const [report] = await run(
      {
        given: new Map([
          ["right", right],
          ["enrolment", readLeaves(text)],
        ]),
      },
      empty,
    );
    expect(report).to.deep.include({ result: "refuted", leaves: { from: "given", count: 1 } });
    expect(report?.contradiction?.refutation.form).to.equal("NotEnrolled");
  });

  it("given an honest report, then its leaves as the API serves them, in pages, make its root, and nothing contradicts them", async () => {
    await story.pass(story.operators[0], "2026-08-11");
    expect(results(await run())).to.deep.equal([[1, "sound"]]);
    const api = await apiOf(story);
    const token = await api.signIn(story.stage.arbiter);
    const page = async (offset: number) =>
      (await api.get(`/v1/reports/refund/2026/1/leaves?limit=2&offset=${offset}`, token)).text;
    const pages = [await page(2), await page(0)];
    const [landed] = (await story.chain.read()).clause(REFUND, 0).reports;
    expect(readLeaves(`[${pages.join()}]`).root).to.equal(landed?.report.root);
    const problems: readonly [string, RegExp][] = [
      [`[${pages[0]}]`, /from 2, expected one from 0/],
      [pages[1]!, /found 2 leaves of 3/],
      [`[${pages[1]},${pages[1]}]`, /from 0, expected one from 2/],
      ["{", /expected JSON/],
      ["[]", /expected \{ total, offset, items \}/],
      [pages[1]!.replace('"tier":', '"tier":999'), /items\[0\]\.tier/],
      [pages[1]!.replace('"value":"', '"value":"x'), /items\[0\]\.value: expected a whole number/],
      [pages[1]!.replace('"patient":"0x', '"patient":"0y'), /items\[0\]\.patient: expected 32 bytes/],
    ];
    for (const [text, says] of problems) {
      const whole = text.replace('"total":3', says.source.startsWith("items") ? '"total":2' : '"total":3');
      expect(() => readLeaves(whole), text).to.throw(LeavesError, says);
    }
  });
});
