/** Forgets a patient in one operator's store, when that can be done. */

import type { Agreement } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { openReports } from "../pending.ts";
import type { AgreementId } from "../report/messages.ts";
import type { Database } from "../store/database.ts";
import type { Stores } from "../store/stores.ts";
import { markOf } from "./mark.ts";
import type { EraseAnswer, EraseRequest } from "./request.ts";

export interface EraseParts {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly secret: Uint8Array;
  readonly stores: Pick<Stores, "patients" | "erasures">;
  readonly database: Pick<Database, "shred">;
}

/**
 * What an operator does when it is asked, by its own people or by another operator. It waits while a report with her is
 * open to challenge, since the parties may still ask for its leaves, and while an enrolment with her may still land.
 * @param operator Who asks.
 */
export async function eraseHere(
  { agreement, id, secret, stores, database }: EraseParts,
  state: AgreementState,
  { agreement: asked, patientKey, place }: EraseRequest,
  operator: string,
): Promise<EraseAnswer> {
  if (asked.chainId !== id.chainId || asked.address !== id.address) {
    return { status: "refused", reason: "this node does not serve that agreement" };
  }
  const landed = new Set(state.cohorts.flatMap(({ enrolments }) => enrolments.map(({ root }) => root)));
  if (place !== null && !landed.has(place.root)) {
    return { status: "waiting", reason: "the chain as seen here does not show the enrolment" };
  }
  const reported = new Set<string>(await stores.erasures.reportedWith(id, patientKey));
  const wait = openReport(agreement, state, reported) ?? (await openEnrolment(id, stores, state, landed, patientKey));
  if (wait !== null) return { status: "waiting", reason: wait };
  if (place === null && (reported.size > 0 || (await isEnrolled(id, stores, landed, patientKey)))) {
    return { status: "waiting", reason: "the patient is enrolled, the request does not say where" };
  }
  const mark = markOf(secret, patientKey);
  const erased = await stores.erasures.erase(id, { patientKey, mark, place, operator, day: state.today });
  if (erased === "not held") return { status: "waiting", reason: "the enrolment's patients are not held here yet" };
  if (erased === "another patient") return { status: "refused", reason: "another patient stands at that place" };
  // Also when nothing was left to erase: a process that was killed in between left this undone.
  if (await database.shred()) return erased;
  return { status: "waiting", reason: "erased, but other work on the store keeps its log from being emptied" };
}

/** Why a report with her, of those named by their roots, is still needed; null when none is. */
function openReport(agreement: Agreement, state: AgreementState, reported: ReadonlySet<string>): string | null {
  const open = openReports(agreement, state).find(({ report }) => reported.has(report.root));
  if (open === undefined) return null;
  const { clause, cohort, number } = open.report;
  return `report ${number} of clause ${clause}, cohort ${cohort} is not settled: the parties may ask for its leaves`;
}

/** Why an enrolment with her is still needed that has not landed; null when none is. */
async function openEnrolment(
  id: AgreementId,
  { erasures }: EraseParts["stores"],
  state: AgreementState,
  landed: ReadonlySet<string>,
  patientKey: EraseRequest["patientKey"],
): Promise<string | null> {
  const endorsed = await erasures.endorsedWith(id, patientKey, state.today);
  const proposed = endorsed.find(({ root }) => !landed.has(root));
  return proposed === undefined ? null : `an enrolment with the patient may land until day ${proposed.lastDay}`;
}

async function isEnrolled(
  id: AgreementId,
  { patients }: EraseParts["stores"],
  landed: ReadonlySet<string>,
  patientKey: EraseRequest["patientKey"],
): Promise<boolean> {
  for (const [root, entries] of await patients.byRoot(id)) {
    if (landed.has(root) && entries.some((entry) => entry.patientKey === patientKey)) return true;
  }
  return false;
}
