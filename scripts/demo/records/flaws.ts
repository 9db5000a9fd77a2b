/** What goes wrong between a course and its records: each flaw changes one patient's draft. */

import type { Condition, Consent, MedicationAdministration, Observation } from "./fhir.ts";

import { formatDay } from "../../../terms/calendar.ts";
import { MCODE, SECOND_CANCER, statusValue, UNKNOWN_CODE, UNKNOWN_SYSTEM } from "./codes.ts";
import { firstProgression, isAdequate } from "./course.ts";
import { FLAWED_WITHIN, FLAWS } from "./parameters.ts";
import { randomOf, type Random } from "./random.ts";
import { diseaseStatus, type Draft, type Told, type Written } from "./resources.ts";

type Drawn = keyof typeof FLAWS;

/** Applies the flaw, or answers false when the patient's course gives no occasion for it. */
type Apply = (draft: Draft, random: Random) => boolean;

/** Draws who is befallen by what: at most one flaw a patient, and of each at least one where anybody gives occasion. */
export function flawPatients(drafts: readonly Draft[], seed: number, agreement: string): Map<Draft, Drawn> {
  const random = randomOf(seed, agreement, "flaws");
  const waiting = new Set(random.shuffled(drafts));
  const befallen = new Map<Draft, Drawn>();
  for (const [name, { share }] of Object.entries(FLAWS) as [Drawn, { share: number }][]) {
    let left = Math.ceil(share * drafts.length);
    for (const draft of waiting) {
      if (left === 0) break;
      if (!APPLY[name](draft, random)) continue;
      waiting.delete(draft);
      befallen.set(draft, name);
      left--;
    }
  }
  return befallen;
}

/** Assessments that matter for what is due within half a year, and show something. */
const early = ({ statuses, course }: Draft): Told[] =>
  statuses.filter(({ visit }) => visit.day <= course.index + FLAWED_WITHIN.assessment && isAdequate(visit));

function anyEarly(draft: Draft, random: Random, fits: (told: Told) => boolean = () => true): Told | null {
  const [first, ...others] = early(draft).filter(fits);
  return first === undefined ? null : random.pick([first, ...others]);
}

/** Flaws of one assessment, chosen at random. */
function ofStatus(name: Drawn, change: (told: Told, random: Random) => Partial<Observation>): Apply {
  return (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    told.written.resource = { ...told.written.resource, ...change(told, random) };
    told.written.flaw = name;
    return true;
  };
}

function without<T extends object, K extends keyof T>(resource: T, element: K): T {
  const copy = { ...resource };
  Reflect.deleteProperty(copy, element);
  return copy;
}

const firstDose = ({ doses, course }: Draft): Draft["doses"][number] | undefined =>
  doses[course.treatments.findIndex(({ drug }) => drug === "contract")];

/** The date of an assessment with another year; the 28th for the 29th of February. */
const inYear = (year: string, { visit }: Told): string =>
  year + formatDay(visit.day).slice(4).replace("-02-29", "-02-28");

/** Files another version, after the first. */
function revise(draft: Draft, told: Told, resource: Observation, after: number, flaw: Drawn): void {
  draft.written.push({ resource, recorded: told.written.recorded + after, version: 2, flaw });
}

function addCancer(draft: Draft, flaw: Drawn): { reference: string } {
  const { course, written } = draft;
  const resource: Condition = {
    resourceType: "Condition",
    id: `${course.id}-second-cancer`,
    meta: { profile: [`${MCODE}mcode-primary-cancer-condition`] },
    code: SECOND_CANCER,
    subject: { reference: `Patient/${course.id}` },
  };
  written.push({ resource, recorded: course.index, version: 1, flaw });
  return { reference: `Condition/${resource.id}` };
}

const APPLY: Readonly<Record<Drawn, Apply>> = {
  "amended-to-progression": (draft, random) => {
    const progression = firstProgression(draft.course.visits);
    const told = draft.statuses.find(({ visit }) => visit.day === progression);
    if (told === undefined || told.visit.day > draft.course.index + FLAWED_WITHIN.assessment) return false;
    const { resource } = told.written;
    told.written.resource = { ...resource, valueCodeableConcept: statusValue("SD", random) };
    revise(draft, told, { ...resource, status: "amended" }, random.int(5, 20), "amended-to-progression");
    return true;
  },
  "death-undated": ({ death, course }) => {
    if (death === null || course.death === null || course.death > course.index + FLAWED_WITHIN.death) return false;
    death.resource = { ...without(death.resource, "deceasedDateTime"), deceasedBoolean: true };
    death.flaw = "death-undated";
    return true;
  },
  "death-month-only": ({ death, course }) => {
    if (death === null || course.death === null || course.death > course.index + FLAWED_WITHIN.death) return false;
    death.resource = { ...death.resource, deceasedDateTime: formatDay(course.death).slice(0, 7) };
    death.flaw = "death-month-only";
    return true;
  },
  "corrected-from-progression": (draft, random) => {
    const told = anyEarly(draft, random, ({ visit }) => visit.response !== "PD");
    if (told === null) return false;
    const { resource } = told.written;
    told.written.resource = { ...resource, valueCodeableConcept: statusValue("PD", random) };
    revise(draft, told, { ...resource, status: "corrected" }, random.int(5, 20), "corrected-from-progression");
    return true;
  },
  "entered-in-error": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    const resource = diseaseStatus(draft.course, { ...told.visit, response: "PD" }, "status-of-another");
    const wrong: Written = { resource, recorded: told.written.recorded, version: 1 };
    draft.written.push(wrong);
    const recorded = wrong.recorded + random.int(5, 20);
    draft.written.push({
      resource: { ...resource, status: "entered-in-error" },
      recorded,
      version: 2,
      flaw: "entered-in-error",
    });
    return true;
  },
  "duplicate-record": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    const { resource, recorded } = told.written;
    const copy = { ...resource, id: `${resource.id}-copy` };
    draft.written.push({ resource: copy, recorded: recorded + 1, version: 1, flaw: "duplicate-record" });
    return true;
  },
  "two-cancers": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    const focus = [addCancer(draft, "two-cancers")];
    const resource = diseaseStatus(draft.course, { ...told.visit, response: "PD" }, "status-second-cancer");
    draft.written.push({ resource: { ...resource, focus }, recorded: told.written.recorded, version: 1 });
    return true;
  },
  "dose-not-given": (draft) => {
    const first = firstDose(draft);
    const { id, index } = draft.course;
    if (first === undefined) return false;
    const resource: MedicationAdministration = {
      ...first.resource,
      id: `${id}-dose-not-given`,
      status: "not-done",
      effectiveDateTime: formatDay(index - 4),
    };
    draft.written.push({ resource, recorded: index - 3, version: 1, flaw: "dose-not-given" });
    return true;
  },
  "preliminary-repeat": (draft, random) => {
    const told = anyEarly(draft, random, ({ visit }) => visit.response !== "PD");
    if (told === null) return false;
    const { resource, recorded } = told.written;
    const id = `${resource.id}-preliminary`;
    const repeat: Observation = { ...without(resource, "identifier"), id, status: "preliminary" };
    draft.written.push({ resource: repeat, recorded, version: 1, flaw: "preliminary-repeat" });
    return true;
  },
  "consent-withdrawn": (draft, random) => {
    const { consent, course } = draft;
    const recorded = course.index + random.int(30, 150);
    if (recorded >= Math.min(course.death ?? recorded + 1, course.lostFrom ?? recorded + 1)) return false;
    const resource: Consent = { ...consent.resource, status: "inactive" };
    draft.written.push({ resource, recorded, version: 2, flaw: "consent-withdrawn" });
    return true;
  },
  "consent-absent": ({ written, consent, doses }) => {
    const [first] = doses;
    if (first === undefined) return false;
    written.splice(written.indexOf(consent), 1);
    first.flaw = "consent-absent";
    return true;
  },
  "two-cancers-no-focus": (draft) => {
    if (early(draft).length === 0) return false;
    addCancer(draft, "two-cancers-no-focus");
    for (const { written } of draft.statuses) written.resource = without(written.resource, "focus");
    return true;
  },
  "several-readers": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    const response = told.visit.response === "PD" ? "SD" : "PD";
    const resource = diseaseStatus(draft.course, { ...told.visit, response }, "status-second-reader");
    const read: Observation = { ...resource, performer: [{ display: "Independent reader" }] };
    draft.written.push({ resource: read, recorded: told.written.recorded + 2, version: 1, flaw: "several-readers" });
    return true;
  },
  "partial-date": ofStatus("partial-date", ({ visit }) => ({ effectiveDateTime: formatDay(visit.day).slice(0, 7) })),
  "partial-index": (draft) => {
    const first = firstDose(draft);
    if (first === undefined) return false;
    first.resource = { ...first.resource, effectiveDateTime: formatDay(draft.course.index).slice(0, 7) };
    first.flaw = "partial-index";
    return true;
  },
  preliminary: ofStatus("preliminary", () => ({ status: "preliminary" })),
  "unknown-code": ofStatus("unknown-code", () => ({ valueCodeableConcept: UNKNOWN_CODE })),
  "unknown-system": ofStatus("unknown-system", () => ({ valueCodeableConcept: UNKNOWN_SYSTEM })),
  "future-date": ofStatus("future-date", (told) => ({ effectiveDateTime: inYear("2091", told) })),
  "before-birth": ofStatus("before-birth", (told) => ({ effectiveDateTime: inYear("1912", told) })),
  "missing-subject": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    told.written.resource = without(told.written.resource, "subject");
    told.written.flaw = "missing-subject";
    return true;
  },
  "broken-line": (draft, random) => {
    const told = anyEarly(draft, random);
    if (told === null) return false;
    told.written.garble = (line) => line.replace('"status":"', '"status:"');
    told.written.flaw = "broken-line";
    return true;
  },
};

/** A file that was cut off while it was copied: its last line loses the second half, and its end. */
export function truncate(last: Written): void {
  last.garble = (line) => line.slice(0, Math.floor(line.length / 2));
  last.flaw = "truncated-line";
}
