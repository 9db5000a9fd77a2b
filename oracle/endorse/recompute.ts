/** What an operator makes of another's proposal: the same computation, from its own view. */

import type { Agreement, Day } from "../../terms/model.ts";
import { computeEnrolment, computeMilestone, computeWager, type Computed } from "../compute.ts";
import type { SourcePatient } from "../outcomes.ts";
import type { Hex } from "../report/bytes.ts";
import { reportingDay } from "../report/schedule.ts";
import { MissingEntries, type View } from "../view.ts";
import { MAX_VALIDITY, type Compute, type Computation } from "./endorser.ts";
import type { EndorseRequest } from "./request.ts";

/** Stands in for the salt of a patient whom the proposal does not name. */
const NO_SALT: Hex = `0x${"00".repeat(32)}`;

/** @param openView This operator's view for records as of a day. */
export function recomputing<P extends SourcePatient>(openView: (asOfDay: Day) => Promise<View<P>>): Compute {
  return async (request) => {
    const view = await openView(request.asOfDay);
    const wrong = placeProblem(view, request);
    if (wrong !== null) return { status: "declined", reason: wrong };
    try {
      return asComputation(compute(view, request));
    } catch (error) {
      if (error instanceof MissingEntries) return { status: "declined", reason: error.message };
      throw error;
    }
  };
}

function compute<P extends SourcePatient>(view: View<P>, request: EndorseRequest): Computed {
  const { content, asOfDay, entries } = request;
  const { lastDay } = content.message;
  switch (content.kind) {
    case "enrolment": {
      const salts = new Map(entries.map(({ patientKey, salt }) => [patientKey, salt]));
      return computeEnrolment(view, content.message.cohort, { asOfDay, lastDay }, (key) => salts.get(key) ?? NO_SALT);
    }
    case "milestone":
      return computeMilestone(view, content.message.clause, content.message.cohort, { asOfDay, lastDay });
    case "wager":
      return computeWager(view, content.message.clause, content.message.cohort, { asOfDay, lastDay });
  }
}

function asComputation(computed: Computed): Computation {
  switch (computed.status) {
    case "nothing":
      return { status: "declined", reason: "nothing is due here" };
    case "held back":
      return { status: "declined", reason: `held back until day ${computed.why.until}: ${computed.why.reason}` };
    case "proposal": {
      const { content, patients, keep } = computed.proposal;
      return { status: "computed", content, patients, keep };
    }
  }
}

/** Why there can't be a message for this place and day; null when there can. */
function placeProblem(
  { agreement, id, state }: View,
  { agreement: asked, content, asOfDay }: EndorseRequest,
): string | null {
  if (asked.chainId !== id.chainId || asked.address !== id.address) return "this node does not serve that agreement";
  const unknown = unknownPlace(agreement, content);
  if (unknown !== null) return unknown;
  const { message, kind } = content;
  const last =
    kind === "enrolment"
      ? (state.cohorts[message.cohort]?.number ?? 0)
      : state.clause(message.clause, message.cohort).number;
  if (message.number !== last + 1) return `the chain expects number ${last + 1}, found ${message.number}`;
  if (kind !== "enrolment" && message.asOfDay !== asOfDay) return "the request and the report name different days";
  if (asOfDay > state.today) return `day ${asOfDay} has not come, the chain's day is ${state.today}`;
  const oldest = state.today - MAX_VALIDITY - agreement.oracle.reportEvery;
  if (asOfDay < oldest) return `day ${asOfDay} is too long ago, the oldest now is ${oldest}`;
  if (kind !== "enrolment" && reportingDay(agreement, asOfDay) !== asOfDay) return `day ${asOfDay} is no reporting day`;
  return null;
}

function unknownPlace(agreement: Agreement, content: EndorseRequest["content"]): string | null {
  const { kind, message } = content;
  if (kind === "enrolment") return agreement.cohorts[message.cohort] === undefined ? "there is no such cohort" : null;
  const clause = agreement.clauses[message.clause];
  if (clause?.payoffs.has(message.cohort) !== true) return "the clause does not apply to the cohort";
  if (clause.kind !== kind || clause.metric?.knownTo !== "oracle") return `no ${kind} report is taken on this clause`;
  return null;
}
