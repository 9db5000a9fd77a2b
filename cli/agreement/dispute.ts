/** `agreement challenge` and `agreement rule`. */

import { UsageError } from "../output.ts";
import type { Answer } from "./answer.ts";
import { contentOf, pendingFlag, pendingReports } from "./pending.ts";
import { accountFlag, accountHeldBy, placeFlag } from "./places.ts";
import { reportJson, reportLine } from "./reportWords.ts";
import type { Account } from "./send.ts";
import type { Subject } from "./subject.ts";

export interface ReportFlags {
  readonly clause: string;
  readonly cohort?: string;
  readonly number?: string;
}

/** Disputes a pending report for the key's account. */
export async function challenge(
  subject: Subject,
  sender: Account,
  flags: ReportFlags & { readonly party?: string },
): Promise<Answer> {
  const { contract, words, address, packed } = subject;
  const place = placeFlag(subject, flags);
  const account =
    flags.party === undefined ? await accountHeldBy(subject, sender.address) : accountFlag(subject, flags.party);
  const pending = await pendingFlag(subject, place, flags.number);
  const content = await contentOf(subject, place, pending);
  const data = contract.interface.encodeFunctionData("challenge", [
    place.clause,
    place.cohort,
    pending.number,
    account,
  ]);
  const where = `report ${pending.number} of ${words.clause(place.clause)}, ${words.cohort(place.cohort)}`;
  const receipt = await sender.send({ to: address, data, what: `challenging ${where}` });
  const now = (await pendingReports(subject, place, receipt.blockNumber)).find(
    ({ number }) => number === pending.number,
  );
  const until = words.time(now?.settlesFrom ?? 0);
  return {
    json: {
      ok: true,
      report: reportJson(subject, content),
      challenger: words.account(account),
      bond: words.amount(packed.challengeBond),
      ruleUntil: until,
      transaction: receipt.hash,
    },
    lines: [
      reportLine(subject, content),
      `challenged by ${words.account(account)}, bond ${words.money(packed.challengeBond)}`,
      `the arbiter can rule until ${until}; then it settles as it stands`,
      `transaction ${receipt.hash}`,
    ],
  };
}

/** The arbiter's word on a challenged report. */
export async function rule(
  subject: Subject,
  sender: Account,
  flags: ReportFlags & { readonly uphold?: true; readonly reject?: true },
): Promise<Answer> {
  if ((flags.uphold === undefined) === (flags.reject === undefined)) throw new UsageError("give --uphold or --reject");
  const { contract, words, address } = subject;
  const upheld = flags.uphold === true;
  const place = placeFlag(subject, flags);
  const pending = await pendingFlag(subject, place, flags.number);
  const content = await contentOf(subject, place, pending);
  const { interface: abi } = contract;
  const data =
    content.kind === "milestone"
      ? abi.encodeFunctionData("ruleMilestone", [{ ...content.message, tallies: [...content.message.tallies] }, upheld])
      : abi.encodeFunctionData("ruleWager", [content.message, upheld]);
  const word = upheld ? "upheld" : "rejected";
  const receipt = await sender.send({ to: address, data, what: `ruling on report ${pending.number}: ${word}` });
  return {
    json: { ok: true, report: reportJson(subject, content), upheld, transaction: receipt.hash },
    lines: [
      reportLine(subject, content),
      upheld
        ? `${word}: it has settled, and the bond went to the clause's other side`
        : `${word}: it is void, the bond is free again, and its patients may be reported again`,
      `${words.clause(place.clause)}, ${words.cohort(place.cohort)}; transaction ${receipt.hash}`,
    ],
  };
}
