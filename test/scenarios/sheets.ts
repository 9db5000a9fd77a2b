/** Draws term sheets, as text: groups with odd shares, cohorts, metrics of every kind, signed and sloped payoffs. */

import { decimal, type Dice } from "./dice.ts";

type Kind = "yes-no" | "level" | "number" | "percent" | "money" | "days";

export interface DrawnMetric {
  readonly id: string;
  readonly kind: Kind;
  /** Null: the currency's. */
  readonly decimals: number | null;
  /** How the sheet defines it; null when it is built in. */
  readonly own: string | null;
}

const metric = (id: string, kind: Kind, decimals: number | null, own: string | null = null): DrawnMetric => ({
  id,
  kind,
  decimals,
  own,
});

export const LEVELS = ["low", "mid", "high", "top"] as const;

const OF_PATIENT: readonly DrawnMetric[] = [
  metric("alive", "yes-no", 0),
  metric("cost", "money", null),
  metric("units", "number", 0),
  metric("free-days", "days", 0, "{ of: patient, unit: d }"),
  metric("score", "number", 2, "{ of: patient, decimals: 2 }"),
  metric("reduction", "percent", 4, "{ of: patient, percent: true }"),
  metric("grade", "level", 0, `{ of: patient, levels: [${LEVELS.join(", ")}] }`),
  metric("bill", "money", null, "{ of: patient, money: true }"),
];

const OF_COHORT: readonly DrawnMetric[] = [
  metric("mean-cost", "money", null),
  metric("rate", "percent", 4, "{ of: cohort, percent: true }"),
  metric("index", "number", 3, "{ of: cohort, decimals: 3 }"),
  metric("stay", "days", 0, "{ of: cohort, unit: d }"),
  metric("rank", "level", 0, `{ of: cohort, levels: [${LEVELS.join(", ")}] }`),
];

const ENROLLED = metric("enrolled", "number", 0);
const OUTLAY = metric("outlay", "money", null);

export const METRICS = [...OF_PATIENT, ...OF_COHORT, ENROLLED, OUTLAY];

/** A value of a metric (× 10^decimals) in one of the forms it may be written in. */
export function writeValue({ kind, decimals }: DrawnMetric, currency: number, value: bigint, dice: Dice): string {
  const text = decimal(value, decimals ?? currency);
  if (kind === "percent") return dice.chance(50) ? `${text}%` : text;
  if (kind === "days") return value >= 0n && dice.chance(50) ? `${text}d` : text;
  if (kind === "level") return dice.chance(50) ? (LEVELS[Number(value)] ?? text) : text;
  return text;
}

/** A value near the payoff's starts, or anywhere. */
export function drawValue({ kind }: DrawnMetric, starts: readonly bigint[], dice: Dice): bigint {
  if (kind === "yes-no") return BigInt(dice.below(2));
  if (kind === "level") return BigInt(dice.below(LEVELS.length));
  if (starts.length > 0 && dice.chance(60)) return dice.pick(starts) + BigInt(dice.between(-1, 40));
  return BigInt(dice.between(-500, 8_000));
}

interface Group {
  readonly name: string;
  readonly members: readonly string[];
}

/** Everything a clause's text depends on. */
interface Draft {
  readonly dice: Dice;
  readonly currency: number;
  readonly groups: readonly Group[];
  readonly cohorts: readonly string[];
}

/** A term sheet, each line indented by two. */
export function drawSheet(dice: Dice): string {
  const currency = dice.pick([0, 2, 3]);
  const groups = drawGroups(dice);
  const opens = dice.between(0, 20);
  const cohorts = Array.from({ length: dice.between(1, 3) }, (_, i) => `k${i}`);
  const draft: Draft = { dice, currency, groups, cohorts };
  const clauses = Array.from({ length: dice.between(1, 6) }, (_, i) => drawClause(draft, i));
  const lines = [
    "outcomes: 1",
    "title: Drawn",
    `currency: { code: XTS, decimals: ${currency} }`,
    "parties:",
    ...groups.map(({ name, members }) => `  ${name}: [${members.join(", ")}]`),
    `oracle: { ${drawOracle(draft)} }`,
    "metrics:",
    ...METRICS.flatMap(({ id, own }) => (own === null ? [] : [`  ${id}: ${own}`])),
    "cohorts:",
    ...cohorts.map((id, i) => `  ${id}: ${drawCohort(draft, opens + i * dice.between(0, 60))}`),
    "clauses:",
    ...clauses,
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

function drawGroups(dice: Dice): Group[] {
  const names = ["payer", "manufacturer", "provider", "beneficiary", "guarantor"];
  const order = names.slice(dice.below(2)).slice(0, dice.between(2, 4));
  return order.map((name) => {
    const count = dice.pick([1, 1, 2, 3, 4]);
    let left = 100_000_000;
    const members = Array.from({ length: count }, (_, i) => {
      const share = i === count - 1 ? left : dice.between(1, left - (count - i - 1));
      left -= share;
      const text = count === 1 ? "" : `, share: ${decimal(BigInt(share), 6)}%`;
      return `{ name: ${name[0]}${i}${text}, payout: ${dice.pick(["automatic", "on-request"])} }`;
    });
    return { name, members };
  });
}

function drawOracle({ dice, currency, groups }: Draft): string {
  const terms = [`reportWithin: ${dice.between(0, 40)}d`, `grace: ${dice.pick([0, 0, 3, 28])}d`];
  if (dice.chance(30)) terms.push(`reportEvery: ${dice.pick(["1d", "2d", "1w", "1mo"])}`);
  if (dice.chance(60)) {
    terms.push(`challengeWindow: ${dice.between(1, 9)}d`, "arbiter: Board", `ruleWithin: ${dice.between(0, 20)}d`);
    if (dice.chance(80)) terms.push(`challengeBond: ${decimal(BigInt(dice.between(1, 100_000)), currency)}`);
  }
  if (dice.chance(30)) {
    const group = dice.pick(groups);
    terms.push(`authorisedBy: ${group.name}/${group.name[0]}${dice.below(group.members.length)}`);
  }
  return terms.join(", ");
}

function drawCohort({ dice, currency }: Draft, opens: number): string {
  const closes = opens + dice.between(1, 60);
  const terms = [
    // A hundredth of every price is a whole number of minor units.
    `price: ${decimal(100n * BigInt(dice.between(1, 100_000)), currency)}`,
    `opens: ${dayOf2026(opens)}`,
    `closes: ${dayOf2026(closes)}`,
    `maxPatients: ${dice.between(1, 40)}`,
  ];
  if (dice.chance(50)) terms.push(`enrolWithin: ${dice.between(0, 30)}d`);
  return `{ ${terms.join(", ")} }`;
}

function dayOf2026(offset: number): string {
  return new Date(Date.UTC(2026, 0, 1 + offset)).toISOString().slice(0, 10);
}

function drawClause(draft: Draft, position: number): string {
  const { dice, groups, cohorts } = draft;
  const kind = dice.pick(["enrolment", "time", "outcome", "outcome", "wager", "wager", "enrolled", "outlay"] as const);
  const measured = kind === "outcome" ? dice.pick(OF_PATIENT) : kind === "wager" ? dice.pick(OF_COHORT) : null;
  const hasPayer = groups.some(({ name }) => name === "payer");
  const known = kind === "enrolled" || (kind === "outlay" && !hasPayer) ? ENROLLED : kind === "outlay" ? OUTLAY : null;
  const drawn = measured ?? known;
  const isWager = kind === "wager" || known !== null;
  const terms = [
    `type: ${isWager ? dice.pick(["wager", "performance"]) : "milestone"}`,
    `due: ${kind === "enrolment" ? "enrolment" : dice.pick(["0d", "5d", "2w", "1mo", `${dice.between(1, 80)}d`])}`,
  ];
  if (drawn !== null) terms.push(`metric: ${drawn.id}`);
  if (isWager && dice.chance(60)) terms.push(`basis: ${dice.pick(["patient", "total"])}`);
  if (dice.chance(30)) terms.push(`cohorts: [${dice.pick(cohorts)}]`);
  const from = dice.below(groups.length);
  const to = (from + 1 + dice.below(groups.length - 1)) % groups.length;
  terms.push(`from: ${drawParty(draft, from)}`, `to: ${drawParty(draft, to)}`);
  terms.push(`pays: ${drawn === null ? drawAmount(draft) : drawTiers(draft, drawn)}`);
  if (measured !== null || (known !== null && dice.chance(50))) terms.push(`notEvaluable: ${drawAmount(draft)}`);
  return `  c${position}: { ${terms.join(", ")} }`;
}

function drawParty({ dice, groups }: Draft, position: number): string {
  const { name, members } = groups[position] ?? { name: "", members: [] };
  return dice.chance(75) ? name : `${name}/${name[0]}${dice.below(members.length)}`;
}

function drawAmount({ dice, currency }: Draft): string {
  if (dice.chance(15)) return "0";
  if (dice.chance(40)) return `${dice.between(-120, 120)}%`;
  return decimal(BigInt(dice.between(-50_000, 100_000)), currency);
}

function drawTiers(draft: Draft, drawn: DrawnMetric): string {
  const { dice, currency } = draft;
  const few = drawn.kind === "yes-no" ? 1 : drawn.kind === "level" ? LEVELS.length - 1 : 4;
  const count = dice.between(0, few);
  let start = few < 4 ? 0n : BigInt(dice.between(-300, 3_000));
  const tiers = [`{ pays: ${drawAmount(draft)} }`];
  for (let k = 0; k < count; k++) {
    start += few < 4 ? 1n : BigInt(dice.between(1, 900));
    // `above` starts one step higher: levels and 0/1 have no value below their first step.
    const above = dice.chance(25);
    const bound = `${above ? "above" : "atLeast"}: ${writeValue(drawn, currency, above ? start - 1n : start, dice)}`;
    const slope = k < count - 1 && dice.chance(60) ? `, perUnit: ${drawSlope(draft, drawn)}` : "";
    tiers.push(`{ ${bound}, pays: ${drawAmount(draft)}${slope} }`);
  }
  return `[${tiers.join(", ")}]`;
}

/** Money a whole unit, such that a smallest step is worth a whole number of 10⁻⁹ minor units. */
function drawSlope({ dice, currency }: Draft, drawn: DrawnMetric): string {
  if (dice.chance(20)) return `${dice.between(-30, 30)}%`;
  const decimals = drawn.decimals ?? currency;
  const coarse = 10n ** BigInt(Math.max(0, currency - decimals));
  const step = BigInt(dice.between(-2_000_000_000, 2_000_000_000)) * coarse;
  return decimal((step * 10n ** BigInt(decimals)) / 10n ** BigInt(currency), 9);
}
