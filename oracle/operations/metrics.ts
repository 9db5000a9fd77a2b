/** What an operator's monitoring can count: never by patient, with labels only from short lists. */

import { Counter, Gauge, Histogram, Registry } from "prom-client";

import type { SubmitStep } from "../chain/submitEvent.ts";
import type { Counts } from "../intake/collector.ts";
import type { PassEvent } from "../node.ts";

/** What the last reading of the source found: patients, and what became of its lines, rows and resources. */
export interface RecordCounts extends Omit<Counts, "ignored"> {
  readonly patients: number;
}

/** The labels of the gauge of records. */
const RECORD_KINDS = [
  "patients",
  "files",
  "filesRejected",
  "read",
  "used",
  "rejected",
  "superseded",
  "duplicates",
  "unreadable",
  "results",
  "unmapped",
  "quarantined",
] as const satisfies readonly (keyof RecordCounts)[];

export interface Metrics {
  readonly registry: Registry;
  passed(seconds: number, events: readonly Pick<PassEvent, "step" | "result" | "shortfall">[]): void;
  /** A pass that failed as a whole. */
  passFailed(seconds: number): void;
  /** What this node answered another operator. */
  answered(operator: string, status: string): void;
  /** What another operator answered this node. */
  gotAnswer(operator: string, status: string): void;
  submission(step: SubmitStep): void;
  /** Calls that wait to be sent or confirmed. */
  outbox(calls: number): void;
  /** Time of the chain's latest block, in seconds since 1970-01-01 UTC. */
  head(block: number, time: number): void;
  records(counts: RecordCounts): void;
  /** Patients due and not assessed, by the clause's and the cohort's id; `late` those whom anyone may lapse. */
  outstanding(clause: string, cohort: string, due: number, late: number): void;
  /** How many more patients the parties' free balances can enrol, by the id of each cohort that takes patients. */
  coverage(patients: ReadonlyMap<string, number>): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const passes = new Counter({
    name: "outcomepay_passes_total",
    help: "Passes by how they ended",
    labelNames: ["result"],
    registers,
  });
  const duration = new Histogram({
    name: "outcomepay_pass_duration_seconds",
    help: "How long a pass took",
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800],
    registers,
  });
  const events = new Counter({
    name: "outcomepay_events_total",
    help: "What passes did, by step and result",
    labelNames: ["step", "result"],
    registers,
  });
  const answers = new Counter({
    name: "outcomepay_endorsements_answered_total",
    help: "Answers to other operators' requests for an endorsement",
    labelNames: ["operator", "status"],
    registers,
  });
  const replies = new Counter({
    name: "outcomepay_endorsements_received_total",
    help: "Other operators' answers to this node's requests",
    labelNames: ["operator", "status"],
    registers,
  });
  const submissions = new Counter({
    name: "outcomepay_submissions_total",
    help: "Steps of sending to the chain: attempts, bumps of the fee, confirmations, faults",
    labelNames: ["step"],
    registers,
  });
  const outbox = new Gauge({
    name: "outcomepay_outbox_calls",
    help: "Calls that wait to be sent or confirmed",
    registers,
  });
  const headBlock = new Gauge({ name: "outcomepay_chain_head_block", help: "Latest block seen", registers });
  const headTime = new Gauge({
    name: "outcomepay_chain_head_timestamp_seconds",
    help: "Time of the latest block seen",
    registers,
  });
  const records = new Gauge({
    name: "outcomepay_records",
    help: "Last reading of the source: patients, and what became of its files, lines, rows and resources, by kind",
    labelNames: ["kind"],
    registers,
  });
  const outstanding = new Gauge({
    name: "outcomepay_patients_due",
    help: "Patients due and not assessed",
    labelNames: ["clause", "cohort"],
    registers,
  });
  const late = new Gauge({
    name: "outcomepay_patients_overdue",
    help: "Patients due and not assessed within the time agreed for reporting",
    labelNames: ["clause", "cohort"],
    registers,
  });
  const coverage = new Gauge({
    name: "outcomepay_escrow_coverage_patients",
    help: "Patients whom the parties' free balances can still enrol",
    labelNames: ["cohort"],
    registers,
  });
  const shortfall = new Gauge({
    name: "outcomepay_escrow_shortfall",
    help: "Money in minor units that a party's account lacks for the next enrolments",
    labelNames: ["party"],
    registers,
  });

  return {
    registry,
    passed(seconds, found) {
      duration.observe(seconds);
      passes.inc({ result: found.some(({ result }) => result === "failed") ? "with failures" : "done" });
      for (const { step, result } of found) events.inc({ step, result });
      shortfall.reset();
      for (const { shortfall: lack } of found) {
        if (lack !== undefined) shortfall.set({ party: lack.party }, Number(lack.short));
      }
    },
    passFailed(seconds) {
      duration.observe(seconds);
      passes.inc({ result: "failed" });
    },
    answered: (operator, status) => answers.inc({ operator, status }),
    gotAnswer: (operator, status) => replies.inc({ operator, status }),
    submission: (step) => submissions.inc({ step: step.type === "attempt" && step.number > 1 ? "bump" : step.type }),
    outbox: (calls) => outbox.set(calls),
    head(block, time) {
      headBlock.set(block);
      headTime.set(time);
    },
    records(counts) {
      for (const kind of RECORD_KINDS) records.set({ kind }, counts[kind]);
    },
    outstanding(clause, cohort, due, overdue) {
      outstanding.set({ clause, cohort }, due);
      late.set({ clause, cohort }, overdue);
    },
    coverage(patients) {
      // A cohort that takes nobody any more has no figure.
      coverage.reset();
      for (const [cohort, count] of patients) coverage.set({ cohort }, count);
    },
  };
}
