/** A network to try things on: a chain in a process of its own, the contracts, and accounts with money for everybody. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { NonceManager, type HDNodeWallet, type JsonRpcProvider } from "ethers";

import { timestampOfDay } from "../../terms/calendar.ts";
import type { Day } from "../../terms/model.ts";
import {
  AgreementFactory__factory,
  OracleCommittee__factory,
  PlainToken__factory,
} from "../../typechain-types/index.ts";
import { account, freePort, startAnvil } from "./anvil.ts";

export interface NetworkOptions {
  /** Where `network.env` is written. */
  readonly folder: string;
  /** The chain's first day. */
  readonly day: Day;
  readonly operators: number;
  /** Operators who must agree. */
  readonly threshold: number;
}

export interface Network {
  readonly url: string;
  /** Shell variables: addresses, free ports, and the keys, which are the chain's public test keys. */
  readonly variables: Readonly<Record<string, string>>;
  readonly file: string;
  /** Ends the chain, and with it all that happened on it. */
  stop(): void;
}

/** Decimals of the test token, and what each party starts with: 100 million. */
const DECIMALS = 2;
const MONEY = 100_000_000n * 10n ** BigInt(DECIMALS);

/** Accounts of the chain: 0 deploys, 1 to 3 take part, the operators follow. */
const PARTIES = { PAYER: 1, MAKER: 2, ARBITER: 3 } as const;
const FIRST_OPERATOR = 4;
/** The chain starts with ten accounts. */
export const MOST_OPERATORS = 10 - FIRST_OPERATOR;

/** @throws Error when the chain does not start */
export async function startNetwork({ folder, day, operators, threshold }: NetworkOptions): Promise<Network> {
  const anvil = await startAnvil("--timestamp", String(timestampOfDay(day)));
  try {
    const members = Array.from({ length: operators }, (_, i) => account(FIRST_OPERATOR + i));
    const venue = await deploy(anvil.provider, members, threshold);
    const { chainId } = await anvil.provider.getNetwork();
    const variables: Record<string, string> = {
      OUTCOMEPAY_RPC_URL: anvil.url,
      CHAIN_ID: chainId.toString(),
      ...venue,
      NETWORK_PID: String(process.pid),
    };
    const cast = [
      ...Object.entries(PARTIES).map(([name, i]) => [name, account(i)] as const),
      ...members.map((member, i) => [`OPERATOR_${i + 1}`, member] as const),
    ];
    for (const [name, { address, privateKey }] of cast) {
      variables[name] = address;
      variables[`${name}_KEY`] = privateKey;
    }
    for (const i of members.keys()) variables[`OPERATOR_${i + 1}_PORT`] = String(await freePort());
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "network.env");
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
    writeFileSync(file, lines.join(""));
    const stop = (): void => {
      rmSync(file, { force: true });
      anvil.stop();
    };
    return { url: anvil.url, variables, file, stop };
  } catch (error) {
    anvil.stop();
    throw error;
  }
}

async function deploy(
  provider: JsonRpcProvider,
  members: readonly HDNodeWallet[],
  threshold: number,
): Promise<{ FACTORY: string; COMMITTEE: string; TOKEN: string }> {
  const deployer = new NonceManager(account(0).connect(provider));
  const addresses = members.map(({ address }) => address);
  const [factory, committee, token] = [
    await new AgreementFactory__factory(deployer).deploy(),
    await new OracleCommittee__factory(deployer).deploy(addresses, threshold),
    await new PlainToken__factory(deployer).deploy(DECIMALS),
  ];
  for (const i of [PARTIES.PAYER, PARTIES.MAKER]) await (await token.mint(account(i).address, MONEY)).wait();
  return {
    FACTORY: await factory.getAddress(),
    COMMITTEE: await committee.getAddress(),
    TOKEN: await token.getAddress(),
  };
}

/** A block at 00:00 UTC of the day. @throws RangeError when that lies behind the latest block */
export async function moveToDay(provider: JsonRpcProvider, day: Day): Promise<void> {
  const latest = await provider.getBlock("latest");
  const time = timestampOfDay(day);
  if (latest !== null && latest.timestamp > time) throw new RangeError("the chain is beyond that day already");
  if (latest?.timestamp === time) return;
  await provider.send("evm_setNextBlockTimestamp", [time]);
  await provider.send("evm_mine", []);
}
