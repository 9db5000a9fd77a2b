/**
 * HbA1c, NGSP percent with 2 decimals: the last day with a usable result in the window around the due day. Several results of
 * that day: the lowest unless `sameDay` says otherwise (CMS122). Readings: `ngsp.ts`.
 */

import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { halfUp } from "./exact.ts";
import { hasCode } from "./codes.ts";
import { onCourses } from "./course.ts";
import { HBA1C_CODES, readHba1c } from "./ngsp.ts";
import { ownDefault, type ResolvedOptions } from "./options.ts";
import { take, told, type Reading } from "./reading.ts";
import type { PatientRecord } from "../record.ts";

const acceptedBy = ({ codes }: ResolvedOptions): readonly string[] => codes ?? HBA1C_CODES;

function value(record: PatientRecord, question: Question): Outcome {
  const { options } = question;
  const accepted = acceptedBy(options);
  const results = record.measurements.filter(({ codes }) => hasCode(codes, accepted));
  const dates = results.map(({ date }) => date);
  return onCourses(record, question, dates, ({ due, dayOf }) => {
    const readings: Reading[] = [];
    const unusable: string[] = [];
    for (const result of results) {
      const day = dayOf(result.date);
      if (day === null || Math.abs(day - due) > options.window) continue;
      const read = readHba1c(result, accepted);
      if ("problem" in read) unusable.push(result.id);
      else readings.push({ day, issued: result.issued, range: read.range, ids: [result.id] });
    }
    const sameDay = options.sameDay ?? ownDefault("sameDay", "hba1c") ?? "lowest";
    const last = take(readings, "last", sameDay, halfUp);
    if (last !== null) return told(last, question);
    return unusable.length > 0 ? notEvaluable("unusable-result", unusable) : notEvaluable("no-result");
  });
}

export const hba1c: Endpoint = {
  id: "hba1c",
  description: "last HbA1c around the due date, in percent (NGSP)",
  needs: (options) => ({ measurements: new Set(acceptedBy(options)) }),
  value,
};
