/**
 * The whole story on a local chain: two agreements are signed and funded, patients' records read, five operators
 * endorse what they computed, and the contract pays and refunds.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { NonceManager } from "ethers";

import { formatDay, parseDay, timestampOfDay } from "../../terms/calendar.ts";
import type { Day } from "../../terms/model.ts";
import { OutcomeAgreement__factory } from "../../typechain-types/index.ts";
import { startAnvil, type Anvil } from "../local/anvil.ts";
import { CAST } from "./cast.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { startOperators, type Operators } from "./operators.ts";
import { COHORTS } from "./records/cohorts.ts";
import { generateRecords, type Summary } from "./records/generate.ts";
import { createAgreement, deployStage, fund, type Stage, type Staged } from "./stage.ts";
import { rejectedIn } from "./rejected.ts";

export interface DemoOptions {
  readonly seed: number;
  /** Where to leave records, settings and stores; null: they are removed at the end. */
  readonly keep: string | null;
  readonly print: (line: string) => void;
}

/** One scene of an agreement's life. */
interface Scene {
  readonly day: string;
  /** `pass`: the operators look at the records. */
  readonly act: "pass" | "challenge" | "uphold";
}

const pass = (day: string): Scene => ({ day, act: "pass" });

interface Act {
  readonly name: "nsclc" | "cart";
  readonly title: string;
  /** Minor units paid in by the fund and by the maker. */
  readonly deposits: { readonly fund: bigint; readonly maker: bigint };
  readonly scenes: readonly Scene[];
}

const ACTS: readonly Act[] = [
  {
    name: "nsclc",
    title: "NSCLC: paid at the start, half refunded when progression comes within 6 months",
    deposits: { fund: 18_000_000_00n, maker: 50_000_00n },
    scenes: [
      pass("2021-04-01"),
      pass("2021-10-01"),
      pass("2022-01-31"),
      pass("2022-02-15"),
      pass("2022-05-01"),
      { day: "2022-05-02", act: "challenge" },
      { day: "2022-05-20", act: "uphold" },
      pass("2022-08-01"),
      pass("2022-08-10"),
    ],
  },
  {
    name: "cart",
    title: "CAR-T: paid only on remission, 80% at 3 months and 20% when it holds at 6",
    deposits: { fund: 58_800_000_00n, maker: 0n },
    scenes: [pass("2026-06-01"), pass("2026-10-01"), pass("2027-01-31"), pass("2027-08-15")],
  },
];

export async function runDemo({ seed, keep, print }: DemoOptions): Promise<void> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), "outcomepay-demo-"));
  const [first] = COHORTS;
  const anvil = await startAnvil("--timestamp", String(timestampOfDay(dayOf(first?.opens ?? ""))));
  try {
    print("A local chain runs as its own process; the contracts are deployed: factory, oracle committee (3 of 5), and");
    print("the tokenised deposit that an escrow bank mints when money reaches it.");
    const stage = await deployStage(anvil.provider);
    for (const act of ACTS) await play(act, stage, anvil, folder, seed, print);
    print("");
    print(
      "The same seed gives the same records, outcomes and payments. Transactions are named anew in each run, since the",
    );
    print("salt that keeps a patient's leaves from being tested is drawn at random when she is enrolled.");
  } finally {
    anvil.stop();
    if (keep === null) rmSync(folder, { recursive: true, force: true });
  }
}

async function play(
  act: Act,
  stage: Stage,
  anvil: Anvil,
  folder: string,
  seed: number,
  print: DemoOptions["print"],
): Promise<void> {
  const cohort = COHORTS.find(({ agreement }) => agreement === act.name);
  if (cohort === undefined) throw new Error(`no records are generated for ${act.name}`);
  print("");
  print(`== ${act.title}`);
  await moveTo(anvil, dayOf(cohort.opens));
  const records = generateRecords({
    seed,
    outDir: join(folder, act.name),
    agreement: act.name,
    patients: cohort.patients,
    opens: dayOf(cohort.opens),
    closes: dayOf(cohort.closes),
    cutoff: dayOf(cohort.cutoff),
  });
  tellRecords(records, print);

  const sheet = new URL(`terms/${act.name}.yaml`, import.meta.url);
  const staged = await createAgreement(stage, readFileSync(sheet, "utf8"));
  const { agreement } = staged;
  print(`signed by ${agreement.members.map(({ name }) => name).join(" and ")}: digest ${staged.digest}`);
  print(`created at ${staged.address}, tx ${staged.created.hash}`);
  const { fund: fromFund, maker: fromMaker } = act.deposits;
  await fund(stage, staged, 0, CAST.fund, fromFund, `${act.name}-fund`);
  if (fromMaker > 0n) await fund(stage, staged, 1, CAST.maker, fromMaker, `${act.name}-maker`);

  const committee = await stage.committee.getAddress();
  const operators = await startOperators(
    join(folder, `${act.name}-operators`),
    staged,
    committee,
    anvil.url,
    records.source,
  );
  try {
    const { chainId } = await anvil.provider.getNetwork();
    const ledger = openLedger(staged, chainId, operators.store, print);
    print(formatDay(dayOf(cohort.opens)));
    await ledger.tell();
    for (const scene of act.scenes) await show(scene, anvil, staged, operators, ledger, print);
    print(`Where the money is now (${agreement.title}):`);
    await ledger.close();
    await tellRejected(staged, records, dayOf(act.scenes.at(-1)?.day ?? ""), print);
  } finally {
    await operators.stop();
  }
}

async function show(
  { day, act }: Scene,
  anvil: Anvil,
  staged: Staged,
  operators: Operators,
  ledger: Ledger,
  print: DemoOptions["print"],
): Promise<void> {
  await moveTo(anvil, dayOf(day));
  print(day);
  if (act === "pass") {
    await operators.pass();
    const signed = await operators.authorise(CAST.fund);
    if (signed > 0) {
      print(`  authorised   ${signed} enrolment by ${staged.agreement.members[0]?.name ?? ""}`);
      await operators.pass();
    }
  } else {
    await dispute(act, anvil, staged);
  }
  await ledger.tell();
}

/** The fund challenges the newest report; the clinical board looks at it and lets it stand. */
async function dispute(act: "challenge" | "uphold", anvil: Anvil, { contract }: Staged): Promise<void> {
  const reports = await contract.queryFilter(contract.filters.MilestoneReported);
  const newest = reports.at(-1);
  if (newest === undefined) throw new Error("there is no report to challenge");
  const { clause, cohort, number, asOfDay, tallies, notEvaluable, root } = newest.args;
  const signer = act === "challenge" ? CAST.fund : CAST.board;
  const connected = OutcomeAgreement__factory.connect(
    await contract.getAddress(),
    new NonceManager(signer.connect(anvil.provider)),
  );
  if (act === "challenge") {
    await (await connected.challenge(clause, cohort, number, 0)).wait();
    return;
  }
  // The report's last day is in the transaction that brought it.
  const transaction = await newest.getTransaction();
  const call = contract.interface.parseTransaction(transaction);
  const { lastDay } = call?.args[0] as { lastDay: bigint };
  const report = {
    clause,
    cohort,
    number,
    asOfDay,
    tallies: tallies.map(({ patients, sum }) => ({ patients, sum })),
    notEvaluable,
    root,
    lastDay,
  };
  await (await connected.ruleMilestone(report, true)).wait();
}

function tellRecords({ patients, counts, lines }: Summary, print: DemoOptions["print"]): void {
  const all = Object.values(lines).reduce((sum, n) => sum + n, 0);
  const flaws = Object.values(counts.flaws).reduce((sum, n) => sum + n, 0);
  print(`records of ${patients.length} patients as mCODE FHIR: ${all} resources, ${flaws} of them wrong on purpose`);
}

async function tellRejected(staged: Staged, records: Summary, asOf: Day, print: DemoOptions["print"]): Promise<void> {
  const rejected = await rejectedIn(staged.agreement, records.source, asOf);
  const total = [...rejected.values()].reduce((sum, n) => sum + n, 0);
  print(`Records set aside, each listed with file, line and reason: ${total}`);
  for (const [reason, n] of rejected) print(`  ${String(n).padStart(3)}  ${reason}`);
}

async function moveTo(anvil: Anvil, day: Day): Promise<void> {
  const seconds = timestampOfDay(day);
  const latest = await anvil.provider.getBlock("latest");
  if (latest !== null && latest.timestamp >= seconds) return;
  await anvil.provider.send("evm_setNextBlockTimestamp", [seconds]);
  await anvil.provider.send("evm_mine", []);
}

function dayOf(text: string): Day {
  const day = parseDay(text);
  if (day === null) throw new Error(`found ${text}, expected a day such as 2026-01-01`);
  return day;
}
