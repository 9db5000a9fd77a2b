/** An agreement on a chain of its own, funded, with five operators' nodes. */

import { agreementChain, type AgreementChain } from "../../oracle/chain/agreementChain.ts";
import type { Sender } from "../../oracle/chain/submit.ts";
import { runPass, type PassEvent } from "../../oracle/node.ts";
import { isRefused, type Stage, type World } from "../../runner/world.ts";
import { parseDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import { agreementOf, operatorsOf, recordsOf, type TestOperator, type TestPatient } from "./fixture.ts";

export const day = (text: string): number => parseDay(text) ?? 0;

export interface Staged {
  readonly agreement: Agreement;
  readonly stage: Stage;
  readonly chain: AgreementChain;
  readonly operators: readonly TestOperator[];
  /** One operator's pass on a day. */
  pass(operator: number, on: string): Promise<PassEvent[]>;
}

/** What each party has paid in. */
const FUNDS = 100_000_000n;

/** @param storeFor Location of each operator's store; memory when left out. */
export async function stageAgreement(
  world: World,
  sheet: string,
  patients: readonly TestPatient[],
  storeFor?: (operator: number) => string,
): Promise<Staged> {
  const agreement = agreementOf(sheet);
  const stage = await world.open(agreement, day("2026-01-01"));
  if (isRefused(stage)) throw new Error(stage.detail);
  for (const account of agreement.members.keys()) {
    await stage.send((options) => stage.token.mint(stage.relayer, FUNDS, options));
    await stage.send((options) => stage.contract.deposit(account, FUNDS, options));
  }
  const { chainId } = (await stage.relayer.provider?.getNetwork()) ?? { chainId: 0n };
  const id = { chainId, address: await stage.contract.getAddress() };
  const options = {
    fromBlock: 0,
    logRange: 10_000,
    confirmations: 1,
    poll: 1,
    stallAfter: 1_000,
    attempts: 3,
    sleep: () => Promise.resolve(),
  };
  const chain = agreementChain(stage.relayer as unknown as Sender, id, agreement, options);
  const operators = await operatorsOf(agreement, id, () => chain, recordsOf(patients), storeFor);
  return {
    agreement,
    stage,
    chain,
    operators,
    async pass(operator, on) {
      if (stage.day !== day(on)) await stage.setDay(day(on));
      const found = operators[operator];
      if (found === undefined) throw new Error("there is no such operator");
      return runPass(found.parts);
    },
  };
}
