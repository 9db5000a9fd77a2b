/** `agreement settle` and `agreement lapse`: what anyone may bring to an end. */

import type { TransactionReceipt } from "ethers";

import { encodeAction } from "../../oracle/chain/action.ts";
import { dayOfTimestamp } from "../../terms/calendar.ts";
import { Finding } from "../output.ts";
import type { Answer } from "./answer.ts";
import type { ReportFlags } from "./dispute.ts";
import { contentOf, pendingFlag } from "./pending.ts";
import { placeFlag, type Place } from "./places.ts";
import type { Account } from "./send.ts";
import type { Subject } from "./subject.ts";

/** A pending report after its window, or a clause that the contract knows by itself. */
export async function settle(subject: Subject, sender: Account, flags: ReportFlags): Promise<Answer> {
  const { address, words } = subject;
  const place = placeFlag(subject, flags);
  const { clause, cohort, terms } = place;
  if (terms.kind === "enrolment") {
    throw new Finding(`${words.clause(clause)} is paid at enrolment: there is nothing to settle`, null);
  }
  if (terms.knownTo !== "oracle") {
    const hint = await dueBatches(subject, place, 0);
    const data = encodeAction({ type: "settleClause", clause, cohort, hint });
    return settled(subject, place, await sender.send({ to: address, data, what: `settling ${words.clause(clause)}` }));
  }
  const pending = await pendingFlag(subject, place, flags.number);
  const content = await contentOf(subject, place, pending);
  const data = encodeAction(
    content.kind === "milestone"
      ? { type: "settleMilestone", message: content.message }
      : { type: "settleWager", message: content.message },
  );
  const what = `settling report ${pending.number} of ${words.clause(clause)}`;
  return settled(subject, place, await sender.send({ to: address, data, what }));
}

/** Nobody reported in time: the overdue count as not evaluable. */
export async function lapse(
  subject: Subject,
  sender: Account,
  flags: { readonly clause: string; readonly cohort?: string },
): Promise<Answer> {
  const { address, contract, packed, words } = subject;
  const place = placeFlag(subject, flags);
  const { clause, cohort } = place;
  // Overdue from the day after the last day on which a report was expected.
  const hint = await dueBatches(subject, place, packed.reportWithin + 1);
  const data = contract.interface.encodeFunctionData("lapse", [clause, cohort, hint]);
  return settled(subject, place, await sender.send({ to: address, data, what: `lapsing ${words.clause(clause)}` }));
}

/** Batches due so many days ago: saves the contract a search. */
async function dueBatches({ provider, contract }: Subject, { cohort, terms }: Place, ago: number): Promise<number> {
  const block = await provider.getBlock("latest");
  const day = dayOfTimestamp(block?.timestamp ?? 0) - terms.span - ago;
  return day < 0 || terms.kind === "wager" ? 0 : Number((await contract.dueBatches(cohort, day)).batches);
}

/** What the call moved, from its own events. */
function settled({ contract, words }: Subject, { clause, cohort, terms }: Place, receipt: TransactionReceipt): Answer {
  const event = receipt.logs
    .map((log) => contract.interface.parseLog(log))
    .find((it) => it !== null && ["Settled", "SettledByContract", "Lapsed"].includes(it.name));
  const total = (event?.args.getValue("total") ?? 0n) as bigint;
  const patients = Number((event?.args.getValue("patients") ?? 0n) as bigint);
  const [from, to] = total < 0n ? [terms.to, terms.from] : [terms.from, terms.to];
  const paid = total < 0n ? -total : total;
  const where = `${words.clause(clause)}, ${words.cohort(cohort)}`;
  return {
    json: {
      ok: true,
      clause: words.clause(clause),
      cohort: words.cohort(cohort),
      patients,
      from: words.side(from),
      to: words.side(to),
      paid: words.amount(paid),
      transaction: receipt.hash,
    },
    lines: [
      `${where}${patients === 0 ? "" : `, ${patients} patients`}: ${words.side(from)} paid ${words.side(to)} ${words.money(paid)}`,
      `transaction ${receipt.hash}`,
    ],
  };
}
