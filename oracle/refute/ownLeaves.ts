/** Contradictions between a report and its own leaves, which need nothing else. Each search gives the first it finds. */

import { merkleTop } from "../report/root.ts";
import { show, type Contradiction, type Opened, type OpenLeaf } from "./case.ts";
import { refutationOf, type Form } from "./refutation.ts";

export function wrongCount({ leaves, counted, hashes }: Opened): Contradiction | null {
  if (leaves.length === counted) return null;
  return {
    refutation: refutationOf("LeafCount", { leaves: leaves.length, top: merkleTop(hashes) }),
    why: `it counts ${counted} patients, its root stands for ${leaves.length}`,
  };
}

export function wrongTier(known: Opened): Contradiction | null {
  for (const leaf of known.open) {
    const why = known.report.kind === "wager" ? wagerTier(leaf) : milestoneTier(known, leaf);
    if (why !== null) return shows("Tier", known, [leaf], `${leaf.patientKey} ${why}`);
  }
  return null;
}

function wagerTier({ tier }: OpenLeaf): string | null {
  return tier > 1 ? `stands in tier ${tier}, a wager's patients stand in 0 or 1` : null;
}

function milestoneTier({ terms: { tiers }, talliedAt }: Opened, { tier, value, position }: OpenLeaf): string | null {
  const none = tiers.length;
  if (tier > none) return `stands in tier ${tier}, the last is ${none}, of those not evaluable`;
  const tallied = talliedAt(position).tier;
  if (tier !== tallied) return `stands in tier ${tier}, by the tallies place ${position} is of tier ${tallied}`;
  if (tier === none) return value === 0n ? null : `is not evaluable and has the value ${value}`;
  const start = tiers[tier]?.start ?? null;
  const next = tiers[tier + 1]?.start ?? null;
  if (start !== null && value < start) return `has the value ${value} in tier ${tier}, which begins at ${start}`;
  if (next !== null && value >= next) return `has the value ${value} in tier ${tier}, the next begins at ${next}`;
  return null;
}

/** A sum that one leaf alone shows to be wrong. */
export function wrongSum(known: Opened): Contradiction | null {
  for (const leaf of known.open) {
    const why = wrongSumOf(known, leaf);
    if (why !== null) return shows("RunningSum", known, [leaf], `${leaf.patientKey} ${why}`);
  }
  return null;
}

function wrongSumOf(known: Opened, leaf: OpenLeaf): string | null {
  const { report, terms, talliedAt } = known;
  const { runningSum, position } = leaf;
  if (report.kind === "wager") return runningSum === 0n ? null : `carries the sum ${runningSum}, a wager has none`;
  const { tier, first, last } = talliedAt(position);
  // In another tier than the tallies': that is another form.
  if (leaf.tier !== tier) return null;
  if (tier === terms.tiers.length)
    return runningSum === 0n ? null : `is not evaluable and carries the sum ${runningSum}`;
  const own = summandOf(known, leaf);
  if (position === first && runningSum !== own)
    return `is the first of tier ${tier} and starts its sum with ${runningSum}, not with ${own}`;
  const tallied = report.message.tallies[tier]?.sum;
  if (position === last && runningSum !== tallied)
    return `is the last of tier ${tier} and carries the sum ${runningSum}, the tally ${tallied}`;
  return null;
}

/** Neighbours of a tier of whom the second does not carry on the first's sum. */
export function brokenSum(known: Opened): Contradiction | null {
  if (known.report.kind === "wager") return null;
  return firstPair(known, "RunningSum", (a, b) => {
    const expected = a.runningSum + summandOf(known, b);
    if (a.tier !== b.tier || b.runningSum === expected) return null;
    return `${b.patientKey} carries the sum ${b.runningSum}, with ${a.runningSum} before her it is ${expected}`;
  });
}

export function wrongOrder(known: Opened): Contradiction | null {
  return firstPair(known, "Order", (a, b) => {
    if (a.tier < b.tier || (a.tier === b.tier && a.patientKey < b.patientKey)) return null;
    return `${b.patientKey} in tier ${b.tier} stands after ${a.patientKey} in tier ${a.tier}`;
  });
}

export function twiceInReport(known: Opened): Contradiction | null {
  const seen = new Map<string, OpenLeaf>();
  for (const leaf of known.open) {
    const before = seen.get(leaf.patientKey);
    if (before !== undefined) {
      const why = `${leaf.patientKey} stands at the places ${before.position} and ${leaf.position}`;
      return shows("TwiceInReport", known, [before, leaf], why);
    }
    seen.set(leaf.patientKey, leaf);
  }
  return null;
}

/** What a leaf adds to the sum of its tier. */
function summandOf({ terms: { tiers } }: Opened, { tier, value }: OpenLeaf): bigint {
  return (tiers[tier]?.slope ?? 0n) === 0n ? 0n : value;
}

function firstPair(
  known: Opened,
  form: Form,
  whyOf: (a: OpenLeaf, b: OpenLeaf) => string | null,
): Contradiction | null {
  for (const b of known.open) {
    const a = known.at(b.position - 1);
    const why = a === undefined ? null : whyOf(a, b);
    if (a !== undefined && why !== null) return shows(form, known, [a, b], why);
  }
  return null;
}

function shows(form: Form, known: Opened, leaves: readonly OpenLeaf[], why: string): Contradiction {
  return { refutation: refutationOf(form, { shown: leaves.map((leaf) => show(known, leaf)) }), why };
}
