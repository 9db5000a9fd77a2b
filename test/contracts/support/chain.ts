/** One in-process chain for all tests of agreements: block times are days of a story, and every test starts anew. */

import { HDNodeWallet, id, Wallet, type Signer, type SigningKey } from "ethers";
import { network } from "hardhat";

import { encodeEndorsements } from "../../../oracle/endorse/encode.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { parseDay, timestampOfDay } from "../../../terms/calendar.ts";
import {
  AgreementFactory__factory,
  OracleCommittee__factory,
  type AgreementFactory,
  type OracleCommittee,
} from "../../../typechain-types/index.ts";

/** A key, or a contract wallet: signs and sends. */
export type Account = Signer & { readonly address: string };

const connection = await network.create({ network: "story" });
export const { ethers, networkHelpers, provider } = connection;
export const { chainId } = await ethers.provider.getNetwork();

const THRESHOLD = 3;

/** The committee's five members, and somebody who is none. */
export const operators = Array.from({ length: 5 }, (_, i) => new Wallet(id(`operator ${i + 1}`)));
export const outsider = new Wallet(id("outsider"));

/** A committee's endorsement of a digest by some of its members. */
export const endorsedBy =
  (keys: readonly Wallet[]) =>
  (digest: string): string =>
    encodeEndorsements(
      keys.map(({ address, signingKey }) => ({
        signer: address,
        signature: signingKey.sign(digest).serialized as Hex,
      })),
    );

/** As many members as it takes. */
export const byCommittee = endorsedBy(operators.slice(0, THRESHOLD));

/** Hardhat's own accounts, which it makes of a phrase that everybody knows. */
const PHRASE = "test test test test test test test test test test test junk";
const ACCOUNTS = 20;
let keys: Map<string, SigningKey> | undefined;

/** The key of one of the chain's accounts. */
export function keyOfAccount(address: string): SigningKey {
  if (keys === undefined) {
    const path = HDNodeWallet.fromPhrase(PHRASE, undefined, "m/44'/60'/0'/0");
    const wallets = Array.from({ length: ACCOUNTS }, (_, i) => path.deriveChild(i));
    keys = new Map(wallets.map((wallet) => [wallet.address, wallet.signingKey]));
  }
  const key = keys.get(address);
  if (key === undefined) throw new RangeError(`no account of the chain: ${address}`);
  return key;
}

/** Deployed once, and there at the start of every test. */
export interface Shared {
  readonly factory: AgreementFactory;
  readonly committee: OracleCommittee;
  readonly relayer: Account;
  readonly arbiter: Account;
  readonly stranger: Account;
  readonly parties: readonly Account[];
}

let shared: Shared | undefined;
let start: unknown;

/** The chain as it was before the first test, with the factory and the committee. */
export async function freshChain(): Promise<Shared> {
  if (shared === undefined) {
    const [relayer, arbiter, stranger, ...parties] = (await ethers.getSigners()) as [Account, Account, Account];
    shared = {
      factory: await new AgreementFactory__factory(relayer).deploy(),
      committee: await new OracleCommittee__factory(relayer).deploy(
        operators.map(({ address }) => address),
        THRESHOLD,
      ),
      relayer,
      arbiter,
      stranger,
      parties,
    };
  } else {
    await provider.request({ method: "evm_revert", params: [start] });
  }
  start = await provider.request({ method: "evm_snapshot" });
  return shared;
}

/** A date as a day since 1970-01-01. */
export function dayOf(date: string): number {
  const day = parseDay(date);
  if (day === null) throw new RangeError(`no such day: ${date}`);
  return day;
}

/** 00:00 UTC of a date, in seconds. */
export const midnight = (date: string): number => timestampOfDay(dayOf(date));

/** Sets the clock: the next call falls on that second. */
export async function nextCallAt(seconds: number): Promise<void> {
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [seconds] });
}

/** Sets the clock to 00:00 UTC of a date, or to some seconds before or after it. */
export async function at(date: string, offset = 0): Promise<void> {
  await nextCallAt(midnight(date) + offset);
  await provider.request({ method: "evm_mine" });
}

/** The day on the chain's clock. */
export async function today(): Promise<number> {
  return Math.floor((await networkHelpers.time.latest()) / 86_400);
}
