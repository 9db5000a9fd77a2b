/** Draws stories: calls of every kind, on ordinary days and on the days on which something begins or ends. */

import type { Agreement, Clause, Day, PartyRef } from "../../terms/model.ts";
import type { Action, Outcome, PartyAmount, Refusal } from "../../runner/step.ts";
import type { Dice } from "./dice.ts";
import { Reference, Unscriptable } from "./reference.ts";
import { drawValue, METRICS } from "./sheets.ts";
import { writeExpectation, writeStep } from "./write.ts";

export interface DrawnStory {
  readonly source: string;
  readonly steps: readonly { readonly action: Action; readonly fails: Refusal | null }[];
}

interface Where {
  readonly clause: number;
  readonly cohort: number;
}

/** What a step is drawn from. */
interface Scene {
  readonly dice: Dice;
  readonly agreement: Agreement;
  readonly reference: Reference;
  /** Reports that went through, by name. */
  readonly made: readonly string[];
  readonly next: number;
}

const HORIZON = 400;

export function drawStory(sheet: string, agreement: Agreement, dice: Dice, length: number): DrawnStory {
  const reference = new Reference(agreement);
  const made: string[] = [];
  const steps: DrawnStory["steps"][number][] = [];
  let source = `scenario: Drawn\nterms:\n${sheet}steps:\n`;
  for (let next = 0; next < length; next++) {
    const scene: Scene = { dice, agreement, reference, made, next };
    const action = next === 0 ? drawFunds(scene) : drawAction(scene);
    if (action === null) continue;
    let fails: Refusal | null;
    try {
      fails = reference.play(action);
    } catch (error) {
      if (error instanceof Unscriptable) continue;
      throw error;
    }
    if (action.type === "report" && action.as !== null && fails === null) made.push(action.as);
    steps.push({ action, fails });
    source += writeStep(agreement, action, fails, dice);
    // A refused call changes nothing: seen now and then, which saves half of the time.
    if (fails === null || dice.chance(20)) source += writeExpectation(agreement, reference.standings());
  }
  return { source, steps };
}

function drawAction(scene: Scene): Action | null {
  const { dice, reference } = scene;
  let roll = dice.below(100);
  // A pending report waits for a dispute, or for its window.
  if (reference.reports.some(({ state }) => state === "pending") && dice.chance(35)) roll = dice.between(88, 99);
  // With no cohort open, time passes instead.
  if (roll >= 30 && roll < 47 && openCohorts(scene).length === 0 && dice.chance(90)) roll = 0;
  if (roll < 22) return { type: "at", day: drawDay(scene) };
  if (roll < 30) return drawFunds(scene);
  if (roll < 47) return drawEnrolment(scene);
  if (roll < 68) return drawReport(scene);
  if (roll < 74) return { type: "settle", target: "clause", ...drawWhere(scene) };
  if (roll < 82) return { type: "lapse", ...drawSilent(scene) };
  if (roll < 88) return drawWithdrawal(scene);
  return drawDispute(scene);
}

/** Mostly what comes next for a report: a challenge, then a ruling, or its settlement. */
function drawDispute(scene: Scene): Action | null {
  const { dice, agreement, reference } = scene;
  const report = drawReportName(scene);
  if (report === null) return null;
  const settle: Action = { type: "settle", target: "report", report };
  if (agreement.oracle.challengeWindow === 0) return settle;
  const challenge: Action = { type: "challenge", report, by: { ...drawParty(scene), count: 1 } };
  const rule: Action = { type: "rule", report, uphold: dice.chance(35) };
  const challenged = reference.reports.some(({ name, challenge: one }) => name === report && one !== null);
  const [likely, other] = challenged ? [rule, challenge] : [challenge, rule];
  const roll = dice.below(100);
  return roll < 55 ? likely : roll < 88 ? settle : other;
}

/** Mostly one that is pending. */
function drawReportName({ dice, made, reference }: Scene): string | null {
  if (made.length === 0) return null;
  const pending = reference.reports.flatMap(({ name, state }) => (state === "pending" && name !== null ? [name] : []));
  return dice.pick(pending.length > 0 && dice.chance(85) ? pending : made);
}

/** Soon, far away, or about a day on which something begins or ends. */
function drawDay(scene: Scene): Day {
  const { dice, reference } = scene;
  const today = reference.day;
  const roll = dice.below(100);
  if (roll < 15) return today + dice.between(0, 5);
  if (roll < 18) return today + dice.between(0, HORIZON);
  const edges = [...new Set(edgesOf(scene))].filter((day) => day >= today).sort((a, b) => a - b);
  if (edges.length === 0) return today + dice.between(0, 20);
  return Math.max(today, dice.pick(edges.slice(0, 4)) + dice.between(-1, 1));
}

function edgesOf({ agreement, reference }: Scene): Day[] {
  const { reportWithin, challengeWindow, ruleWithin, reportEvery } = agreement.oracle;
  const edges = agreement.cohorts.flatMap(({ opens, closes, enrolWithin }) => [opens, closes, closes + enrolWithin]);
  for (const where of allWheres(agreement)) {
    const clause = agreement.clauses[where.clause];
    const due = clause?.kind === "wager" ? [reference.wagerDue(where)] : reference.outstanding(where);
    const rejected = reference.rejectedOn(where);
    for (const day of due) edges.push(day, day + reportWithin);
    if (rejected !== null) edges.push(rejected + reportWithin);
  }
  for (const { state, landed, challenge } of reference.reports) {
    if (state !== "pending") continue;
    edges.push(landed + challengeWindow);
    if (challenge !== null) edges.push(challenge.day + ruleWithin);
  }
  if (reportEvery !== 0) {
    const passed = Math.floor((reference.day - reference.firstDay) / reportEvery);
    edges.push(reference.firstDay + (passed + 1) * reportEvery);
  }
  return edges;
}

function allWheres({ clauses }: Agreement): Where[] {
  return clauses.flatMap(({ payoffs }, clause) => [...payoffs.keys()].map((cohort) => ({ clause, cohort })));
}

/** A clause in a cohort, mostly one with something outstanding; now and then one that does not apply to it. */
function drawWhere({ dice, agreement, reference }: Scene): Where {
  const live = allWheres(agreement).filter((where) => !reference.hasEnded(where));
  if (live.length > 0 && dice.chance(90)) return dice.pick(live);
  if (dice.chance(60)) return dice.pick(allWheres(agreement));
  return { clause: dice.below(agreement.clauses.length), cohort: dice.below(agreement.cohorts.length) };
}

/** Now and then a clause with a report that waits: silence takes only the patients whom it does not cover. */
function drawSilent(scene: Scene): Where {
  const pending = scene.reference.reports.filter(({ state }) => state === "pending");
  if (pending.length === 0 || scene.dice.chance(50)) return drawWhere(scene);
  const { clause, cohort } = scene.dice.pick(pending);
  return { clause, cohort };
}

function drawParty({ dice, agreement }: Scene): PartyRef {
  const first = dice.below(agreement.members.length);
  const { group, name } = agreement.members[first] ?? { group: "", name: "" };
  return { text: `${group}/${name}`, first, count: 1 };
}

/** What the last enrolment lacked, to the unit or one short of it; else plenty for everyone, or a little for one. */
function drawFunds(scene: Scene): Action | null {
  const { dice, agreement, reference, next } = scene;
  const lacking = reference.shortfall.some((amount) => amount > 0n);
  const payments: PartyAmount[] = [];
  if (next === 0 || (!lacking && dice.chance(40))) {
    agreement.members.forEach(({ group }, first) => {
      if (agreement.members.findIndex((member) => member.group === group) !== first) return;
      const count = agreement.members.filter((member) => member.group === group).length;
      const amount = dice.chance(80) ? BigInt(dice.between(1, 2_000_000_000)) : BigInt(dice.between(1, 1_000));
      payments.push({ party: { text: group, first, count }, amount });
    });
  } else if (lacking) {
    const short = dice.chance(30) ? dice.below(agreement.members.length) : -1;
    agreement.members.forEach(({ group, name }, first) => {
      const amount = (reference.shortfall[first] ?? 0n) - (first === short ? 1n : 0n);
      if (amount > 0n) payments.push({ party: { text: `${group}/${name}`, first, count: 1 }, amount });
    });
  } else {
    payments.push({ party: drawParty(scene), amount: BigInt(dice.between(1, 100_000)) });
  }
  return payments.length === 0 ? null : { type: "fund", payments };
}

/** Cohorts that take an enrolment today. */
function openCohorts({ agreement, reference: { day } }: Scene): number[] {
  return agreement.cohorts.flatMap(({ opens, closes, enrolWithin }, position) =>
    opens <= day && day < closes + enrolWithin ? [position] : [],
  );
}

function drawEnrolment(scene: Scene): Action {
  const { dice, agreement, reference } = scene;
  const open = openCohorts(scene);
  const cohort = open.length > 0 && dice.chance(90) ? dice.pick(open) : dice.below(agreement.cohorts.length);
  const { opens, closes, maxPatients } = agreement.cohorts[cohort] ?? { opens: 0, closes: 0, maxPatients: 0 };
  const left = maxPatients - reference.enrolled(cohort);
  const patients = pickCount(dice, [0, left, left + 1], Math.ceil(left / 3));
  const last = reference.lastIndexed(cohort);
  const roll = dice.below(100);
  let indexed: Day | null = null;
  if (roll < 40) indexed = Math.min(reference.day, closes - 1);
  else if (roll < 55) indexed = Math.max(last, opens);
  else if (roll < 60) indexed = dice.pick([opens - 1, opens, closes - 1, closes]);
  else if (roll < 63 && last > 0) indexed = last - 1;
  else if (roll < 70) indexed = reference.day + dice.between(-5, 1);
  return { type: "enrol", cohort, patients, indexed };
}

function drawReport(scene: Scene): Action {
  const { dice, agreement, reference, next } = scene;
  const where = drawReported(scene);
  const clause = agreement.clauses[where.clause];
  const as = dice.chance(90) ? `r${next}` : null;
  const name = METRICS.find(({ id }) => id === clause?.metric?.id) ?? METRICS[0];
  if (clause === undefined || name === undefined) throw new RangeError("no such clause");
  const starts = startsOf(clause);
  if (clause.kind === "wager") {
    const value = dice.chance(80) ? drawValue(name, starts, dice) : null;
    return { type: "report", kind: "wager", ...where, as, value };
  }
  const outstanding = reference.outstanding(where);
  const due = outstanding.filter((day) => day <= reference.day).length;
  const patients = dice.chance(40) ? due : pickCount(dice, [due, due + 1, outstanding.length + 1], due);
  const notEvaluable = dice.chance(50) ? dice.below(patients + 1) : 0;
  const outcomes: Outcome[] = [];
  for (let left = patients - notEvaluable; left > 0; ) {
    const some = dice.chance(40) ? left : dice.between(1, left);
    outcomes.push({ value: drawValue(name, starts, dice), patients: some });
    left -= some;
  }
  return { type: "report", kind: "milestone", ...where, as, outcomes, notEvaluable };
}

/** Mostly a clause that the oracle reports, and of these mostly one that something is due on. */
function drawReported(scene: Scene): Where {
  const { dice, agreement, reference } = scene;
  const reported = allWheres(agreement).filter(
    ({ clause }) => agreement.clauses[clause]?.metric?.knownTo === "oracle",
  );
  const due = reported.filter((where) => {
    if (reference.hasEnded(where)) return false;
    const isWager = agreement.clauses[where.clause]?.kind === "wager";
    return (isWager ? [reference.wagerDue(where)] : reference.outstanding(where)).some((day) => day <= reference.day);
  });
  if (due.length > 0 && dice.chance(75)) return dice.pick(due);
  return reported.length > 0 && dice.chance(80) ? dice.pick(reported) : drawWhere(scene);
}

/** Mostly up to `most`, else one of the numbers at which something changes. */
function pickCount(dice: Dice, edges: readonly number[], most: number): number {
  return dice.chance(25) ? dice.pick(edges) : dice.between(0, most);
}

const startsOf = ({ payoffs }: Clause): bigint[] =>
  [...payoffs.values()].flatMap(({ tiers }) => tiers.flatMap(({ start }) => start ?? []));

/** All that is free, one unit more, or some of it. */
function drawWithdrawal(scene: Scene): Action | null {
  const { dice, reference } = scene;
  const party = drawParty(scene);
  const free = reference.standings()[party.first]?.free ?? 0n;
  const amount = dice.chance(35) ? free + 1n : dice.chance(20) ? free : free / BigInt(dice.between(2, 50));
  return amount > 0n ? { type: "withdraw", party, amount } : null;
}
