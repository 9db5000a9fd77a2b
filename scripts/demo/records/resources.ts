/** A course written down as FHIR R4 resources after the mCODE profiles, each version with the day on which it was recorded. */

import type {
  CodeableConcept,
  Condition,
  Consent,
  FhirResource,
  MedicationAdministration,
  Observation,
  Patient,
  Procedure,
} from "./fhir.ts";

import { formatDay } from "../../../terms/calendar.ts";
import type { Day } from "../../../terms/model.ts";
import {
  cancerOf,
  coding,
  concept,
  drugCodings,
  EGFR,
  EVIDENCE,
  hgvs,
  INSENSITIVE,
  LOINC,
  MCODE,
  SENSITISING,
  SNOMED,
  STATUS_CODE,
  statusValue,
} from "./codes.ts";
import { firstProgression, type Course, type Treatment, type Visit } from "./course.ts";
import { WRITING, type AgreementName, type Flaw } from "./parameters.ts";
import type { Random } from "./random.ts";

/** One version of a resource, as it will stand in a file. */
export interface Written {
  resource: FhirResource;
  recorded: Day;
  version: number;
  /** What the line shows, for the count. */
  flaw?: Flaw;
  /** Turns the line into something that is no JSON. */
  garble?: (line: string) => string;
}

/** A visit and the resource that tells of it. */
export interface Told {
  readonly visit: Visit;
  readonly written: Written & { resource: Observation };
}

/** A patient's resources while they are being written. */
export interface Draft {
  readonly course: Course;
  readonly written: Written[];
  readonly statuses: readonly Told[];
  readonly doses: readonly (Written & { resource: MedicationAdministration })[];
  /** Null while the patient is not known to be dead. */
  readonly death: (Written & { resource: Patient }) | null;
  readonly consent: Written & { resource: Consent };
}

/** Marks data that is about nobody. */
export const SYNTHETIC = coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data");
export const IDENTIFIERS = "https://registry.example/synthetic-patient";
const REPORTS = "https://hospital.example/report";
const CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFIED = concept(coding("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"));
const MR = concept(coding("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"));
const EXAM = concept(coding("http://terminology.hl7.org/CodeSystem/observation-category", "exam"));
const LABORATORY = concept(coding("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"));
const PALLIATIVE = concept(coding(SNOMED, "363676003", "Palliative - procedure intent"));

const subject = ({ id }: Course): { reference: string } => ({ reference: `Patient/${id}` });
export const cancerReference = ({ id }: Course): { reference: string } => ({ reference: `Condition/${id}-cancer` });

/** A date, or a date-time of a Chinese hospital: in the early morning it is still yesterday in Greenwich. */
function when(day: Day, random: Random): string {
  const [hour, minute] = [random.int(6, 17), random.int(0, 59)].map((part) => String(part).padStart(2, "0"));
  return random.chance(WRITING.dateTime) ? `${formatDay(day)}T${hour}:${minute}:00+08:00` : formatDay(day);
}

export function draft(agreement: AgreementName, course: Course): Draft {
  const { random } = course;
  const condition = conditions(agreement, course);
  const statuses = course.visits.map((visit, k) => {
    const recorded = visit.day + random.int(0, 4);
    return { visit, written: { resource: diseaseStatus(course, visit, `status-${k + 1}`), recorded, version: 1 } };
  });
  const doses = course.treatments.map((treatment, k) => {
    const recorded = treatment.day + random.int(0, 2);
    return { resource: administration(agreement, course, treatment, `dose-${k + 1}`), recorded, version: 1 };
  });
  const patient = registration(course);
  const death = course.death === null ? null : registeredDeath(course, course.death, patient.resource);
  const consent = agreed(course);
  return {
    course,
    statuses,
    doses,
    death,
    consent,
    written: [
      patient,
      ...(death === null ? [] : [death]),
      ...condition,
      consent,
      ...(agreement === "nsclc" ? [variant(course)] : []),
      ...doses,
      ...statuses.map(({ written }) => written),
      ...course.visits.map((visit, k) => performance(agreement, course, visit, k + 1)),
      ...course.procedures.map((procedure, k) => procedureOf(course, procedure, k + 1)),
    ],
  };
}

function registration(course: Course): Written & { resource: Patient } {
  const { id, birth, sex, random, index } = course;
  const date = formatDay(birth);
  const birthDate = random.chance(WRITING.partialBirth) ? date.slice(0, random.pick([4, 7])) : date;
  const resource: Patient = {
    resourceType: "Patient",
    id,
    meta: { profile: [`${MCODE}mcode-cancer-patient`] },
    identifier: [{ type: MR, system: IDENTIFIERS, value: id.toUpperCase() }],
    name: [{ family: "Synthetic", given: [id] }],
    gender: sex,
    birthDate,
  };
  return { resource, recorded: index - random.int(8, 13), version: 1 };
}

function registeredDeath({ random }: Course, day: Day, patient: Patient): Written & { resource: Patient } {
  const recorded = day + random.int(1, 21);
  return { resource: { ...patient, deceasedDateTime: when(day, random) }, recorded, version: 2 };
}

/** The cancer; of a leukaemia also what became of it, which mCODE puts into the clinical status. */
function conditions(agreement: AgreementName, course: Course): Written[] {
  const { id, diagnosis, index, random, visits } = course;
  const code = cancerOf(agreement, course);
  const versions = [{ status: agreement === "cart" ? "relapse" : "active", recorded: index - random.int(5, 7) }];
  const remission = visits.find(({ response }) => response === "CR")?.day ?? null;
  if (remission !== null) {
    versions.push({ status: "remission", recorded: remission + 5 });
    const relapse = firstProgression(visits);
    if (relapse !== null) versions.push({ status: "relapse", recorded: relapse + 5 });
  }
  return versions.map(({ status, recorded }, k) => {
    const resource: Condition = {
      resourceType: "Condition",
      id: `${id}-cancer`,
      meta: { profile: [`${MCODE}mcode-primary-cancer-condition`] },
      clinicalStatus: concept(coding(CLINICAL, status)),
      verificationStatus: VERIFIED,
      category: [concept(coding("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"))],
      code,
      subject: subject(course),
      onsetDateTime: formatDay(diagnosis),
    };
    return { resource, recorded, version: k + 1 };
  });
}

export function diseaseStatus(course: Course, visit: Visit, name: string): Observation {
  const { id, random } = course;
  return {
    resourceType: "Observation",
    id: `${id}-${name}`,
    meta: { profile: [`${MCODE}mcode-cancer-disease-status`] },
    extension: [
      { url: `${MCODE}mcode-cancer-disease-status-evidence-type`, valueCodeableConcept: EVIDENCE[visit.evidence] },
    ],
    identifier: [{ system: REPORTS, value: `${id}-${name}` }],
    status: "final",
    category: [EXAM],
    code: STATUS_CODE,
    subject: subject(course),
    focus: [cancerReference(course)],
    effectiveDateTime: when(visit.day, random),
    performer: [{ display: "Treating physician" }],
    valueCodeableConcept: statusValue(visit.response, random),
  };
}

function administration(
  agreement: AgreementName,
  course: Course,
  { day, drug }: Treatment,
  name: string,
): MedicationAdministration {
  const { id, random } = course;
  const codings = drugCodings(agreement, drug);
  const coded = random.chance(WRITING.oneDrugSystem) ? [random.pick(codings)] : codings;
  return {
    resourceType: "MedicationAdministration",
    id: `${id}-${name}`,
    meta: { profile: [`${MCODE}mcode-cancer-related-medication-administration`] },
    extension: [{ url: `${MCODE}mcode-procedure-intent`, valueCodeableConcept: PALLIATIVE }],
    status: "completed",
    medicationCodeableConcept: concept(...coded),
    subject: subject(course),
    effectiveDateTime: when(day, random),
    reasonReference: [cancerReference(course)],
  };
}

function variant(course: Course): Written {
  const { id, random, index, group } = course;
  const absent = group === "other-variant" && random.chance(0.5);
  const { coding: dna, protein } = group === "other-variant" && !absent ? INSENSITIVE : random.pick(SENSITISING);
  const proteinOnly = random.chance(WRITING.proteinChangeOnly);
  const component = (code: string, value: CodeableConcept): NonNullable<Observation["component"]>[number] => ({
    code: concept(coding(LOINC, code)),
    valueCodeableConcept: value,
  });
  const resource: Observation = {
    resourceType: "Observation",
    id: `${id}-egfr`,
    meta: { profile: [`${MCODE}mcode-genomic-variant`] },
    status: "final",
    category: [LABORATORY],
    code: concept(coding(LOINC, "69548-6", "Genetic variant assessment")),
    subject: subject(course),
    effectiveDateTime: formatDay(index - random.int(8, 12)),
    valueCodeableConcept: concept(absent ? coding(LOINC, "LA9634-2", "Absent") : coding(LOINC, "LA9633-4", "Present")),
    component: [
      component("48018-6", concept(EGFR)),
      ...(proteinOnly ? [] : [component("48004-6", concept(hgvs(dna)))]),
      component("48005-3", concept(hgvs(protein))),
      component("48002-0", concept(coding(LOINC, "LA6684-0", "Somatic"))),
    ],
  };
  return { resource, recorded: index - random.int(4, 7), version: 1 };
}

/** How well the patient is, noted at every visit: of use to no endpoint, but a sign of life. */
function performance(agreement: AgreementName, course: Course, { day }: Visit, number: number): Written {
  const { id, random } = course;
  const adult = agreement === "nsclc";
  const resource: Observation = {
    resourceType: "Observation",
    id: `${id}-performance-${number}`,
    meta: { profile: [`${MCODE}${adult ? "mcode-ecog-performance-status" : "mcode-karnofsky-performance-status"}`] },
    status: "final",
    category: [EXAM],
    code: concept(coding(LOINC, adult ? "89247-1" : "89243-0")),
    subject: subject(course),
    effectiveDateTime: when(day, random),
    valueInteger: adult ? random.int(0, 2) : random.int(6, 10) * 10,
  };
  return { resource, recorded: day + random.int(0, 1), version: 1 };
}

function procedureOf(course: Course, { day, kind }: Course["procedures"][number], number: number): Written {
  const { id, random } = course;
  const radiated = kind === "radiotherapy";
  const resource: Procedure = {
    resourceType: "Procedure",
    id: `${id}-procedure-${number}`,
    ...(radiated && {
      meta: { profile: [`${MCODE}mcode-radiotherapy-course-summary`] },
      extension: [{ url: `${MCODE}mcode-procedure-intent`, valueCodeableConcept: PALLIATIVE }],
    }),
    status: "completed",
    code: radiated
      ? concept(coding(SNOMED, "1217123003", "Radiotherapy course of treatment (regime/therapy)"))
      : concept(coding(SNOMED, "234336002", "Hemopoietic stem cell transplant (procedure)")),
    subject: subject(course),
    performedPeriod: { start: formatDay(day), end: formatDay(day + random.int(5, 12)) },
  };
  return { resource, recorded: day + random.int(13, 20), version: 1 };
}

function agreed(course: Course): Written & { resource: Consent } {
  const { id, random, index } = course;
  const signed = index - random.int(3, 7);
  const resource: Consent = {
    resourceType: "Consent",
    id: `${id}-consent`,
    status: "active",
    scope: concept(coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")),
    category: [concept(coding(LOINC, "59284-0", "Patient Consent"))],
    patient: subject(course),
    dateTime: formatDay(signed),
    policyRule: concept(coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN")),
    provision: { type: "permit" },
  };
  return { resource, recorded: signed, version: 1 };
}
