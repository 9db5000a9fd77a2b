/** Passes of operators and keepers over an agreement on the in-process chain. */

import { agreementChain, type AgreementChain } from "../../oracle/chain/agreementChain.ts";
import { runPass, type NodeParts, type PassEvent } from "../../oracle/node.ts";
import type { Outcomes } from "../../oracle/outcomes.ts";
import type { MilestoneReport } from "../../oracle/report/messages.ts";
import type { Tally } from "../../terms/payoff.ts";
import { isRefused, type Stage, type World } from "../../runner/world.ts";
import { parseDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import { agreementOf, operatorsOf, STRANGER, type TestOperator, type TestPatient } from "./fixture.ts";
import { relayerOf, submitOptions } from "./sender.ts";

export const day = (text: string): number => {
  const found = parseDay(text);
  if (found === null) throw new RangeError(`no date: ${text}`);
  return found;
};

/** `report 1/0 2: done`. */
export const told = (events: readonly PassEvent[]): string[] =>
  events
    .filter(({ step }) => step !== "cover")
    .map(({ step, clause, cohort, number, result }) => `${step} ${clause}/${cohort} ${number}: ${result}`);

export interface Play {
  readonly agreement: Agreement;
  readonly stage: Stage;
  readonly chain: AgreementChain;
  readonly operators: readonly [TestOperator, TestOperator, TestOperator, TestOperator, TestOperator];
  /** A node of nobody's committee and without records. */
  readonly keeper: NodeParts<TestPatient>;
  /** One pass on a day. */
  readonly pass: (node: TestOperator | NodeParts<TestPatient>, on: string) => Promise<PassEvent[]>;
  /** Sends a call that must go through. */
  readonly must: (call: Parameters<Stage["send"]>[0]) => Promise<void>;
}

export interface PlayOptions {
  /** Minor units that each party has paid in. */
  readonly deposit?: bigint;
  /** Location of each operator's store; memory when left out. */
  readonly storeFor?: ((operator: number) => string) | undefined;
}

/** The agreement of `sheet` on a fresh chain, with five operators who see these records. */
export async function play(
  world: World,
  sheet: string,
  records: Outcomes<TestPatient>,
  { deposit = 100_000_000n, storeFor }: PlayOptions = {},
): Promise<Play> {
  const agreement = agreementOf(sheet);
  const stage = await world.open(agreement, day("2026-01-01"));
  if (isRefused(stage)) throw new Error(stage.detail);
  const must: Play["must"] = async (call) => {
    const result = await stage.send(call);
    if (isRefused(result)) throw new Error(result.detail);
  };
  for (const account of deposit === 0n ? [] : agreement.members.keys()) {
    await must((options) => stage.token.mint(stage.relayer, deposit, options));
    await must((options) => stage.contract.deposit(account, deposit, options));
  }
  const { chainId } = (await stage.relayer.provider?.getNetwork()) ?? { chainId: 0n };
  const id = { chainId, address: await stage.contract.getAddress() };
  const { provider } = stage.relayer;
  if (provider === null) throw new Error("the relayer has no provider");
  const chain = agreementChain(relayerOf(provider), id, agreement, {
    fromBlock: 0,
    logRange: 10_000,
    ...submitOptions(),
  });
  const operators = (await operatorsOf(agreement, id, () => chain, records, storeFor)) as unknown as Play["operators"];
  const keeper: NodeParts<TestPatient> = {
    ...operators[0].parts,
    own: STRANGER,
    openRecords: () => Promise.reject(new Error("a keeper has no records")),
  };
  return {
    agreement,
    stage,
    chain,
    operators,
    keeper,
    must,
    pass: async (node, on) => {
      if (stage.day !== day(on)) await stage.setDay(day(on));
      return runPass("parts" in node ? node.parts : node);
    },
  };
}

/** A milestone report that landed, as it was signed. */
export async function pendingMilestone(
  { chain }: Play,
  clause: number,
  number: number,
): Promise<MilestoneReport & { tallies: Tally[] }> {
  const found = (await chain.read()).clause(clause, 0).reports.find(({ report }) => report.number === number);
  if (found?.kind !== "milestone") throw new Error(`no milestone report ${number}`);
  return { ...found.report, tallies: [...found.report.tallies], lastDay: found.report.asOfDay + 1 };
}
