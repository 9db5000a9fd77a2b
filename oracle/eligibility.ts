/** Which cohort a patient's record fits: the codes that are asked for, and the day the treatment began. */

import type { Eligibility } from "../terms/model.ts";
import type { Dated, PatientRecord } from "./record.ts";

/** Whether every kind of code that the cohort names is met; a cohort without eligibility takes every patient. */
export function isEligible({ met }: PatientRecord, eligibility: Eligibility | null): boolean {
  if (eligibility === null) return true;
  const meets = (named: readonly string[], has: readonly string[]): boolean =>
    named.length === 0 || named.some((code) => has.includes(code));
  return (
    meets(eligibility.conditions, met.conditions) &&
    meets(eligibility.medications, met.medications) &&
    meets(eligibility.variants, met.variants)
  );
}

/** Index day under a cohort: the first dose of one of its medications, else the source's; null when that is no full date. */
export function indexDay(record: PatientRecord, eligibility: Eligibility | null): Dated | null {
  const named = eligibility?.medications ?? [];
  const first = record.doses
    .filter(({ code }) => named.includes(code))
    .reduce<PatientRecord["doses"][number] | null>((a, b) => (a === null || b.date.first < a.date.first ? b : a), null);
  if (first === null) return record.index;
  return first.date.first === first.date.last ? { day: first.date.first, id: first.id } : null;
}
