/** What every peer is measured on: the chain of our own measurements, its committee's keys, its token, its parties. */

import {
  Contract,
  ContractFactory,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  type Signer,
} from "ethers";

import { PRICE } from "../../test/contracts/gas.life.ts";
import { at, freshChain, midnight, nextCallAt, operators, type Account } from "../../test/contracts/support/chain.ts";
import { PlainToken__factory, type PlainToken } from "../../typechain-types/index.ts";
import type { Artifact } from "./compile.ts";

/** What a transaction may use at most since EIP-7825. */
export const TRANSACTION_LIMIT = 2n ** 24n;

export interface Bed {
  /** Whoever sends what nobody in particular must send. */
  readonly relayer: Account;
  /** Holds what the whole cohort costs and more; the maker holds nothing at first, as in our own life. */
  readonly payer: Account;
  readonly maker: Account;
  readonly token: PlainToken;
  readonly tokenAddress: string;
  readonly deploy: (artifact: Artifact, ...args: readonly unknown[]) => Promise<Contract>;
  /** Gives contracts a unit of the token, as others' money does on a chain in use: their balances' slots are not empty. */
  readonly occupy: (...contracts: readonly (Contract | string)[]) => Promise<void>;
  /** Sends a call. Without estimation, which would run it several times. */
  readonly send: (
    contract: Contract,
    method: string,
    args: readonly unknown[],
    from?: Signer,
  ) => Promise<ContractTransactionReceipt>;
  /** Gas of a call that is sent. */
  readonly gasOf: (contract: Contract, method: string, args: readonly unknown[], from?: Signer) => Promise<bigint>;
  /** Lets the clock run: the next call that is sent is later by so much. */
  readonly wait: (days: number) => void;
  /** When the last call was sent, in seconds. */
  readonly now: () => number;
  /** @throws Error when a party does not hold what the story gives it */
  readonly mustHold: (who: Account | string, amount: bigint) => Promise<void>;
}

/** The clock is the story's and not the machine's: a time is part of what some peers hash. */
const START = "2026-01-02";
/** Seconds from call to call. */
const STEP = 600;

/** Token units that the payer has at first. */
export const FORTUNE = PRICE * 1_000_000n;

/** The chain anew, with nothing on it but the token. */
export async function makeBed(): Promise<Bed> {
  const { relayer, parties } = await freshChain();
  const [payer, maker] = parties as [Account, Account];
  const token = await new PlainToken__factory(relayer).deploy(2);
  await token.mint(payer, FORTUNE);
  await at(START);
  let clock = midnight(START);
  const send: Bed["send"] = async (contract, method, args, from = relayer) => {
    clock += STEP;
    await nextCallAt(clock);
    const connected = contract.connect(from) as Contract;
    const sent = await connected.getFunction(method).send(...args, { gasLimit: TRANSACTION_LIMIT });
    return (await sent.wait())!;
  };
  return {
    relayer,
    payer,
    maker,
    token,
    tokenAddress: await token.getAddress(),
    async deploy(artifact, ...args) {
      const contract = await new ContractFactory(artifact.abi, artifact.bytecode, relayer).deploy(...args);
      return new Contract(await contract.getAddress(), artifact.abi, relayer);
    },
    async occupy(...contracts) {
      for (const contract of contracts) await token.mint(contract, 1n);
    },
    send,
    gasOf: async (...call) => (await send(...call)).gasUsed,
    wait(days) {
      clock += days * 86_400;
    },
    now: () => clock,
    async mustHold(who, amount) {
      const found = await token.balanceOf(who);
      if (found !== amount) throw new Error(`found ${found}, expected ${amount}: the money went elsewhere`);
    },
  };
}

export async function gasUsed(sent: ContractTransactionResponse): Promise<bigint> {
  return (await sent.wait())!.gasUsed;
}

/** The pieces of a list, in order. */
export function pieces<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

/** Signatures of the first three of the committee's five, as `bench/contracts/Quorum.sol` takes them. */
export function quorum(digest: string): { r: string; vs: string }[] {
  return operators.slice(0, 3).map(({ signingKey }) => {
    const { r, yParityAndS } = signingKey.sign(digest);
    return { r, vs: yParityAndS };
  });
}

/** The committee's five addresses. */
export const members: readonly string[] = operators.map(({ address }) => address);
