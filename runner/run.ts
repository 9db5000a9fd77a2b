/** Plays a scenario against the real contracts and compares what it expects with what happened. */

import { id } from "ethers";

import type { Hex } from "../oracle/report/bytes.ts";
import type { Enrolment, MilestoneReport, WagerReport } from "../oracle/report/messages.ts";
import { formatMoney } from "../terms/values.ts";
import { membersOf, type Agreement, type Clause } from "../terms/model.ts";
import { split, tierOf, type Tally } from "../terms/payoff.ts";
import type { Outcome, PartyAmount, Step, Story } from "./step.ts";
import { isRefused, type Result, type Stage, type World } from "./world.ts";

export interface Failure {
  /** Position in `steps`, from 1; 0 for the agreement's creation. */
  readonly step: number;
  readonly message: string;
}

export interface GasUse {
  readonly step: number;
  readonly call: string;
  readonly gas: bigint;
}

export interface Outcomes {
  readonly failures: readonly Failure[];
  readonly gas: readonly GasUse[];
}

/** A report that later steps name. */
type Filed =
  | { readonly kind: "milestone"; readonly report: MilestoneReport }
  | { readonly kind: "wager"; readonly report: WagerReport };

/** Days for which the committee's endorsements count. */
const VALID_DAYS = 30;

/** What a story remembers while it is told. */
interface Telling {
  readonly story: Story;
  readonly stage: Stage;
  readonly filed: Map<string, Filed>;
  /** Minor units paid in, by member. */
  readonly paidIn: bigint[];
  readonly failures: Failure[];
  readonly gas: GasUse[];
}

/** Runs a story from its beginning. A step that goes wrong ends it; expectations that fail are all told. */
export async function runStory(world: World, story: Story): Promise<Outcomes> {
  const { agreement } = story;
  const opens = Math.min(...agreement.cohorts.map((cohort) => cohort.opens));
  const stage = await world.open(agreement, Math.min(opens, agreement.validUntil ?? opens));
  if (isRefused(stage)) {
    return { failures: [{ step: 0, message: `the agreement can't be created: ${stage.detail}` }], gas: [] };
  }
  const telling: Telling = {
    story,
    stage,
    filed: new Map(),
    paidIn: agreement.members.map(() => 0n),
    failures: [],
    gas: [{ step: 0, call: "create", gas: stage.created.gas }],
  };
  await stage.setDay(opens);
  for (const step of story.steps) {
    if (!(await tell(telling, step))) break;
  }
  return { failures: telling.failures, gas: telling.gas };
}

/** Plays one step; false when the story can't go on. */
async function tell(telling: Telling, step: Step): Promise<boolean> {
  const { stage, failures } = telling;
  if (step.type === "at") {
    await stage.setDay(step.day);
    return true;
  }
  if (step.type === "expect") {
    failures.push(...(await compare(telling, step)).map((message) => ({ step: step.number, message })));
    return true;
  }
  const calls = step.type === "fund" ? await fund(telling, step.payments) : [await act(telling, step)];
  for (const { call, result } of calls) {
    if (!isRefused(result)) telling.gas.push({ step: step.number, call, gas: result.gas });
    const found = isRefused(result) ? result.error : null;
    if (found === step.fails) continue;
    const outcome = isRefused(result) ? `refused with ${result.detail}` : "accepted";
    const expected = step.fails === null ? "accepted" : `refused with ${step.fails}`;
    failures.push({ step: step.number, message: `${step.type} is ${outcome}, expected ${expected}` });
    return false;
  }
  return true;
}

interface Call {
  readonly call: string;
  readonly result: Result;
}

async function fund({ stage, story, paidIn }: Telling, payments: readonly PartyAmount[]): Promise<Call[]> {
  const calls: Call[] = [];
  for (const { party, amount } of payments) {
    const parts = split(amount, membersOf(story.agreement, party));
    for (const [i, part] of parts.entries()) {
      const account = party.first + i;
      if (part === 0n) continue;
      await stage.send((options) => stage.token.mint(stage.relayer, part, options));
      const result = await stage.send((options) => stage.contract.deposit(account, part, options));
      if (!isRefused(result)) paidIn[account] = (paidIn[account] ?? 0n) + part;
      calls.push({ call: "deposit", result });
    }
  }
  return calls;
}

type ActingStep = Exclude<Step, { type: "at" | "expect" | "fund" }>;

async function act(telling: Telling, step: ActingStep): Promise<Call> {
  const { stage, story } = telling;
  const { contract, send } = stage;
  const name = (call: string, result: Result): Call => ({ call, result });
  switch (step.type) {
    case "enrol":
      return name("enrol", await enrol(telling, step));
    case "report":
      return step.kind === "milestone"
        ? name("reportMilestone", await reportMilestone(telling, step))
        : name("reportWager", await reportWager(telling, step));
    case "settle": {
      if (step.target === "clause") {
        const hint = await hintFor(telling, step, stage.day);
        return name("settleClause", await send((o) => contract.settleClause(step.clause, step.cohort, hint, o)));
      }
      const filed = find(telling, step.report);
      return filed.kind === "milestone"
        ? name("settleMilestone", await send((o) => contract.settleMilestone(struct(filed.report), o)))
        : name("settleWager", await send((o) => contract.settleWager(filed.report, o)));
    }
    case "challenge": {
      const { clause, cohort, number } = find(telling, step.report).report;
      const account = step.by.first;
      const party = contract.connect(stage.parties[account] ?? stage.relayer);
      return name("challenge", await send((o) => party.challenge(clause, cohort, number, account, o)));
    }
    case "rule": {
      const filed = find(telling, step.report);
      const arbiter = contract.connect(stage.arbiter);
      return filed.kind === "milestone"
        ? name("ruleMilestone", await send((o) => arbiter.ruleMilestone(struct(filed.report), step.uphold, o)))
        : name("ruleWager", await send((o) => arbiter.ruleWager(filed.report, step.uphold, o)));
    }
    case "lapse": {
      const within = story.agreement.oracle.reportWithin + 1;
      const hint = await hintFor(telling, step, stage.day - within);
      return name("lapse", await send((o) => contract.lapse(step.clause, step.cohort, hint, o)));
    }
    case "withdraw": {
      const account = step.party.first;
      const holder = stage.parties[account] ?? stage.relayer;
      const party = contract.connect(holder);
      return name("withdraw", await send((o) => party.withdraw(account, step.amount, holder, o)));
    }
  }
}

async function enrol({ stage, story }: Telling, step: Step & { type: "enrol" }): Promise<Result> {
  const { number } = await stage.contract.cohortState(step.cohort);
  const message: Enrolment = {
    cohort: step.cohort,
    number: Number(number) + 1,
    patients: step.patients,
    indexedDay: step.indexed ?? stage.day,
    root: rootOf(step),
    lastDay: stage.day + VALID_DAYS,
  };
  const authoriser = story.agreement.oracle.authorisedBy;
  const authorisation = authoriser === null ? "0x" : await stage.authorise(authoriser, message);
  const endorsement = stage.endorse({ kind: "enrolment", message });
  return stage.send((options) => stage.contract.enrol(message, endorsement, authorisation, options));
}

async function reportMilestone(telling: Telling, step: Step & { type: "report"; kind: "milestone" }): Promise<Result> {
  const { stage, story } = telling;
  const report: MilestoneReport = {
    clause: step.clause,
    cohort: step.cohort,
    number: await nextNumber(telling, step),
    asOfDay: stage.day,
    tallies: talliesOf(clauseOf(story.agreement, step.clause), step.cohort, step.outcomes),
    notEvaluable: step.notEvaluable,
    root: rootOf(step),
    lastDay: stage.day + VALID_DAYS,
  };
  const hint = await hintFor(telling, step, stage.day);
  const endorsement = stage.endorse({ kind: "milestone", message: report });
  const result = await stage.send((options) =>
    stage.contract.reportMilestone(struct(report), endorsement, hint, options),
  );
  if (step.as !== null) telling.filed.set(step.as, { kind: "milestone", report });
  return result;
}

async function reportWager(telling: Telling, step: Step & { type: "report"; kind: "wager" }): Promise<Result> {
  const { stage } = telling;
  const report: WagerReport = {
    clause: step.clause,
    cohort: step.cohort,
    number: await nextNumber(telling, step),
    asOfDay: stage.day,
    evaluable: step.value !== null,
    value: step.value ?? 0n,
    root: rootOf(step),
    lastDay: stage.day + VALID_DAYS,
  };
  const endorsement = stage.endorse({ kind: "wager", message: report });
  const result = await stage.send((options) => stage.contract.reportWager(report, endorsement, options));
  if (step.as !== null) telling.filed.set(step.as, { kind: "wager", report });
  return result;
}

/** A clause that does not apply to the cohort has no reports; the contract refuses one whatever its number. */
async function nextNumber(
  { stage, story: { agreement } }: Telling,
  { clause, cohort }: { clause: number; cohort: number },
): Promise<number> {
  if (!clauseOf(agreement, clause).payoffs.has(cohort)) return 1;
  const { number } = await stage.contract.clauseState(clause, cohort);
  return Number(number) + 1;
}

/** Patients by tier; a tier without slope carries no sum. */
function talliesOf(clause: Clause, cohort: number, outcomes: readonly Outcome[]): Tally[] {
  // A clause that does not apply to the cohort is the contract's to refuse: any of its payoffs will do.
  const payoff = clause.payoffs.get(cohort) ?? [...clause.payoffs.values()][0];
  const tiers = payoff?.tiers ?? [];
  const tallies = tiers.map(() => ({ patients: 0, sum: 0n }));
  for (const { value, patients } of outcomes) {
    const k = tierOf(tiers, value);
    const tally = tallies[k];
    if (tally === undefined) continue;
    tally.patients += patients;
    if (tiers[k]?.slope !== 0n) tally.sum += value * BigInt(patients);
  }
  return tallies;
}

/** How many batches are due under the clause when the records are looked at on `day`. */
async function hintFor(
  { stage, story: { agreement } }: Telling,
  { clause: position, cohort }: { clause: number; cohort: number },
  day: number,
): Promise<bigint> {
  const clause = clauseOf(agreement, position);
  if (clause.due === "enrolment" || clause.kind === "wager") return 0n;
  const indexed = day - clause.due - (clause.metric === null ? 0 : agreement.oracle.grace);
  if (indexed < 0) return 0n;
  return (await stage.contract.dueBatches(cohort, indexed)).batches;
}

async function compare(telling: Telling, step: Step & { type: "expect" }): Promise<string[]> {
  const { stage, story, paidIn } = telling;
  const { agreement } = story;
  const accounts = await Promise.all(
    agreement.members.map(async (_, i) => {
      const { holder, balance, locked } = await stage.contract.accountOf(i);
      const paidOut = await stage.token.balanceOf(holder);
      return { net: balance + paidOut - (paidIn[i] ?? 0n), locked, free: balance - locked };
    }),
  );
  const { decimals } = agreement.currency;
  return (["net", "locked", "free"] as const).flatMap((what) =>
    step[what].flatMap(({ party, amount }) => {
      const found = sum(accounts.slice(party.first, party.first + party.count).map((account) => account[what]));
      if (found === amount) return [];
      return [`${what} ${party.text} is ${formatMoney(found, decimals)}, expected ${formatMoney(amount, decimals)}`];
    }),
  );
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

function clauseOf(agreement: Agreement, position: number): Clause {
  const clause = agreement.clauses[position];
  if (clause === undefined) throw new RangeError(`the agreement has no clause at position ${position}`);
  return clause;
}

function find({ filed }: Telling, name: string): Filed {
  const report = filed.get(name);
  if (report === undefined) throw new RangeError(`no report is named ${name}`);
  return report;
}

/** A scenario tells of numbers, not of patients: the root commits to the step's. */
const rootOf = (step: Step): Hex => id(`step ${step.number}`) as Hex;

/** The contract's types are mutable; a message is not. */
const struct = (report: MilestoneReport): Omit<MilestoneReport, "tallies"> & { tallies: Tally[] } => ({
  ...report,
  tallies: [...report.tallies],
});
