/** Computes, endorses and submits what is open at one place. */

import type { Agreement } from "../../terms/model.ts";
import type { Action } from "../chain/action.ts";
import type { OracleAccount } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { Computed, Dates } from "../compute.ts";
import { placedEntries, placedPatients, type PlacedPatient } from "../endorse/difference.ts";
import type { EndorseRequest } from "../endorse/request.ts";
import type { SourcePatient } from "../outcomes.ts";
import { dueBatches } from "../pending.ts";
import { gatherEndorsement, requestOf } from "../propose.ts";
import type { Hex } from "../report/bytes.ts";
import type { AgreementId, OracleMessage, Place } from "../report/messages.ts";
import { dueAfter } from "../report/schedule.ts";
import { isErasedLeaf } from "../report/leaf.ts";
import type { EvidencedLeaf } from "../store/reports.ts";
import type { Stores } from "../store/stores.ts";
import type { View } from "../view.ts";
import { differencesIn, eventAt, failure, refusalText, type Found, type PassEvent } from "./event.ts";
import type { NodeParts } from "./parts.ts";

/** Whose turn it can be: the addresses that endorse. Empty when the oracle is a contract of another kind. */
export function operatorsOf(oracle: OracleAccount): readonly string[] {
  switch (oracle.type) {
    case "committee":
      return oracle.members;
    case "key":
      return [oracle.address];
    case "contract":
      return [];
  }
}

/** @returns no event when there is nothing to do. */
export async function proposePlace<P extends SourcePatient>(
  parts: NodeParts<P>,
  view: View<P>,
  oracle: OracleAccount,
  place: Place,
  dates: Dates,
  compute: () => Computed,
): Promise<PassEvent[]> {
  const step = place.kind === "enrolment" ? "enrol" : "report";
  const event = (found: Found): PassEvent[] => [eventAt(step, place, found)];
  try {
    const proposal = await openRequest(parts, view, place, dates, compute);
    if (proposal === null) return [];
    if ("detail" in proposal) return event(proposal);
    if (parts.turns?.isMine(place, parts.own, operatorsOf(oracle)) === false) {
      return event({ result: "waiting", detail: "another operator goes first" });
    }
    await proposal.keep();
    return event(await endorseAndSubmit(parts, view, oracle, proposal.request, proposal.patients));
  } catch (error) {
    return event(failure(error));
  }
}

interface OpenRequest {
  readonly request: EndorseRequest;
  readonly patients: readonly PlacedPatient[];
  /** Writes to the store what stands behind it; called before it is signed. */
  readonly keep: () => Promise<void>;
}

/** The request that this operator has endorsed already, as long as it counts; else a new one. Null: nothing to do. */
async function openRequest<P extends SourcePatient>(
  { stores, id }: NodeParts<P>,
  { outcomes, state }: View<P>,
  place: Place,
  { asOfDay }: Dates,
  compute: () => Computed,
): Promise<OpenRequest | Found | null> {
  const held = await stores.endorsements.holder(id, place);
  if (held !== null && held.content.message.lastDay >= state.today) {
    return { request: held, patients: await placedIn(stores, id, held), keep: () => Promise.resolve() };
  }
  const computed = compute();
  if (computed.status === "nothing") return null;
  if (computed.status === "held back") {
    return { result: "waiting", detail: `held back until day ${computed.why.until}: ${computed.why.reason}` };
  }
  const { patients, keep } = computed.proposal;
  return { request: requestOf(id, computed.proposal, asOfDay, outcomes.snapshot), patients, keep };
}

/** The patients of a request as they were when it was made; those erased since are left out. */
async function placedIn(
  stores: Stores,
  id: AgreementId,
  { content, entries }: EndorseRequest,
): Promise<PlacedPatient[]> {
  if (content.kind === "enrolment") return placedEntries(entries);
  const leaves = await stores.reports.leavesOf(id, content.message.root);
  return placedPatients(leaves.filter((leaf): leaf is EvidencedLeaf => !isErasedLeaf(leaf)));
}

async function endorseAndSubmit<P extends SourcePatient>(
  parts: NodeParts<P>,
  view: View<P>,
  oracle: OracleAccount,
  request: EndorseRequest,
  patients: readonly PlacedPatient[],
): Promise<Found> {
  const { peers, ask, peerTimeout, endorser } = parts;
  const proposed = await gatherEndorsement(request, oracle, endorser, { peers, ask, timeout: peerTimeout });
  if (proposed.status === "own signature missing") return { result: "waiting", detail: proposed.reason };
  if (proposed.status === "short") {
    const why = proposed.refusals.map((refusal) => `${refusal.peer.address}: ${refusalText(refusal)}`).join("; ");
    const detail = `${proposed.signed} of ${proposed.needed} signatures: ${why}`;
    return { result: "waiting", detail, differences: differencesIn(proposed.refusals, patients) };
  }
  const { endorsement, refusals, stop } = proposed;
  try {
    const found = await send(parts, view, request, endorsement);
    // Whoever differs has had the time of a block to say so.
    return { ...found, differences: differencesIn(refusals, patients) };
  } finally {
    stop();
  }
}

/** Sends what is endorsed, with the party's authorisation where the terms ask for one. */
async function send<P extends SourcePatient>(
  { agreement, chain, authorise }: NodeParts<P>,
  { state }: View<P>,
  { content, digest }: EndorseRequest,
  endorsement: Hex,
): Promise<Found> {
  // Asked last: once this operator has endorsed it, the enrolment keeps its digest until the endorsement expires, and
  // the party can sign what it has seen.
  let authorisation: Hex | null = "0x";
  if (content.kind === "enrolment" && agreement.oracle.authorisedBy !== null) {
    authorisation = await authorise(content.message, digest);
    if (authorisation === null) return { result: "waiting", detail: `the enrolment ${digest} is not authorised yet` };
  }
  const { standing, receipt } = await chain.submit(actionFor(agreement, state, content, endorsement, authorisation));
  if (standing === "superseded") return { result: "superseded", detail: "another content took the number" };
  return { result: "done", detail: receipt === null ? "stands on the chain already" : receipt.hash };
}

function actionFor(
  agreement: Agreement,
  state: AgreementState,
  { kind, message }: OracleMessage,
  endorsement: Hex,
  authorisation: Hex,
): Action {
  if (kind === "enrolment") return { type: "enrol", message, endorsement, authorisation };
  if (kind === "wager") return { type: "reportWager", message, endorsement };
  const terms = agreement.clauses[message.clause];
  const after = terms === undefined ? 0 : dueAfter(agreement, terms);
  const hint = dueBatches(state, message.cohort, message.asOfDay - after).batches;
  return { type: "reportMilestone", message, endorsement, hint };
}
