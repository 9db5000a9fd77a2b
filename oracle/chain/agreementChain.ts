/** One agreement on a chain behind JSON-RPC: the only way by which an operator's node touches it. */

import { Contract, getAddress, isCallException, isError, type Provider } from "ethers";

import type { Agreement } from "../../terms/model.ts";
import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import type { AgreementId } from "../report/messages.ts";
import { encodeAction, intentOf, standingOf, type Action } from "./action.ts";
import { readAgreementState, type AgreementState, type ReadOptions } from "./agreementState.ts";
import { explainChainError } from "./errors.ts";
import { createSubmitter, type Sender, type SubmitOptions, type Submitted } from "./submit.ts";

/** Whoever endorses reports: a committee of operators, or one operator's key. */
export type OracleAccount =
  | { readonly type: "committee"; readonly members: readonly string[]; readonly threshold: number }
  | { readonly type: "key"; readonly address: string }
  /** A contract that decides by other means: its endorsements come from elsewhere. */
  | { readonly type: "contract"; readonly address: string };

export interface AgreementChain {
  /** @throws ChainError */
  read(): Promise<AgreementState>;
  /** @throws ChainError */
  oracleAccount(address: string): Promise<OracleAccount>;
  /** What the agreement keeps of a pending report; null when none is pending under that number. @throws ChainError */
  pendingReport(clause: number, cohort: number, number: number): Promise<PendingReport | null>;
  /** What the agreement keeps of a report that is pending or has settled after its window; null of any other. @throws ChainError */
  reportCommitment(clause: number, cohort: number, number: number): Promise<string | null>;
  /** Whether the agreement would take it now, at no cost. @throws ChainError when not */
  simulate(action: Action): Promise<void>;
  /** Simulates, sends, waits for confirmations. @throws ChainError */
  submit(action: Action): Promise<Submitted>;
  /** Finishes what was on its way when the process before this one ended. @throws ChainError */
  recover(): Promise<void>;
}

/** Times in seconds since 1970-01-01 UTC. */
export interface PendingReport {
  readonly commitment: string;
  readonly landed: number;
  /** 0 when it was not challenged. */
  readonly challenged: number;
}

const COMMITTEE_ABI = [
  "function getSigners(uint64 start, uint64 end) view returns (bytes[])",
  "function threshold() view returns (uint64)",
];
/** More members than anybody can collect signatures from. */
const MOST_MEMBERS = 256;
const ADDRESS_LENGTH = 42;

export function agreementChain(
  sender: Sender,
  id: AgreementId,
  agreement: Agreement,
  options: ReadOptions & SubmitOptions,
): AgreementChain {
  const { provider } = sender;
  const submitter = createSubmitter(sender, options);
  const read = (): Promise<AgreementState> => readAgreementState(provider, id, agreement, options);
  return {
    read,
    async oracleAccount(address) {
      try {
        return await readOracleAccount(provider, address);
      } catch (error) {
        throw explainChainError(error);
      }
    },
    async pendingReport(clause, cohort, number) {
      try {
        const contract = IOutcomeAgreement__factory.connect(id.address, provider);
        const { commitment, landed, challenged } = await contract.pendingReport(clause, cohort, number);
        if (BigInt(commitment) === 0n) return null;
        return { commitment, landed: Number(landed), challenged: Number(challenged) };
      } catch (error) {
        throw explainChainError(error);
      }
    },
    async reportCommitment(clause, cohort, number) {
      try {
        const contract = IOutcomeAgreement__factory.connect(id.address, provider);
        const commitment = await contract.reportCommitment(clause, cohort, number);
        return BigInt(commitment) === 0n ? null : commitment;
      } catch (error) {
        throw explainChainError(error);
      }
    },
    async simulate(action) {
      try {
        await provider.call({ from: await sender.getAddress(), to: id.address, data: encodeAction(action) });
      } catch (error) {
        throw explainChainError(error);
      }
    },
    submit: (action) => {
      // Of a lapse the chain shows no number: whether it was made only its own transaction tells.
      const standing = action.type === "lapse" ? null : async () => standingOf(action, await read());
      return submitter.submit({ to: id.address, data: encodeAction(action), intent: intentOf(action), standing });
    },
    recover: () => submitter.recover(),
  };
}

async function readOracleAccount(provider: Provider, address: string): Promise<OracleAccount> {
  if ((await provider.getCode(address)) === "0x") return { type: "key", address: getAddress(address) };
  const committee = new Contract(address, COMMITTEE_ABI, provider);
  let found: [string[], bigint];
  try {
    found = (await Promise.all([
      committee.getFunction("getSigners")(0, MOST_MEMBERS),
      committee.getFunction("threshold")(),
    ])) as [string[], bigint];
  } catch (error) {
    // It has code and does not answer as a committee.
    if (isCallException(error) || isError(error, "BAD_DATA")) return { type: "contract", address: getAddress(address) };
    throw error;
  }
  const [signers, threshold] = found;
  // Longer ones are keys behind a verifier, such as P-256: their holders sign by other means.
  const members = signers.filter(({ length }) => length === ADDRESS_LENGTH).map((signer) => getAddress(signer));
  return { type: "committee", members, threshold: Number(threshold) };
}
