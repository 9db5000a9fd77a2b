/** A row of the patients' file. */

import type { Interval } from "../../record.ts";
import type { Fact, Reading } from "../facts.ts";
import type { FileMap } from "./config.ts";
import { Unreadable, type Row } from "./row.ts";

const CONSENT: ReadonlyMap<string, boolean> = new Map([
  ["y", true],
  ["yes", true],
  ["true", true],
  ["1", true],
  ["granted", true],
  ["n", false],
  ["no", false],
  ["false", false],
  ["0", false],
  ["withdrawn", false],
  ["refused", false],
]);

/** A patient whose row can't be read in part is still a patient, evaluated on what remains. */
export function readPatient(row: Row, identifierSystem: string, columns: FileMap["columns"]): Reading {
  const problems: string[] = [];
  const date = (field: string): Interval | null => {
    try {
      return row.date(field);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push(error.message);
      return null;
    }
  };
  // Follow-up dates bound what is known, so a partial one counts for its first day.
  const day = (field: string): number | null => date(field)?.first ?? null;
  const registry = columns["lastActivity"] ?? columns["gapStart"] ?? columns["lastReview"];
  const answer = row.text("consent");
  const consent = answer === undefined ? null : CONSENT.get(answer.toLowerCase());
  if (consent === undefined) problems.push(`consent is neither yes nor no: ${answer ?? ""}`);
  const fact: Fact = {
    kind: "patient",
    identifier: { system: identifierSystem, value: row.text("patient") ?? "" },
    birth: date("birth"),
    sex: row.text("sex") ?? null,
    // A date that can't be read is still a death.
    death: date("death") ?? (row.text("death") === undefined ? null : "unknown"),
    index: date("index"),
    lastAlive: date("lastAlive"),
    followUp:
      registry === undefined
        ? null
        : { lastActivity: day("lastActivity"), gapStart: day("gapStart"), lastReview: day("lastReview") },
    // What is neither yes nor no is no consent.
    consent: consent ?? (answer === undefined ? null : false),
  };
  return { facts: [fact], problems };
}
