/** `agreement terminate`, `agree`, `release`, `appoint`: what needs every party. `assign`: what one decides for itself. */

import { ZeroAddress } from "ethers";

import { parseMoney } from "../../terms/values.ts";
import type { Movement } from "../../terms/onchain/jointActs.ts";
import { readAddressFlag, readWholeFlag } from "../flags.ts";
import { UsageError } from "../output.ts";
import { amountFlag } from "./amount.ts";
import type { Answer } from "./answer.ts";
import { jointAct, type JointFlags } from "./jointAct.ts";
import { accountFlag, accountHeldBy, placeFlag } from "./places.ts";
import type { Account } from "./send.ts";
import type { Subject } from "./subject.ts";

export function terminate(subject: Subject, flags: JointFlags): Promise<Answer> {
  return jointAct(subject, { kind: "terminate", content: {} }, "no more enrolment, the rest runs off", flags);
}

export type AgreeFlags = JointFlags & {
  readonly clause: string;
  readonly cohort?: string;
  readonly patients?: string;
  readonly total: string;
};

const MOST_PATIENTS = 2 ** 32 - 1;

/** Outstanding patients of a clause, or a whole wager, at a total that the parties agree on. */
export function agree(subject: Subject, flags: AgreeFlags): Promise<Answer> {
  const { words, decimals } = subject;
  const { clause, cohort, terms } = placeFlag(subject, flags);
  const isWager = terms.kind === "wager";
  if (isWager !== (flags.patients === undefined)) {
    throw new UsageError(
      `--patients: ${words.clause(clause)} ${isWager ? "is settled as a whole, expected none" : "is settled by patient, expected how many"}`,
    );
  }
  const patients = flags.patients === undefined ? 0 : readWholeFlag("--patients", flags.patients, MOST_PATIENTS);
  const total = parseMoney(flags.total, decimals);
  if (total === null) {
    throw new UsageError(`--total: found ${flags.total}, expected an amount with at most ${decimals} decimals`);
  }
  const [from, to] = total < 0n ? [terms.to, terms.from] : [terms.from, terms.to];
  const who = isWager ? "" : `, ${patients} patients`;
  const paid = `${words.side(from)} pays ${words.side(to)} ${words.money(total < 0n ? -total : total)}`;
  const says = `${words.clause(clause)}, ${words.cohort(cohort)}${who}: ${paid}`;
  return jointAct(subject, { kind: "agree", content: { clause, cohort, patients, total } }, says, flags);
}

/** Stands for tokens that belong to no account. */
const NOBODY = "nobody";
const NO_ACCOUNT = 255;

/** Movements of free balance, three words each: from, to, amount. */
export function release(subject: Subject, flags: JointFlags & { readonly move: readonly string[] }): Promise<Answer> {
  const { words } = subject;
  const { move } = flags;
  if (move.length === 0 || move.length % 3 !== 0) {
    throw new UsageError(`--move: found ${move.join(" ")}, expected FROM TO AMOUNT, as often as needed`);
  }
  const movements = Array.from({ length: move.length / 3 }, (_, i): Movement => {
    const [from = "", to = "", amount = ""] = move.slice(3 * i);
    return {
      from: from === NOBODY ? NO_ACCOUNT : accountFlag(subject, from),
      to: accountFlag(subject, to),
      amount: amountFlag(subject, amount),
    };
  });
  const name = (account: number): string => (account === NO_ACCOUNT ? "tokens of nobody" : words.account(account));
  const says = movements.map(
    ({ from, to, amount }) => `${words.money(amount)} from ${name(from)} to ${words.account(to)}`,
  );
  return jointAct(subject, { kind: "release", content: { movements } }, says.join("; "), flags);
}

export type AppointFlags = JointFlags & { readonly oracle?: string; readonly arbiter?: string };

export function appoint(subject: Subject, flags: AppointFlags): Promise<Answer> {
  if (flags.oracle === undefined && flags.arbiter === undefined)
    throw new UsageError("give --oracle, --arbiter or both");
  const of = (flag: "oracle" | "arbiter"): string =>
    flags[flag] === undefined ? ZeroAddress : readAddressFlag(`--${flag}`, flags[flag]);
  const content = { oracle: of("oracle"), arbiter: of("arbiter") };
  const says = [
    ...(flags.oracle === undefined ? [] : [`${content.oracle} is the oracle`]),
    ...(flags.arbiter === undefined ? [] : [`${content.arbiter} is the arbiter`]),
  ];
  return jointAct(subject, { kind: "appoint", content }, says.join(", "), flags);
}

/** Hands the key's account over to another address. */
export async function assign(
  subject: Subject,
  sender: Account,
  flags: { readonly to: string; readonly party?: string },
): Promise<Answer> {
  const { contract, words, address } = subject;
  const to = readAddressFlag("--to", flags.to);
  const account =
    flags.party === undefined ? await accountHeldBy(subject, sender.address) : accountFlag(subject, flags.party);
  const data = contract.interface.encodeFunctionData("assign", [account, to]);
  const receipt = await sender.send({ to: address, data, what: `handing ${words.account(account)} to ${to}` });
  return {
    json: { ok: true, account, party: words.account(account), holder: to, transaction: receipt.hash },
    lines: [`${words.account(account)} is held by ${to}`, `transaction ${receipt.hash}`],
  };
}
