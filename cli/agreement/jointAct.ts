/**
 * What all parties sign together, in two turns of one command: without `--signatures` the key signs, with them the act is
 * sent. Both work the act out from the same flags, so that nobody sends what was not signed.
 */

import { TypedDataEncoder } from "ethers";

import { domainOf } from "../../oracle/report/messages.ts";
import { parseDay } from "../../terms/calendar.ts";
import { JOINT_TYPES, type JointActs } from "../../terms/onchain/jointActs.ts";
import { note, UsageError } from "../output.ts";
import type { Answer } from "./answer.ts";
import { collected } from "./collected.ts";
import type { SendFlags } from "./commandFlags.ts";
import { accountFlag, holdersOf } from "./places.ts";
import { openAccount, openWallet } from "./send.ts";
import { readActSignatures, writeSignature, type ActFile } from "./signatures.ts";
import type { Subject } from "./subject.ts";

export interface JointFlags extends SendFlags {
  readonly lastDay: string;
  readonly signatures?: readonly string[];
  readonly party?: string;
  readonly out?: string;
}

/** An act without its number and last day, which every act has. */
export type Act = {
  [K in keyof JointActs]: { readonly kind: K; readonly content: Omit<JointActs[K], "number" | "lastDay"> };
}[keyof JointActs];

interface Numbered {
  readonly kind: keyof JointActs;
  readonly message: JointActs[keyof JointActs];
  readonly digest: string;
  /** What it does, for people. */
  readonly says: string;
}

/** @param says What the act does, in words. */
export async function jointAct(
  subject: Subject,
  { kind, content }: Act,
  says: string,
  flags: JointFlags,
): Promise<Answer> {
  const { contract, chainId, address } = subject;
  const lastDay = parseDay(flags.lastDay);
  if (lastDay === null) throw new UsageError(`--last-day: found ${flags.lastDay}, expected a day such as 2026-08-15`);
  const number = Number(await contract.jointActs()) + 1;
  const message = { ...content, number, lastDay };
  const digest = TypedDataEncoder.hash(domainOf({ chainId, address }), JOINT_TYPES[kind], message);
  const act = { kind, message, digest, says: `act ${number}, until ${flags.lastDay}: ${says}` };
  return flags.signatures === undefined ? sign(subject, act, flags) : send(subject, act, flags.signatures, flags);
}

/** The present holder of an account signs; a wallet that is a contract is named by `--party`. */
async function sign(subject: Subject, { kind, message, digest, says }: Numbered, flags: JointFlags): Promise<Answer> {
  const { chainId, address, words } = subject;
  const wallet = await openWallet(flags);
  const holders = await holdersOf(subject);
  const own = flags.party === undefined ? holders.indexOf(wallet.address) : accountFlag(subject, flags.party);
  const account = holders[own];
  if (account === undefined) {
    const known = holders.map((holder, i) => `${words.account(i)} (${holder})`).join(", ");
    throw new UsageError(`the key's address is ${wallet.address}, expected that of a holder: ${known}`);
  }
  note(`signing as ${words.account(own)}: ${says}; digest ${digest}`);
  if (account !== wallet.address) {
    note(`warning: ${account} is not the key's address: the signature holds if that wallet takes it`);
  }
  const content: ActFile = {
    party: words.account(own),
    account,
    agreement: address,
    chainId: chainId.toString(),
    act: says,
    number: message.number,
    digest,
    signature: await wallet.signTypedData(domainOf({ chainId, address }), JOINT_TYPES[kind], message),
  };
  if (flags.out === undefined) return { json: content, lines: [JSON.stringify(content, null, 2)] };
  writeSignature(flags.out, content);
  return { json: { ...content, file: flags.out }, lines: [`${content.party} has signed ${says}: ${flags.out}`] };
}

async function send(
  subject: Subject,
  { kind, message, digest, says }: Numbered,
  paths: readonly string[],
  flags: SendFlags,
): Promise<Answer> {
  const { contract, provider, address } = subject;
  const signatures = await signaturesOver(subject, digest, message.number, paths);
  const abi = contract.interface;
  // The union of four calls, of which TypeScript can't see that kind and message belong together.
  const data = abi.encodeFunctionData(kind as "terminate", [message, signatures]);
  const sender = await openAccount(provider, flags);
  const receipt = await sender.send({ to: address, data, what: says });
  return {
    json: { ok: true, act: says, number: message.number, transaction: receipt.hash },
    lines: [`done: ${says}`, `transaction ${receipt.hash}`],
  };
}

/** @throws UsageError when one was given over another act, or a party is missing */
async function signaturesOver(
  subject: Subject,
  digest: string,
  number: number,
  paths: readonly string[],
): Promise<string[]> {
  const { words, provider } = subject;
  const files = readActSignatures(paths);
  for (const { file, content } of files) {
    if (content.digest.toLowerCase() === digest) continue;
    const why = content.number === number ? `expected act ${digest}` : `the next act is ${number}`;
    throw new UsageError(`${file}: ${content.party} signed ${content.act}; ${why}`);
  }
  const parties = (await holdersOf(subject)).map((account, i) => ({ name: words.account(i), account }));
  return collected(provider, digest, parties, files);
}
