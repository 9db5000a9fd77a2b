/**
 * What a Kaplan–Meier estimate takes of a patient: how long she was followed, and whether she died then (clinical rules,
 * section 4.1: death of any cause, else censored on the last day known alive, not on the as-of date).
 *
 * A death whose day is not known, or is disputed, can lie anywhere in its interval. Moving one death later lowers S(h) as long
 * as it stays within the horizon h (the patients censored in between leave her more to inherit: redistribution to the right,
 * Efron 1967), and raises it once it passes h. So the least S(h) has every such death as late as it can be within h, and
 * the greatest has each after h when it can be, else as early as it can be; whatever the others do.
 */

import type { Day } from "../../terms/model.ts";
import type { PatientRecord } from "../record.ts";
import type { Reason } from "./endpoint.ts";

/** Days from the index day to death or censoring. */
export interface Followed {
  readonly days: number;
  readonly died: boolean;
}

/** A patient's follow-up as it was, or at the ends of what it can have been. */
export interface FollowUp {
  /** With the least S at the horizon. */
  readonly least: Followed;
  /** With the greatest. */
  readonly greatest: Followed;
  /** With the fewest still at risk at the horizon. */
  readonly shortest: Followed;
  /** Why the patient counts as censored on her index day; null when her own follow-up counts. */
  readonly leftOut: Reason | null;
  /** Why her death can't be dated; null when it can, or there is none. */
  readonly open: Reason | null;
  readonly evidence: readonly string[];
}

export function followUp(record: PatientRecord, horizon: number, asOf: Day): FollowUp {
  if (record.consent === false) return nothing("no-consent");
  if (record.index === null || record.index.day > asOf) return nothing("no-index");
  const index = record.index.day;
  const { death } = record;
  if (death === null || death.date.first > asOf) return known(lastSeen(record, index));
  if (death.date.last < index) return nothing("event-before-index", [death.id]);

  // Nobody dies before the last sign of life.
  const seen = Math.min(record.lastAlive?.day ?? index, death.date.last);
  const earliest = Math.max(death.date.first, seen, index) - index;
  // A disputed death may not have happened on its day, nor on any later one.
  const latest = death.disputed ? Infinity : death.date.last - index;
  if (earliest === latest) return known({ followed: { days: earliest, died: true }, evidence: [death.id] });
  const today = asOf - index;
  const died = (days: number): Followed => ({ days, died: true });
  const late = latest > today ? { days: today, died: false } : died(latest);
  return {
    least: died(Math.max(earliest, Math.min(latest, today, horizon))),
    greatest: latest > horizon || latest > today ? late : died(earliest),
    shortest: died(earliest),
    leftOut: null,
    open: death.disputed ? "disputed-death" : "partial-date",
    evidence: [death.id],
  };
}

interface Seen {
  readonly followed: Followed;
  readonly evidence: readonly string[];
}

function lastSeen({ lastAlive }: PatientRecord, index: Day): Seen {
  const seen = lastAlive !== null && lastAlive.day >= index ? lastAlive : null;
  return {
    followed: { days: (seen?.day ?? index) - index, died: false },
    evidence: seen === null ? [] : [seen.id],
  };
}

function known({ followed, evidence }: Seen): FollowUp {
  return { least: followed, greatest: followed, shortest: followed, leftOut: null, open: null, evidence };
}

/** Nothing of her record may or can be used: she stays in the denominator of her index day and contributes no time. */
function nothing(reason: Reason, evidence: readonly string[] = []): FollowUp {
  const none = { days: 0, died: false };
  return { least: none, greatest: none, shortest: none, leftOut: reason, open: null, evidence };
}
