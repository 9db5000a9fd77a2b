/**
 * What the invented patients go through, and how often their records are flawed: all the numbers of the generator. They
 * are of the order that trials have published for such treatments; none comes from a patient's record.
 */

import type { Weibull } from "./random.ts";

export type AgreementName = "nsclc" | "cart";

/** Patients beside the eligible ones, as a share of these; at least one each. */
export const INELIGIBLE = {
  nsclc: {
    "other-drug": 0.08,
    "other-cancer": 0.04,
    "other-variant": 0.08,
    "before-window": 0.06,
    "after-window": 0.06,
    untreated: 0.03,
  },
  cart: { "other-drug": 0.08, "other-cancer": 0.08, "before-window": 0.06, "after-window": 0.06, untreated: 0.04 },
} as const satisfies Record<AgreementName, Readonly<Record<string, number>>>;

export type Group =
  "eligible" | "other-drug" | "other-cancer" | "other-variant" | "before-window" | "after-window" | "untreated";

/** Days before and after the window in which patients outside it are treated. */
export const OUTSIDE = { before: 90, after: 60 };

/** No course is followed longer, in days after the index day. */
export const HORIZON = 1_100;

const exponential = (mean: number): Weibull => ({ shape: 1, scale: mean });

export const NSCLC = {
  age: [42, 84],
  /** Median about 19 months; about one in six progresses within six months. */
  progression: { shape: 1.2, scale: 780 },
  deathWithoutProgression: exponential(4_500),
  deathAfterProgression: exponential(500),
  lossToFollowUp: exponential(2_500),
  /** Planned interval of imaging, and how early or late it is done. */
  assessEvery: 56,
  jitter: [-6, 9],
  missedVisit: 0.04,
  notEvaluable: 0.02,
  /** Shrinks at first; ungraded where only "improved" is coded. */
  response: 0.7,
  graded: 0.3,
  /** Noticed between two planned assessments. */
  progressionUnplanned: 0.2,
  assessmentsAfterProgression: 2,
  nextLine: 0.6,
  radiotherapy: 0.25,
  /** Changed to another treatment without a progression, on a day between these. */
  switched: 0.03,
  switchDay: [60, 150],
  doseEvery: 28,
} as const;

export const CART = {
  age: [3, 25],
  remissionAtFirst: 0.72,
  remissionAtSecond: 0.08,
  /** From the first remission; about a fifth within five months. */
  relapse: { shape: 0.9, scale: 780 },
  /** Of those never in remission. */
  progression: exponential(120),
  deathWithoutProgression: exponential(3_600),
  deathAfterProgression: exponential(700),
  lossToFollowUp: exponential(3_000),
  /** Planned marrow examinations in days after the infusion, and how early or late they are done. */
  visits: [28, 91, 183, 274, 365, 548, 730],
  jitterFirst: [-3, 3],
  jitter: [-9, 6],
  missedVisit: 0.03,
  notEvaluable: 0.02,
  progressionUnplanned: 0.5,
  transplant: 0.12,
  lymphodepletion: 5,
} as const;

/** Shares of records that are merely written in another way. */
export const WRITING = {
  /** With a time of day and an offset; else a bare date. */
  dateTime: 0.5,
  /** Birth dates of a year, or of a year and a month. */
  partialBirth: 0.06,
  /** Coded in one system only. */
  oneDrugSystem: 0.3,
  proteinChangeOnly: 0.2,
} as const;

/**
 * What is odd or wrong in the records of eligible patients: the share that it befalls (at least one patient, at most one
 * flaw a patient), and whether it harms, so that the record no longer shows what happened.
 */
export const FLAWS = {
  "amended-to-progression": { share: 0.02, harms: false, is: "first read as stable, later amended to a progression" },
  "death-undated": { share: 0.008, harms: true, is: "known to be dead, without a date" },
  "death-month-only": { share: 0.008, harms: true, is: "the death is dated to the month" },
  "corrected-from-progression": { share: 0.02, harms: false, is: "first read as a progression, later corrected" },
  "entered-in-error": { share: 0.016, harms: false, is: "another patient's progression, later entered in error" },
  "duplicate-record": { share: 0.016, harms: false, is: "one assessment sent by two systems" },
  "two-cancers": { share: 0.016, harms: false, is: "a second primary cancer, which progresses" },
  "dose-not-given": { share: 0.016, harms: false, is: "a dose planned before the first one and not given" },
  "preliminary-repeat": { share: 0.016, harms: false, is: "a preliminary result beside the final one" },
  "consent-withdrawn": { share: 0.016, harms: true, is: "consent withdrawn in the course" },
  "consent-absent": { share: 0.03, harms: false, is: "no consent on record, neither given nor refused" },
  "two-cancers-no-focus": { share: 0.008, harms: true, is: "two primary cancers, and no assessment says which" },
  "several-readers": { share: 0.016, harms: true, is: "a second reader who sees it differently" },
  "partial-date": { share: 0.016, harms: true, is: "an assessment dated to the month" },
  "partial-index": { share: 0.008, harms: true, is: "the first administration is dated to the month" },
  preliminary: { share: 0.008, harms: true, is: "an assessment that never became final" },
  "unknown-code": { share: 0.008, harms: true, is: "a status code in no value set" },
  "unknown-system": { share: 0.008, harms: true, is: "a status in a code system of the hospital's own" },
  "future-date": { share: 0.008, harms: true, is: "a mistyped year, after the cut-off" },
  "before-birth": { share: 0.008, harms: true, is: "a mistyped year, before birth" },
  "missing-subject": { share: 0.008, harms: true, is: "an assessment without a patient" },
  "broken-line": { share: 0.008, harms: true, is: "a line that is no JSON" },
} as const satisfies Readonly<Record<string, { share: number; harms: boolean; is: string }>>;

/** `truncated-line` befalls whoever stands last in the file of observations. */
export type Flaw = keyof typeof FLAWS | "truncated-line";

/** Days after the index day in which assessments and deaths are flawed, so that it matters for what is due within half a year. */
export const FLAWED_WITHIN = { assessment: 200, death: 300 };
