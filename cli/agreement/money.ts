/** `agreement fund` and `agreement withdraw`. */

import { Contract, type TransactionReceipt } from "ethers";

import { readAddressFlag } from "../flags.ts";
import { Finding, UsageError } from "../output.ts";
import { amountFlag, tokenUnits } from "./amount.ts";
import type { Answer } from "./answer.ts";
import { accountFlag, accountHeldBy } from "./places.ts";
import type { Account } from "./send.ts";
import type { Subject } from "./subject.ts";

const ERC20 = [
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address, address) view returns (uint256)",
  "function approve(address, uint256) returns (bool)",
];

/** Pays tokens of the key's address into an account; the allowance is set when it is too low. */
export async function fund(
  subject: Subject,
  sender: Account,
  flags: { readonly party: string; readonly amount: string },
): Promise<Answer> {
  const { contract, words, address } = subject;
  const account = accountFlag(subject, flags.party);
  const amount = amountFlag(subject, flags.amount);
  const units = tokenUnits(subject, amount);
  const token = new Contract(subject.token.address, ERC20, subject.provider);
  const has = (await token.getFunction("balanceOf")(sender.address)) as bigint;
  if (has < units) {
    const short = `${sender.address} has ${words.money(has / tokenUnits(subject, 1n))}, ${words.money(amount)} are needed`;
    throw new Finding(short, null);
  }
  const receipts: TransactionReceipt[] = [];
  if (((await token.getFunction("allowance")(sender.address, address)) as bigint) < units) {
    const data = token.interface.encodeFunctionData("approve", [address, units]);
    receipts.push(await sender.send({ to: subject.token.address, data, what: `allowing ${words.money(amount)}` }));
  }
  const data = contract.interface.encodeFunctionData("deposit", [account, units]);
  receipts.push(await sender.send({ to: address, data, what: `paying in for ${words.account(account)}` }));
  return moved(subject, "funded", account, amount, receipts);
}

/** Sends free balance of the key's account to `--to`, by default to the key's address. */
export async function withdraw(
  subject: Subject,
  sender: Account,
  flags: { readonly party?: string; readonly amount?: string; readonly all?: true; readonly to?: string },
): Promise<Answer> {
  const { contract, words, address } = subject;
  if ((flags.amount === undefined) === (flags.all === undefined)) throw new UsageError("give --amount or --all");
  const to = flags.to === undefined ? sender.address : readAddressFlag("--to", flags.to);
  const account =
    flags.party === undefined ? await accountHeldBy(subject, sender.address) : accountFlag(subject, flags.party);
  const amount = flags.amount === undefined ? await freeOf(subject, account) : amountFlag(subject, flags.amount);
  if (amount === 0n) throw new Finding(`${words.account(account)} has nothing free`, null);
  const data = contract.interface.encodeFunctionData("withdraw", [account, tokenUnits(subject, amount), to]);
  const receipt = await sender.send({ to: address, data, what: `withdrawing ${words.money(amount)} to ${to}` });
  return moved(subject, "withdrawn", account, amount, [receipt]);
}

async function freeOf({ contract }: Subject, account: number): Promise<bigint> {
  const { balance, locked } = await contract.accountOf(account);
  return balance - locked;
}

async function moved(
  { contract, words }: Subject,
  what: "funded" | "withdrawn",
  account: number,
  amount: bigint,
  receipts: readonly TransactionReceipt[],
): Promise<Answer> {
  const blockTag = receipts.at(-1)?.blockNumber ?? "latest";
  const { balance, locked } = await contract.accountOf(account, { blockTag });
  const now = { held: words.amount(balance), locked: words.amount(locked), free: words.amount(balance - locked) };
  const party = words.account(account);
  return {
    json: {
      ok: true,
      account,
      party,
      [what]: words.amount(amount),
      ...now,
      transactions: receipts.map(({ hash }) => hash),
    },
    lines: [
      `${party}: ${words.money(amount)} ${what}`,
      `holds ${now.held}, locked ${now.locked}, free ${now.free}`,
      ...receipts.map(({ hash }) => `transaction ${hash}`),
    ],
  };
}
