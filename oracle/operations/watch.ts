/** Watches a node at work: what its peers answer, how its passes and its readings of the records end. */

import type { Ask } from "../endorse/collect.ts";
import type { PassEvent } from "../node.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import type { Day } from "../../terms/model.ts";
import type { Metrics } from "./metrics.ts";
import type { Progress } from "./readiness.ts";

const MILLISECONDS = 1_000;

/** Counts what each peer answers. */
export function countAnswers(ask: Ask, metrics: Metrics): Ask {
  return async (peer, request, signal) => {
    try {
      const reply = await ask(peer, request, signal);
      metrics.gotAnswer(peer.address, reply.status);
      return reply;
    } catch (error) {
      metrics.gotAnswer(peer.address, "failed");
      throw error;
    }
  };
}

type OpenRecords<P extends SourcePatient> = (asOfDay: Day) => Promise<Outcomes<P>>;
type Pass = (waitForTurn: boolean) => Promise<PassEvent[]>;

/** Remembers how the last pass and the last reading ended. */
export function watchProgress(now: () => number): {
  readonly now: () => Progress;
  reading<P extends SourcePatient>(open: OpenRecords<P>): OpenRecords<P>;
  passing(metrics: Metrics, pass: Pass): Pass;
} {
  let found: Progress = { lastPass: null, lastReading: null };
  return {
    now: () => found,
    reading: (open) => async (asOfDay) => {
      try {
        const records = await open(asOfDay);
        found = { ...found, lastReading: { at: now(), readable: true } };
        return records;
      } catch (error) {
        found = { ...found, lastReading: { at: now(), readable: false } };
        throw error;
      }
    },
    passing: (metrics, pass) => async (waitForTurn) => {
      const started = now();
      const seconds = (): number => (now() - started) / MILLISECONDS;
      try {
        const events = await pass(waitForTurn);
        const isBehind = events.some(({ step, result }) => step === "catch up" && result !== "done");
        found = { ...found, lastPass: { at: now(), result: isBehind ? "behind" : "done" } };
        metrics.passed(seconds(), events);
        return events;
      } catch (error) {
        found = { ...found, lastPass: { at: now(), result: "failed" } };
        metrics.passFailed(seconds());
        throw error;
      }
    },
  };
}
