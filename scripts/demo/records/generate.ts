/**
 * Records of patients who don't exist, for one agreement: the same seed gives the same bytes, on every machine and day. A later
 * cut-off only adds what was recorded since, but for the last line, which is cut off.
 */

import type { Day } from "../../../terms/model.ts";
import { cartCourse } from "./cart.ts";
import type { Course, Start } from "./course.ts";
import { flawPatients, truncate } from "./flaws.ts";
import { nsclcCourse } from "./nsclc.ts";
import { INELIGIBLE, OUTSIDE, type AgreementName, type Flaw, type Group } from "./parameters.ts";
import { randomOf } from "./random.ts";
import { draft } from "./resources.ts";
import { truthOf, type PatientTruth } from "./truth.ts";
import { inOrder, TYPES, writeFiles, type FileType } from "./write.ts";

export interface GenerateOptions {
  readonly seed: number;
  /** Gets `source.yaml`, and one file a resource type under `data`. */
  readonly outDir: string;
  readonly agreement: AgreementName;
  /** Eligible patients; others come on top. */
  readonly patients: number;
  /** First index day of the cohort. */
  readonly opens: Day;
  /** Day after the last. */
  readonly closes: Day;
  /** Last day on which something was recorded. */
  readonly cutoff: Day;
}

export interface Summary {
  /** Path of the source file. */
  readonly source: string;
  /** By identifier; who was not registered by the cut-off is left out. */
  readonly patients: readonly PatientTruth[];
  /** Lines of each file. */
  readonly lines: Readonly<Record<FileType, number>>;
  readonly counts: Counts;
}

/** Numbers of patients. */
export interface Counts {
  readonly groups: Readonly<Partial<Record<Group, number>>>;
  /** Of the eligible ones. */
  readonly course: {
    readonly progression: number;
    readonly remission: number;
    readonly death: number;
    readonly lost: number;
    readonly notEvaluable: number;
  };
  readonly flaws: Readonly<Partial<Record<Flaw, number>>>;
}

/** @throws RangeError when the window is empty or has no patients */
export function generateRecords(options: GenerateOptions): Summary {
  const { seed, agreement, patients, opens, closes, cutoff, outDir } = options;
  if (closes <= opens) throw new RangeError(`closes: found day ${closes}, expected one after opens, day ${opens}`);
  if (patients < 1) throw new RangeError(`patients: found ${patients}, expected at least 1`);
  const drafts = courses(options).map((course) => draft(agreement, course));
  flawPatients(
    drafts.filter(({ course }) => course.group === "eligible"),
    seed,
    agreement,
  );
  const written = drafts.flatMap((one) => one.written).filter(({ recorded }) => recorded <= cutoff);
  const lines = new Map(TYPES.map((type) => [type, inOrder(written, type, seed)]));
  const last = lines.get("Observation")?.at(-1);
  if (last !== undefined) truncate(last);
  const source = writeFiles(outDir, lines, new Set(["Observation"]), seed);
  const shown = new Set(written);
  const registered = drafts.filter((one) => one.written.some((version) => shown.has(version)));
  const truths = registered.map((one) => truthOf(one, cutoff, shown));
  return {
    source,
    patients: truths,
    lines: Object.fromEntries([...lines].map(([type, list]) => [type, list.length])) as Record<FileType, number>,
    counts: count(truths),
  };
}

/** Everybody, eligible or not, under numbers that don't tell which. */
function courses({ seed, agreement, patients, opens, closes }: GenerateOptions): Course[] {
  const groups: Group[] = Array.from({ length: patients }, () => "eligible");
  for (const [group, share] of Object.entries(INELIGIBLE[agreement])) {
    for (let left = Math.ceil(share * patients); left > 0; left--) groups.push(group as Group);
  }
  const course = agreement === "nsclc" ? nsclcCourse : cartCourse;
  return randomOf(seed, agreement, "groups")
    .shuffled(groups)
    .map((group, k): Course => {
      const random = randomOf(seed, agreement, "patient", k);
      const index =
        group === "before-window"
          ? random.int(opens - OUTSIDE.before, opens - 1)
          : group === "after-window"
            ? random.int(closes, closes + OUTSIDE.after)
            : random.int(opens, closes - 1);
      const start: Start = { id: `${agreement}-${String(k + 1).padStart(4, "0")}`, group, random, index };
      return course(start);
    });
}

function count(truths: readonly PatientTruth[]): Counts {
  const eligible = truths.filter(({ group }) => group === "eligible");
  const having = (what: (truth: PatientTruth) => boolean): number => eligible.filter(what).length;
  return {
    groups: tally(truths.map(({ group }) => group)),
    course: {
      progression: having(({ progression }) => progression !== null),
      remission: having(({ remission }) => remission !== null),
      death: having(({ death }) => death !== null),
      lost: having(({ lostFrom }) => lostFrom !== null),
      notEvaluable: having(({ notEvaluable }) => notEvaluable > 0),
    },
    flaws: tally(truths.flatMap(({ flaws }) => flaws)),
  };
}

function tally<T extends string>(names: readonly T[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export type { AgreementName, PatientTruth };
