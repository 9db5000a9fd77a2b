/** A dishonest quorum, and the honest operator who voids its report with `oracle audit --refute`. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";

import { encodeEndorsements } from "../../oracle/endorse/encode.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { unerased } from "../../oracle/report/enrolment.ts";
import type { ReportLeaf } from "../../oracle/report/leaf.ts";
import { digestOf, type MilestoneReport } from "../../oracle/report/messages.ts";
import { tally } from "../../oracle/report/tally.ts";
import { toJson } from "../../oracle/report/wire.ts";
import { openStores } from "../../oracle/store/stores.ts";
import { account, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { startNode, writeNodes, type NodeFiles } from "../../scripts/local/nodes.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import { faultyRpc, type FaultyRpc } from "../oracle/chain/faultyRpc.ts";
import { deployAgreement, MAKER, OPERATOR_KEYS, PAYER, type Deployed } from "../oracle/deployed.ts";
import { runOracle, type OracleProcess } from "../oracle/operations/process.ts";

const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Basic, address: "${PAYER.address}" }]
  manufacturer: [{ name: Maker, address: "${MAKER.address}" }]
oracle: { address: "ORACLE", reportWithin: 60d, grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: "${account(3).address}" }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
`;
const REFUND = 1;

/** One progressed in March, the others did not. */
const RECORDS = {
  "patients.csv": "id,start\nP1,2026-01-01\nP2,2026-01-02\nP3,2026-01-03\n",
  "assessments.csv":
    "id,date,response\nP1,2026-03-01,PD\nP2,2026-06-01,SD\nP2,2026-07-10,SD\nP3,2026-06-01,SD\nP3,2026-07-10,SD\n",
  "source.yaml": `kind: csv
files:
  patients: { path: patients.csv, columns: { patient: id, index: start } }
  assessments: { path: assessments.csv, columns: { patient: id, date: date, response: response } }
`,
};

const PATIENCE = 60_000;
const seconds = (date: string): number => timestampOfDay(parseDay(date) ?? 0);

interface Ended {
  readonly code: number | string | null;
  readonly output: string;
  readonly log: string;
}

describe("a quorum that posts a report which its own leaves contradict", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "refute-"));
  /** The node that refutes; a member like the two that lie. */
  const honest = OPERATOR_KEYS[2];
  let anvil: Anvil;
  let rpc: FaultyRpc;
  let deployed: Deployed;
  let nodes: readonly NodeFiles[];
  let lie: MilestoneReport & { tallies: { patients: number; sum: bigint }[] };
  let books: unknown;

  const node = (i: number): NodeFiles => {
    const found = nodes[i];
    if (found === undefined) throw new RangeError(`no node ${i}`);
    return found;
  };
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + PATIENCE; !(await holds()); await delay(100)) {
      if (Date.now() > end) throw new Error(`not within ${PATIENCE} ms: ${what}`);
    }
  };
  const moveTo = async (date: string): Promise<void> => {
    await anvil.provider.send("evm_setNextBlockTimestamp", [seconds(date)]);
    await anvil.provider.send("evm_mine", []);
  };
  const audit = (...args: readonly string[]): OracleProcess =>
    runOracle(["audit", "--refute", "--config", node(2).config, ...args], { OPERATOR_KEY: node(2).key });
  const ended = async (process: OracleProcess): Promise<Ended> => {
    const code = await process.ended;
    return { code, output: process.output(), log: process.log() };
  };
  const clause = () => deployed.contract.clauseState(REFUND, 0);
  /** Balances and locks of both parties. */
  const money = async () => {
    const accounts = await Promise.all([0, 1].map((i) => deployed.contract.accountOf(i)));
    return accounts.map(({ balance, locked }) => ({ balance, locked }));
  };
  const sent = () => anvil.provider.getTransactionCount(honest?.address ?? "");
  /** Two nodes at work until something holds. */
  const atWork = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const running = await Promise.all([node(0), node(2)].map(startNode));
    try {
      await until(what, holds);
    } finally {
      await Promise.all(running.map((it) => it.stop("SIGTERM")));
    }
  };
  const leavesFile = (name: string, leaves: readonly ReportLeaf[]): string => {
    const items = leaves.map(({ patientKey: patient, ...leaf }) => ({ patient, erased: false, ...leaf }));
    writeFileSync(join(folder, name), toJson({ total: items.length, offset: 0, items }));
    return join(folder, name);
  };

  before(async () => {
    anvil = await startAnvil("--timestamp", String(seconds("2026-01-05")));
    rpc = await faultyRpc(anvil.url);
    deployed = await deployAgreement(anvil, SHEET, 2);
    for (const [name, content] of Object.entries(RECORDS)) writeFileSync(join(folder, name), content);
    const { address: agreement, committee, sheet } = deployed;
    const shared = { agreement, committee, sheet, fromBlock: 0, rpc: rpc.url, secret: "07".repeat(32) };
    const operators = OPERATOR_KEYS.map(({ address, privateKey }) => {
      return { address, privateKey, source: join(folder, "source.yaml") };
    });
    nodes = await writeNodes(folder, { ...shared, settings: { poll: 1, patience: 1 } }, operators);
    await atWork("three patients enrolled", async () => (await deployed.contract.cohortState(0)).patients === 3n);
  });
  after(async () => {
    await rpc.stop();
    anvil.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => rpc.reset());

  let leaves: readonly ReportLeaf[];

  it("given no report is pending, then that is said, and all is well", async () => {
    const { code, output } = await ended(audit());
    expect([code, output]).to.deep.equal([0, "no report that fits is pending\n"]);
  });

  it("given its leaves are not held, then nothing is told but how to get or dispute them", async () => {
    await moveTo("2026-08-20");
    // Its leaves are the true ones, but all are counted where the maker pays.
    const { database, ...stores } = await openStores(node(0).store, "test");
    const id = { chainId: (await anvil.provider.getNetwork()).chainId, address: deployed.address };
    const entries = unerased([...(await stores.patients.byRoot(id)).values()].flat());
    await database.close();
    const payoff = deployed.agreement.clauses[REFUND]?.payoffs.get(0);
    if (payoff === undefined || entries.length !== 3) throw new Error("three patients with a payoff");
    const assessed = entries.map(({ patientKey, salt }, i) => {
      return { patientKey, salt, batch: 1, outcome: { value: [59n, 183n, 183n][i] ?? 0n } };
    });
    const place = { clause: REFUND, cohort: 0, number: 1 };
    const tallied = tally(payoff, assessed, { kind: "report", ...place });
    leaves = tallied.leaves;
    const asOfDay = parseDay("2026-08-20") ?? 0;
    const tallies = [
      { patients: 3, sum: 0n },
      { patients: 0, sum: 0n },
    ];
    lie = { ...place, asOfDay, lastDay: asOfDay + 1, tallies, notEvaluable: 0, root: tallied.root };
    const digest = digestOf(id, { kind: "milestone", message: lie });
    const quorum = OPERATOR_KEYS.slice(0, 2).map(({ address, signingKey }) => {
      return { signer: address, signature: signingKey.sign(digest).serialized as Hex };
    });
    books = await money();
    await (await deployed.contract.reportMilestone(lie, encodeEndorsements(quorum), 1)).wait();
    expect((await clause()).pending).to.equal(3n);

    const { code, output } = await ended(audit());
    expect(code).to.equal(1);
    expect(output).to.match(/^refund, cohort 2026, report 1 as of 2026-08-20: unknown$/m);
    expect(output).to.match(/its leaves are not held here/);
    expect(output).to.match(/outcomepay agreement challenge --clause refund --cohort 2026 --number 1/);
  });

  it("given leaves that make another root, or are none, then they are refused, and nothing is sent", async () => {
    const before = await sent();
    const wrong = leavesFile(
      "wrong.json",
      leaves.map((leaf, i) => (i === 0 ? { ...leaf, value: 60n } : leaf)),
    );
    const other = await ended(audit("--leaves", wrong));
    expect(other.code).to.equal(1);
    expect(other.log).to.match(/wrong\.json: its 3 leaves make the root 0x[0-9a-f]{64}, which is no report's/);
    expect(other.log).to.match(/outcomepay agreement challenge/);
    writeFileSync(join(folder, "none.json"), '{ "total": 3, "offset": 0, "items": [] }');
    const none = await ended(audit("--leaves", join(folder, "none.json")));
    expect(none.code).to.equal(2);
    expect(none.log).to.match(/found 0 leaves of 3/);
    expect(await sent()).to.equal(before);
  });

  it("given options that don't go together, then that is said, and nothing is looked at", async () => {
    const [config, env] = [node(2).config, { OPERATOR_KEY: node(2).key }];
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--leaves", "leaves.json"], /--leaves: expected --refute with it/],
      [["--refute", "--patient", "P1"], /--refute: found --patient with it/],
      [["--refute", "--from", "nowhere"], /--from: found nowhere, expected a URL/],
    ];
    for (const [args, says] of wrong) {
      const { code, log } = await ended(runOracle(["audit", "--config", config, ...args], env));
      expect(code, args.join(" ")).to.equal(2);
      expect(log).to.match(says);
    }
  });

  it("given a dry run, then it shows what would become public, and sends nothing", async () => {
    const before = await sent();
    const { code, output } = await ended(audit("--dry-run", "--leaves", leavesFile("leaves.json", leaves)));
    expect(code).to.equal(1);
    expect(output).to.match(/report 1 as of 2026-08-20, 3 leaves: refutable$/m);
    const key = leaves[1]?.patientKey ?? "";
    expect(output).to.contain(`Tier: ${key} stands in tier 1, by the tallies place 1 is of tier 0`);
    expect(output).to.contain(`shows the public: the leaf of ${key}: tier 1, enrolment 1, value 183, sum 0, blind`);
    expect(output.match(/shows the public/g)).to.have.length(1);
    expect(await sent()).to.equal(before);
    expect((await clause()).pending).to.equal(3n);
  });

  it("given the process is killed once its refutation is signed, when it runs again, then it is sent once, the report is void and no money has moved", async () => {
    const before = await sent();
    const killed = audit("--leaves", join(folder, "leaves.json"));
    rpc.decide = ({ method }) =>
      method !== "eth_sendRawTransaction"
        ? null
        : {
            type: "dies",
            when: "before",
            kill: async () => {
              killed.child.kill("SIGKILL");
              await killed.ended;
            },
          };
    expect(await killed.ended).to.equal("SIGKILL");
    expect((await clause()).pending).to.equal(3n);
    rpc.reset();

    const { code } = await ended(audit("--leaves", join(folder, "leaves.json"), "--json"));
    expect(code).to.equal(0);
    const refuted = await deployed.contract.queryFilter(deployed.contract.filters.Refuted());
    expect(refuted.map(({ args }) => [args.clause, args.cohort, args.number])).to.deep.equal([[1n, 0n, 1n]]);
    expect(await sent()).to.equal(before + 1);
    const { pending, total, assessed } = await clause();
    expect([pending, total, assessed]).to.deep.equal([0n, 0n, 0n]);
    expect(await money()).to.deep.equal(books);
  });

  it("given the same lie again, when it is audited, then the answer names form, leaf and transaction", async () => {
    const again = { ...lie, number: 2 };
    const id = { chainId: (await anvil.provider.getNetwork()).chainId, address: deployed.address };
    const digest = digestOf(id, { kind: "milestone", message: again });
    const quorum = OPERATOR_KEYS.slice(0, 2).map(({ address, signingKey }) => {
      return { signer: address, signature: signingKey.sign(digest).serialized as Hex };
    });
    await (await deployed.contract.reportMilestone(again, encodeEndorsements(quorum), 1)).wait();
    const { code, output } = await ended(audit("--leaves", join(folder, "leaves.json"), "--json"));
    expect(code).to.equal(0);
    const { reports } = JSON.parse(output) as { reports: Record<string, unknown>[] };
    expect(reports).to.have.length(1);
    const [report] = reports;
    expect(report).to.deep.include({ clause: "refund", cohort: "2026", number: 2, result: "refuted" });
    expect(report?.["leaves"]).to.deep.equal({ from: "given", count: 3 });
    const { shows } = report?.["contradiction"] as { shows: { form: string; leaves: { patient: string }[] } };
    expect(shows.form).to.equal("Tier");
    expect(shows.leaves.map(({ patient }) => patient)).to.deep.equal([leaves[1]?.patientKey]);
    const { hash } = report?.["transaction"] as { hash: string };
    expect((await anvil.provider.getTransactionReceipt(hash))?.from).to.equal(honest?.address);
    expect(await money()).to.deep.equal(books);
  });

  it("given the honest report of the next number, then nothing contradicts it, it settles, and then it is too late", async () => {
    await atWork("the honest report", async () => (await clause()).pending === 3n);
    const sound = await ended(audit());
    expect(sound.output).to.equal(
      "refund, cohort 2026, report 3 as of 2026-08-20, 3 leaves: sound\nnothing contradicted was found\n",
    );
    expect(sound.code).to.equal(0);
    await moveTo("2026-08-28");
    await atWork("the settlement", async () => (await clause()).assessed === 3n);
    expect((await clause()).total).to.equal(50_000n);
    const late = await ended(audit("--number", "3"));
    expect(late.code).to.equal(1);
    expect(late.output).to.match(
      /no report that fits is pending\n1 settled: a settled report can't be refuted any more/,
    );
  });
});
