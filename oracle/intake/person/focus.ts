/** A patient with several cancers: which assessments are about the cancer of the agreement. */

import type { Stated } from "./person.ts";

export interface Cancers {
  /** Conditions of the agreement, `Condition/id`; null when the patient has several primary cancers and nothing chooses. */
  readonly contract: ReadonlySet<string> | null;
  /** Every condition known of the patient, and the primary cancer that it belongs to. */
  readonly known: ReadonlyMap<string, string | null>;
  /** Primary cancers, counted once for each set of codes. */
  readonly primaries: number;
}

/** The patient's primary cancers; `wanted` are the agreement's condition codes. */
export function primaryCancers(conditions: readonly Stated<"condition">[], wanted: ReadonlySet<string>): Cancers {
  const known = new Map(conditions.map(({ entry, fact }) => [entry.key, fact.related]));
  const chosen = conditions.filter(({ fact }) => fact.codes.some((code) => wanted.has(code)));
  const primary = conditions.filter((entry) => entry.fact.primary || chosen.includes(entry));
  const primaries = new Set(primary.map(({ fact }) => [...fact.codes].sort().join(" "))).size;
  if (wanted.size > 0 && chosen.length > 0)
    return { contract: new Set(chosen.map(({ entry }) => entry.key)), known, primaries };
  return { contract: primaries > 1 ? null : new Set(primary.map(({ entry }) => entry.key)), known, primaries };
}

/**
 * Why an assessment can't be taken to be about the agreement's cancer, or null. Without a focus it counts only when the
 * patient has no second primary cancer; `foci` are those of all the patient's assessments.
 */
export function focusProblem(focus: readonly string[], cancers: Cancers, foci: ReadonlySet<string>): string | null {
  const { contract, known, primaries } = cancers;
  if (focus.length === 0) return primaries > 1 ? "no focus, and the patient has several primary cancers" : null;
  if (contract === null) return "the patient has several primary cancers, and the agreement names none";
  if (contract.size === 0) {
    // No cancer is on record to compare with: one focus throughout is one cancer.
    return foci.size > 1 ? "several conditions are assessed, and no primary cancer is on record" : null;
  }
  for (const id of focus) {
    const related = known.get(id);
    if (contract.has(id) || (typeof related === "string" && contract.has(related))) return null;
  }
  return focus.some((id) => known.has(id)) ? "about another condition" : "focus can't be resolved";
}
