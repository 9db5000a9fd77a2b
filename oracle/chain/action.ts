/** What an operator sends to an agreement, and how to tell from the chain whether it is still to be done. */

import { IOutcomeAgreement__factory } from "../../typechain-types/index.js";
import type { Hex } from "../report/bytes.ts";
import type { Enrolment, MilestoneReport, WagerReport } from "../report/messages.ts";
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
  | { readonly type: "settleClause"; readonly clause: number; readonly cohort: number; readonly hint: number }
  /** The overdue count as not evaluable: nobody reported in time. */
  | { readonly type: "lapse"; readonly clause: number; readonly cohort: number; readonly hint: number };

/** `superseded`: something else took the place. */
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
    case "settleClause":
      return abi.encodeFunctionData("settleClause", [action.clause, action.cohort, action.hint]) as Hex;
    case "lapse":
      return abi.encodeFunctionData("lapse", [action.clause, action.cohort, action.hint]) as Hex;
  }
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
      const { clause, cohort, number } = action.message;
      const { reports } = state.clause(clause, cohort);
      const standing = reports.find(({ report }) => report.number === number)?.standing;
      return standing === "settled" ? "landed" : standing === "void" ? "superseded" : "open";
    }
    case "settleClause":
    case "lapse":
      // No number: settling again moves nothing but what has fallen due since.
      return "open";
  }
}
