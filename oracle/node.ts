/**
 * One pass of one operator for one agreement: enrol who is newly indexed, report what is due, settle what can be settled.
 * A pass reads the chain, does what is open and forgets everything but the store: after a crash the next one goes on.
 */

import { assessment, type Agreement, type Day } from "../terms/model.ts";
import type { Action } from "./chain/action.ts";
import type { AgreementChain, OracleAccount } from "./chain/agreementChain.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import { ChainError } from "./chain/errors.ts";
import { catchUp } from "./catchUp.ts";
import { computeEnrolment, computeMilestone, computeWager, type Computed, type Dates } from "./compute.ts";
import type { AskEntries } from "./endorse/client.ts";
import { differentPatients, type PatientDifference, type PlacedPatient } from "./endorse/difference.ts";
import type { Ask, Peer, Refusal } from "./endorse/collect.ts";
import type { Endorser } from "./endorse/endorser.ts";
import type { EndorseRequest } from "./endorse/request.ts";
import type { Outcomes, SourcePatient } from "./outcomes.ts";
import { dueBatches, openReports, settleableClauses, wholeReport } from "./pending.ts";
import { gatherEndorsement, requestOf } from "./propose.ts";
import type { Hex } from "./report/bytes.ts";
import type { AgreementId, Enrolment, OracleMessage, Place } from "./report/messages.ts";
import { dueAfter, reportingDay } from "./report/schedule.ts";
import type { Stores } from "./store/stores.ts";
import type { Turns } from "./turns.ts";
import { loadView, type View } from "./view.ts";

export interface NodeParts<P extends SourcePatient> {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly secret: Uint8Array;
  /** This operator's address. */
  readonly own: string;
  readonly peers: readonly Peer[];
  readonly chain: AgreementChain;
  /** Reads the records as of a day. */
  readonly openRecords: (asOfDay: Day) => Promise<Outcomes<P>>;
  readonly endorser: Endorser;
  readonly stores: Stores;
  readonly ask: Ask;
  readonly askEntries: AskEntries;
  /** Milliseconds for one peer to answer. */
  readonly peerTimeout: number;
  /** 32 random bytes. */
  readonly drawSalt: () => Hex;
  /** The authorising party's signature of an enrolment; null while it has not signed. Asked only if the terms name one. */
  readonly authorise: (enrolment: Enrolment, digest: Hex) => Promise<Hex | null>;
  /** Days after today on which endorsements still count. */
  readonly validity: number;
  /** Null: this operator never waits for its turn. */
  readonly turns: Turns | null;
}

/** What a pass did with one thing. Patients appear by pseudonym, and only where operators differ. */
export interface PassEvent {
  readonly step: "catch up" | "enrol" | "report" | "settle";
  readonly clause: number | null;
  readonly cohort: number;
  readonly number: number | null;
  readonly result: "done" | "superseded" | "waiting" | "failed";
  readonly detail: string;
  readonly differences: readonly { readonly operator: string; readonly patients: readonly PatientDifference[] }[];
}

type Found = Pick<PassEvent, "result" | "detail"> & Partial<Pick<PassEvent, "differences">>;

/** @throws ChainError when the chain can't be read at all; everything else becomes an event. */
export async function runPass<P extends SourcePatient>(parts: NodeParts<P>): Promise<PassEvent[]> {
  const events: PassEvent[] = [];
  const { agreement, chain } = parts;
  let state = await chain.read();
  const oracle = await chain.oracleAccount(state.oracle);
  events.push(...(await catchUp(parts, state)));

  const today = await parts.openRecords(state.today);
  for (const cohort of agreement.cohorts.keys()) {
    const number = (state.cohorts[cohort]?.number ?? 0) + 1;
    const place: Place = { kind: "enrolment", clause: null, cohort, number };
    const dates = { asOfDay: state.today, lastDay: state.today + parts.validity };
    const view = await loadView(parts, state, today);
    const compute = (): Computed => computeEnrolment(view, cohort, dates, parts.drawSalt);
    events.push(...(await proposePlace(parts, view, oracle, place, dates, compute)));
    // The next cohort must not take a patient whom this one has just enrolled.
    if (events.at(-1)?.result === "done") state = await chain.read();
  }

  const asOfDay = reportingDay(agreement, state.today);
  if (asOfDay !== null) {
    const records = asOfDay === state.today ? today : await parts.openRecords(asOfDay);
    const view = await loadView(parts, state, records);
    const dates = { asOfDay, lastDay: state.today + parts.validity };
    for (const { clause, cohort, kind } of reportedClauses(agreement)) {
      const place: Place = { kind, clause, cohort, number: state.clause(clause, cohort).number + 1 };
      const computeKind = kind === "milestone" ? computeMilestone : computeWager;
      const compute = (): Computed => computeKind(view, clause, cohort, dates);
      events.push(...(await proposePlace(parts, view, oracle, place, dates, compute)));
    }
  }
  events.push(...(await settleAll(parts)));
  return events;
}

function reportedClauses(agreement: Agreement): { clause: number; cohort: number; kind: "milestone" | "wager" }[] {
  return agreement.clauses.flatMap((terms, clause) => {
    if (terms.metric?.knownTo !== "oracle" || assessment(terms) !== "outcome") return [];
    return [...terms.payoffs.keys()].map((cohort) => ({ clause, cohort, kind: terms.kind }));
  });
}

/** Computes, endorses and submits what is open at one place. */
async function proposePlace<P extends SourcePatient>(
  parts: NodeParts<P>,
  view: View<P>,
  oracle: OracleAccount,
  place: Place,
  dates: Dates,
  compute: () => Computed,
): Promise<PassEvent[]> {
  const step = place.kind === "enrolment" ? "enrol" : "report";
  const { clause, cohort, number } = place;
  const event = (found: Found): PassEvent[] => [{ step, clause, cohort, number, differences: [], ...found }];
  try {
    const proposal = await openRequest(parts, view, place, dates, compute);
    if (proposal === null) return [];
    if ("detail" in proposal) return event(proposal);
    const operators = oracle.type === "committee" ? oracle.members : [oracle.address];
    if (parts.turns?.isMine(place, parts.own, operators) === false) {
      return event({ result: "waiting", detail: "another operator goes first" });
    }
    return event(await endorseAndSubmit(parts, view, oracle, proposal.request, proposal.patients));
  } catch (error) {
    return event(failure(error));
  }
}

interface OpenRequest {
  readonly request: EndorseRequest;
  readonly patients: readonly PlacedPatient[];
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
  if (held !== null && held.content.message.lastDay >= state.today) return { request: held, patients: [] };
  const computed = compute();
  if (computed.status === "nothing") return null;
  if (computed.status === "held back") {
    return { result: "waiting", detail: `held back until day ${computed.why.until}: ${computed.why.reason}` };
  }
  const { proposal } = computed;
  await proposal.keep();
  return { request: requestOf(id, proposal, asOfDay, outcomes.snapshot), patients: proposal.patients };
}

async function endorseAndSubmit<P extends SourcePatient>(
  parts: NodeParts<P>,
  view: View<P>,
  oracle: OracleAccount,
  request: EndorseRequest,
  patients: readonly PlacedPatient[],
): Promise<Found> {
  const { peers, ask, peerTimeout, endorser, chain, agreement } = parts;
  const { content } = request;
  const proposed = await gatherEndorsement(request, oracle, endorser, { peers, ask, timeout: peerTimeout });
  if (proposed.status === "own signature missing") return { result: "waiting", detail: proposed.reason };
  if (proposed.status === "short") {
    const why = proposed.refusals.map((refusal) => `${refusal.peer.address}: ${refusalText(refusal)}`).join("; ");
    const detail = `${proposed.signed} of ${proposed.needed} signatures: ${why}`;
    return { result: "waiting", detail, differences: differencesIn(proposed.refusals, patients) };
  }
  // Asked last: once this operator has endorsed it, the enrolment keeps its digest until the endorsement expires, and
  // the party can sign what it has seen.
  let authorisation: Hex | null = "0x";
  if (content.kind === "enrolment" && agreement.oracle.authorisedBy !== null) {
    authorisation = await parts.authorise(content.message, request.digest);
    if (authorisation === null) {
      return { result: "waiting", detail: `the enrolment ${request.digest} is not authorised yet` };
    }
  }
  const action = actionFor(agreement, view.state, content, proposed.endorsement, authorisation);
  const { standing, receipt } = await chain.submit(action);
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

async function settleAll<P extends SourcePatient>({ agreement, chain }: NodeParts<P>): Promise<PassEvent[]> {
  const state = await chain.read();
  const events: PassEvent[] = [];
  const attempt = async (place: Pick<PassEvent, "clause" | "cohort" | "number">, action: Action): Promise<void> => {
    let found: Found;
    try {
      const { receipt } = await chain.submit(action);
      found = { result: "done", detail: receipt === null ? "stands on the chain already" : receipt.hash };
    } catch (error) {
      found = failure(error);
    }
    events.push({ step: "settle", ...place, differences: [], ...found });
  };
  for (const landed of openReports(agreement, state)) {
    const { clause, cohort, number } = landed.report;
    const pending = await chain.pendingReport(clause, cohort, number);
    if (pending === null) continue;
    const { challengeWindow, ruleWithin } = agreement.oracle;
    const from = pending.challenged === 0 ? pending.landed : pending.challenged;
    const days = pending.challenged === 0 ? challengeWindow : ruleWithin;
    if (state.time < from + days * SECONDS_A_DAY) continue;
    const whole = wholeReport(landed, pending.commitment, Math.floor(pending.landed / SECONDS_A_DAY));
    // Endorsed for longer than operators of this program do: whoever knows the last day can settle it.
    if (whole === null) continue;
    const action: Action =
      whole.kind === "milestone"
        ? { type: "settleMilestone", message: whole.message }
        : { type: "settleWager", message: whole.message };
    await attempt({ clause, cohort, number }, action);
  }
  for (const action of settleableClauses(agreement, state)) {
    if (action.type === "settleClause") {
      await attempt({ clause: action.clause, cohort: action.cohort, number: null }, action);
    }
  }
  return events;
}

const SECONDS_A_DAY = 86_400;

function failure(error: unknown): Found {
  if (error instanceof ChainError && error.retry !== "final") return { result: "waiting", detail: error.message };
  return { result: "failed", detail: error instanceof Error ? error.message : String(error) };
}

/** A refusal without patients: for the log. */
function refusalText({ reply }: Refusal): string {
  switch (reply.status) {
    case "different": {
      const tiers = reply.difference.tiers.map(({ tier }) => `tier ${tier}`);
      return `differs in ${[...reply.difference.fields.map(({ field }) => field), ...tiers].join(", ")}`;
    }
    case "taken":
      return `another content holds the place until day ${reply.by.content.message.lastDay}`;
    default:
      return `${reply.status}: ${reply.reason}`;
  }
}

function differencesIn(refusals: readonly Refusal[], patients: readonly PlacedPatient[]): PassEvent["differences"] {
  return refusals.flatMap(({ peer, reply }) => {
    if (reply.status !== "different" || patients.length === 0) return [];
    return [{ operator: peer.address, patients: differentPatients(patients, reply.difference.patients) }];
  });
}
