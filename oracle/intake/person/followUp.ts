/** Follow-up dates of a registry, as they stood on the as-of date. */

import type { Day } from "../../../terms/model.ts";
import type { FollowUp } from "../../record.ts";
import type { Person } from "./person.ts";

export function followUpOf({ patient: { fact, id }, asOf }: Person): FollowUp | null {
  if (fact.followUp === null) return null;
  const until = (day: Day | null): Day | null => (day === null ? null : Math.min(day, asOf));
  const { lastActivity, gapStart, lastReview } = fact.followUp;
  const gap = gapStart !== null && gapStart > asOf ? null : gapStart;
  return { lastActivity: until(lastActivity), gapStart: gap, lastReview: until(lastReview), id };
}
