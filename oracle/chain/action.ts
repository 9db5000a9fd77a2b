/** What an operator sends to an agreement, and how to tell from the chain whether it is still to be done. */

import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import type { Hex } from "../report/bytes.ts";
import type { Enrolment, MilestoneReport, WagerReport } from "../report/messages.ts";
import { refutationStruct, type Refutation } from "../refute/refutation.ts";
import type { AgreementState } from "./agreementState.ts";

export type Action =
  | {
      readonly type: "enrol";
      readonly message: Enrolment;
      readonly endorsement: Hex;
      /** The authorising party's signature; `0x` when the terms name none. */
      readonly authorisation: Hex;
    }
  | {
      readonly type: "reportMilestone";
      readonly message: MilestoneReport;
      readonly endorsement: Hex;
      /** Batches of the cohort that are due on the as-of day. */
      readonly hint: number;
    }
  | { readonly type: "reportWager"; readonly message: WagerReport; readonly endorsement: Hex }
  | { readonly type: "settleMilestone"; readonly message: MilestoneReport }
  | { readonly type: "settleWager"; readonly message: WagerReport }
  /** Voids a pending report that its own leaves contradict. */
  | { readonly type: "refuteMilestone"; readonly message: MilestoneReport; readonly refutation: Refutation }
  | { readonly type: "refuteWager"; readonly message: WagerReport; readonly refutation: Refutation }
  | { readonly type: "settleClause"; readonly clause: number; readonly cohort: number; readonly hint: number }
  /** The overdue count as not evaluable: nobody reported in time. */
  | { readonly type: "lapse"; readonly clause: number; readonly cohort: number; readonly hint: number };

/** `superseded`: something else took the place, or somebody else has done it. */
export type Standing = "open" | "landed" | "superseded";

const abi = IOutcomeAgreement__factory.createInterface();

/** The call's data. */
export function encodeAction(action: Action): Hex {
  switch (action.type) {
    case "enrol":
      return abi.encodeFunctionData("enrol", [action.message, action.endorsement, action.authorisation]) as Hex;
    case "reportMilestone": {
      const report = { ...action.message, tallies: [...action.message.tallies] };
      return abi.encodeFunctionData("reportMilestone", [report, action.endorsement, action.hint]) as Hex;
    }
    case "reportWager":
      return abi.encodeFunctionData("reportWager", [action.message, action.endorsement]) as Hex;
    case "settleMilestone":
      return abi.encodeFunctionData("settleMilestone", [
        { ...action.message, tallies: [...action.message.tallies] },
      ]) as Hex;
    case "settleWager":
      return abi.encodeFunctionData("settleWager", [action.message]) as Hex;
    case "refuteMilestone": {
      const report = { ...action.message, tallies: [...action.message.tallies] };
      return abi.encodeFunctionData("refuteMilestone", [report, refutationStruct(action.refutation)]) as Hex;
    }
    case "refuteWager":
      return abi.encodeFunctionData("refuteWager", [action.message, refutationStruct(action.refutation)]) as Hex;
    case "settleClause":
      return abi.encodeFunctionData("settleClause", [action.clause, action.cohort, action.hint]) as Hex;
    case "lapse":
      return abi.encodeFunctionData("lapse", [action.clause, action.cohort, action.hint]) as Hex;
  }
}

/** What an action is to bring about, the same for each try at it, whatever the signatures: one effect, one intent. */
export function intentOf(action: Action): string {
  if (action.type === "settleClause" || action.type === "lapse") {
    return `${action.type} clause ${action.clause} cohort ${action.cohort}`;
  }
  const { cohort, number } = action.message;
  if (action.type === "enrol") return `${action.type} cohort ${cohort} number ${number}`;
  return `${action.type} clause ${action.message.clause} cohort ${cohort} number ${number}`;
}

/** The chain's numbers decide: whatever was sent before a crash, what they show is done and what they don't is open. */
export function standingOf(action: Action, state: AgreementState): Standing {
  switch (action.type) {
    case "enrol": {
      const { cohort, number, root } = action.message;
      const landed = state.cohorts[cohort]?.enrolments[number - 1];
      if (landed === undefined) return "open";
      return landed.root === root ? "landed" : "superseded";
    }
    case "reportMilestone":
    case "reportWager": {
      const { clause, cohort, number, root } = action.message;
      const { reports } = state.clause(clause, cohort);
      const landed = reports.find(({ report }) => report.number === number);
      if (landed === undefined) return "open";
      return landed.report.root === root ? "landed" : "superseded";
    }
    case "settleMilestone":
    case "settleWager": {
      const standing = reportStanding(action.message, state);
      return standing === "settled" ? "landed" : standing === "void" ? "superseded" : "open";
    }
    case "refuteMilestone":
    case "refuteWager": {
      const standing = reportStanding(action.message, state);
      return standing === "void" ? "landed" : standing === "settled" ? "superseded" : "open";
    }
    case "settleClause": {
      // No number: settling again moves nothing but what has fallen due since. Whoever did it, nothing is left to do.
      const { settled, assessed } = state.clause(action.clause, action.cohort);
      if (settled) return "superseded";
      const batches = state.cohorts[action.cohort]?.enrolments.slice(0, action.hint) ?? [];
      const due = batches.reduce((sum, { patients }) => sum + patients, 0);
      return due > 0 && assessed >= due ? "superseded" : "open";
    }
    case "lapse":
      // Nor does anything tell this lapse from an earlier one: what is overdue when it arrives counts.
      return "open";
  }
}

function reportStanding(
  { clause, cohort, number }: MilestoneReport | WagerReport,
  state: AgreementState,
): "open" | "settled" | "void" | undefined {
  return state.clause(clause, cohort).reports.find(({ report }) => report.number === number)?.standing;
}
