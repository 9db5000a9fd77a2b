/** One operator who is the whole oracle of one agreement, as a process of its own that can be killed. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { NonceManager, type JsonRpcProvider } from "ethers";
import { stringify } from "yaml";

import type { AgreementId } from "../../oracle/report/messages.ts";
import { account } from "../../scripts/local/anvil.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import type { OutcomeAgreement } from "../../typechain-types/index.ts";
import { outcomepay } from "../cli/outcomepay.ts";
import { SHEET, signAndFund, writeFiles } from "../oracle/deployed.ts";

export const OPERATOR = account(5);
/** Midnight UTC of the cohort's first day. */
export const START = timestampOfDay(parseDay("2026-01-01") ?? 0);

const TERMS = SHEET.replace("ORACLE", OPERATOR.address);

export interface PassResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly events: readonly { readonly step: string; readonly result: string; readonly detail: string }[];
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<PassResult>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface Operator {
  readonly contract: OutcomeAgreement;
  readonly agreement: Agreement;
  readonly id: AgreementId;
  /** A new store, as on a new machine. */
  forget(): void;
  /** Starts one pass in a process of its own, which can be killed. */
  once(): Running;
  /** One pass, undisturbed and within this process. */
  pass(): Promise<PassResult>;
  /** Enrolments and reports on the chain, and what each clause has paid. */
  effects(): Promise<{ enrolled: number; reported: number; paid: readonly [bigint, bigint] }>;
  close(): void;
}

const PROGRAM = fileURLToPath(new URL("../../bin/outcomepay.mjs", import.meta.url));

/** Deploys and funds the agreement of one patient, who was indexed on the first day and progressed in March. */
export async function standUp(provider: JsonRpcProvider, rpc: string): Promise<Operator> {
  const folder = mkdtempSync(join(tmpdir(), "recovery-"));
  const relayer = new NonceManager(account(0).connect(provider));
  const { agreement, contract, address } = await signAndFund(provider, relayer, TERMS);
  writeFiles(folder, { sheet: TERMS });
  let stores = 0;

  function command(): string[] {
    const config = join(folder, "operator.yaml");
    const always = { key: { env: "KEY" }, rpc, agreement: address, rpcTimeout: 10, stallAfter: 10, confirmations: 1 };
    const files = { terms: "terms.yaml", source: "source.yaml", secret: "secret", store: `store-${stores}.sqlite` };
    writeFileSync(config, stringify({ ...always, ...files }));
    return ["oracle", "once", "--json", "--config", config];
  }

  return {
    contract,
    agreement,
    id: { chainId: (await provider.getNetwork()).chainId, address },
    forget: () => (stores += 1),
    once: () => run(command()),
    async pass() {
      const { status, stdout, stderr } = await outcomepay(command(), { KEY: OPERATOR.privateKey });
      return { status, signal: null, events: eventsOf(stdout), stderr };
    },
    async effects() {
      const [enrolments, reports, treatment, refund] = await Promise.all([
        contract.queryFilter(contract.filters.Enrolled()),
        contract.queryFilter(contract.filters.MilestoneReported()),
        contract.clauseState(0, 0),
        contract.clauseState(1, 0),
      ]);
      return { enrolled: enrolments.length, reported: reports.length, paid: [treatment.total, refund.total] };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function run(args: readonly string[]): Running {
  const env = { ...process.env, NODE_OPTIONS: undefined, KEY: OPERATOR.privateKey };
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    ended: resultOf(child, closed),
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

async function resultOf(
  child: ChildProcess,
  closed: Promise<[number | null, NodeJS.Signals | null]>,
): Promise<PassResult> {
  if (child.stdout === null || child.stderr === null) throw new Error("the process has no output");
  const [stdout, stderr, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status, signal, events: eventsOf(stdout), stderr };
}

function eventsOf(stdout: string): PassResult["events"] {
  return stdout === "" ? [] : (JSON.parse(stdout) as Pick<PassResult, "events">).events;
}
