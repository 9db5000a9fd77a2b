/**
 * One pass of one operator for one agreement: enrol who is newly indexed, report what is due, settle what can be settled,
 * lapse what nobody reported, warn of money that will be missing. A pass reads the chain, does what is open and forgets
 * everything but the store: after a crash the next one goes on.
 */

import { catchUp } from "./catchUp.ts";
import type { OracleAccount } from "./chain/agreementChain.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import { lapse, type LapsePlace } from "./keeper/lapse.ts";
import { settle } from "./keeper/settle.ts";
import { warn } from "./keeper/warn.ts";
import type { Outcomes, SourcePatient } from "./outcomes.ts";
import { enrol, enrolsToday } from "./pass/enrol.ts";
import { eventAt, failure, type PassEvent } from "./pass/event.ts";
import { leftOut } from "./pass/leftOut.ts";
import type { NodeParts } from "./pass/parts.ts";
import { operatorsOf } from "./pass/propose.ts";
import { duePlaces, report } from "./pass/report.ts";
import { loadView } from "./view.ts";
import { reportingDay } from "./report/schedule.ts";
import type { Day } from "../terms/model.ts";

export type { PassEvent } from "./pass/event.ts";
export type { NodeParts } from "./pass/parts.ts";

/** @throws ChainError when the chain can't be read at all; everything else becomes an event. */
export async function runPass<P extends SourcePatient>(parts: NodeParts<P>): Promise<PassEvent[]> {
  const { chain, own } = parts;
  const state = await chain.read();
  const oracle = await chain.oracleAccount(state.oracle);
  const operators = operatorsOf(oracle);
  // Whoever endorses nothing is a mere keeper: it needs no records.
  const isOperator = operators.includes(own);
  const oracled = isOperator ? await answerAsOracle(parts, state, oracle) : { events: [], canReport: true };
  const settled = await settle(parts, operators);
  const isReporting = (place: LapsePlace): boolean => {
    if (!isOperator) return false;
    return !oracled.canReport || isOpen(oracled.events, place) || !isDueToReport(parts, state, place);
  };
  const lapsed = await lapse(parts, operators, isReporting);
  // The last outcome may have been the one that the payer's outlay waited for.
  const last = lapsed.some(isDone) ? await settle(parts, operators) : [];
  const events = [...oracled.events, ...settled, ...lapsed, ...last];
  const now = events.some(isDone) ? await chain.read() : state;
  parts.onState?.(now);
  return [...events, ...warn(parts.agreement, now)];
}

const isDone = ({ result }: PassEvent): boolean => result === "done";

/** What only an operator does: enrol and report. */
async function answerAsOracle<P extends SourcePatient>(
  parts: NodeParts<P>,
  before: AgreementState,
  oracle: OracleAccount,
): Promise<{ readonly events: readonly PassEvent[]; readonly canReport: boolean }> {
  const { agreement } = parts;
  const events: PassEvent[] = await catchUp(parts, before);
  let state = before;
  const opened = new Map<Day, Outcomes<P>>();
  const openAsOf = async (asOfDay: Day): Promise<Outcomes<P>> => {
    const records = opened.get(asOfDay) ?? (await parts.openRecords(asOfDay));
    opened.set(asOfDay, records);
    parts.reading.day = before.today;
    return records;
  };
  try {
    if (enrolsToday(agreement, state)) {
      const enrolled = await enrol(parts, oracle, state, await openAsOf(state.today));
      events.push(...enrolled.events);
      state = enrolled.state;
    }
    const asOfDay = reportingDay(agreement, state.today);
    if (asOfDay !== null && duePlaces(agreement, state, asOfDay).length > 0) {
      events.push(...(await report(parts, oracle, state, asOfDay, await openAsOf(asOfDay))));
    }
    if (parts.reading.day !== before.today) await openAsOf(asOfDay ?? state.today);
    for (const [day, records] of [...opened].slice(0, 1)) {
      events.push(...leftOut(await loadView(parts, state, records), day));
    }
    return { events, canReport: true };
  } catch (error) {
    // Without records nothing can be enrolled or reported; what needs none goes on.
    events.push(eventAt("read", { clause: null, cohort: null, number: null }, failure(error)));
    return { events, canReport: false };
  }
}

/** Whether a report is on its way there: it waits for signatures, for another operator, or for its day. */
function isOpen(events: readonly PassEvent[], { clause, cohort }: LapsePlace): boolean {
  return events.some(
    (event) =>
      event.step === "report" && event.clause === clause && event.cohort === cohort && event.result === "waiting",
  );
}

/** Whether a report of the place could be looked from a day that has come; else it will be, on the next. */
function isDueToReport<P extends SourcePatient>(
  { agreement }: NodeParts<P>,
  state: AgreementState,
  { clause, cohort }: LapsePlace,
): boolean {
  const asOfDay = reportingDay(agreement, state.today);
  const due = asOfDay === null ? [] : duePlaces(agreement, state, asOfDay);
  return due.some((place) => place.clause === clause && place.cohort === cohort);
}
