/** An agreement on a chain of its own, funded, with five operators' nodes. */

import type { AgreementChain } from "../../oracle/chain/agreementChain.ts";
import type { PassEvent } from "../../oracle/node.ts";
import type { Stage, World } from "../../runner/world.ts";
import type { Agreement } from "../../terms/model.ts";
import { recordsOf, type TestOperator, type TestPatient } from "./fixture.ts";
import { play } from "./passes.ts";

export { day } from "./passes.ts";

export interface Staged {
  readonly agreement: Agreement;
  readonly stage: Stage;
  readonly chain: AgreementChain;
  readonly operators: readonly TestOperator[];
  /** One operator's pass on a day. */
  pass(operator: number, on: string): Promise<PassEvent[]>;
}

/** @param storeFor Location of each operator's store; memory when left out. */
export async function stageAgreement(
  world: World,
  sheet: string,
  patients: readonly TestPatient[],
  storeFor?: (operator: number) => string,
): Promise<Staged> {
  const { agreement, stage, chain, operators, pass } = await play(world, sheet, recordsOf(patients), { storeFor });
  return {
    agreement,
    stage,
    chain,
    operators,
    pass: (operator, on) => {
      const found = operators[operator];
      if (found === undefined) throw new Error("there is no such operator");
      return pass(found, on);
    },
  };
}
