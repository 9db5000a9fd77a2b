/**
 * Value maps and code sets, in one place. Codes are matched as `system|code`, never on a display text; what is in no table
 * is unmapped, never a guess. A source adds its own under `codes`.
 *
 * Sources: mCODE STU1–STU4 (HL7), the ICAREdata and mCODE extraction guides, the German oncology module (MII), GOLD
 * (RadLex), CDISC terminology for tumour response.
 */

import type { ResponseClass } from "../record.ts";

export const SNOMED = "http://snomed.info/sct";
const LOINC = "http://loinc.org";
const RADLEX = "http://radlex.org/RID";
const MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/";
const MII_RESPONSE = `${MII}mii-cs-onko-verlauf-gesamtbeurteilung`;

/** Observation.code of a disease status or tumour response. LOINC 21976-6 is cancer status, no response: only if a source declares it. */
export const RESPONSE_OBSERVATIONS: ReadonlySet<string> = new Set([
  `${LOINC}|97509-4`, // mCODE STU2 and later, extraction framework
  `${LOINC}|88040-1`, // mCODE STU1
  `${RADLEX}|11510`, // GOLD, without the RID prefix
  `${SNOMED}|396432002`, // MII oncology
]);

/** Observation.code of a genomic variant, and of the finding that somebody has died (MII oncology). */
export const VARIANT_OBSERVATION = `${LOINC}|69548-6`;
export const VARIANT_ABSENT: ReadonlySet<string> = new Set([`${LOINC}|LA9634-2`, `${SNOMED}|260415000`]);
export const DEATH_OBSERVATION = `${SNOMED}|184305005`;

const SNOMED_RESPONSES: Readonly<Record<string, ResponseClass>> = {
  "550991000124107": "CR",
  "103338009": "CR", // in mCODE's maximum value set only
  "551001000124108": "PR",
  "103337004": "PR",
  "268910001": "RESPONDING", // "improved": says nothing of complete or partial
  "385633008": "RESPONDING", // "improving", in old data
  "84190002": "RESPONDING",
  "359746009": "SD",
  "260388006": "SD",
  "271299001": "PD", // "worsened"
  "419835002": "PD",
  "1259237005": "PD", // relapse
  "709137006": "NE",
  "385432009": "NE",
};

/** MII oncology, overall assessment. */
const MII_RESPONSES: Readonly<Record<string, ResponseClass>> = {
  V: "CR",
  R: "CRr",
  T: "PR",
  B: "RESPONDING",
  K: "SD",
  P: "PD",
  Y: "PD",
  U: "NE",
  X: "NE",
  D: "NE", // divergent
};

const RADLEX_RESPONSES: Readonly<Record<string, ResponseClass>> = {
  "11511": "CR",
  "11513": "PR",
  "11514": "SD",
  "11515": "PD",
};

/** Words of registries and CDISC, without a code system: for CSV. iRECIST's iUPD is unconfirmed, hence not yet a progression. */
const PLAIN_RESPONSES: Readonly<Record<string, ResponseClass>> = {
  CR: "CR",
  sCR: "CR",
  iCR: "CR",
  "COMPLETE-RESPONSE": "CR",
  PR: "PR",
  VGPR: "PR",
  iPR: "PR",
  "PARTIAL-RESPONSE": "PR",
  SD: "SD",
  iSD: "SD",
  "STABLE-DISEASE": "SD",
  "NON-CR/NON-PD": "NON-CR/NON-PD",
  "NON-iCR/NON-iUPD": "NON-CR/NON-PD",
  PD: "PD",
  iCPD: "PD",
  "PROGRESSIVE-DISEASE": "PD",
  iUPD: "NE",
  NE: "NE",
  "NOT-EVALUABLE": "NE",
  NA: "NE",
  NYA: "NE",
};

/** What a source may write on the right-hand side of `codes`, beside the class names themselves. */
export const CLASS_WORDS: Readonly<Record<string, ResponseClass>> = {
  complete: "CR",
  "complete-with-residual": "CRr",
  partial: "PR",
  responding: "RESPONDING",
  stable: "SD",
  "non-complete-non-progressive": "NON-CR/NON-PD",
  progressive: "PD",
  progression: "PD",
  relapse: "PD",
  "not-evaluable": "NE",
  CR: "CR",
  CRr: "CRr",
  PR: "PR",
  RESPONDING: "RESPONDING",
  SD: "SD",
  "NON-CR/NON-PD": "NON-CR/NON-PD",
  PD: "PD",
  NE: "NE",
};

/** Distant metastasis present: a progression only if new against baseline, which one observation can't say. */
export const ONLY_IF_NEW: ReadonlySet<string> = new Set([`${SNOMED}|399409002`]);

function withSystem(system: string, table: Readonly<Record<string, ResponseClass>>): [string, ResponseClass][] {
  return Object.entries(table).map(([code, response]) => [`${system}|${code}`, response]);
}

const CODED: ReadonlyMap<string, ResponseClass> = new Map([
  ...withSystem(SNOMED, SNOMED_RESPONSES),
  ...withSystem(MII_RESPONSE, MII_RESPONSES),
  ...withSystem(RADLEX, RADLEX_RESPONSES),
]);

/** SNOMED CT identifiers can't be mistaken for anything else, so a CSV may carry them bare. */
const PLAIN: ReadonlyMap<string, ResponseClass> = new Map([
  ...Object.entries(SNOMED_RESPONSES),
  ...Object.entries(PLAIN_RESPONSES),
]);

/** Class of one code: the source's own map first, then the table; undefined when unmapped. */
export function responseOf(code: string, own: ReadonlyMap<string, ResponseClass>): ResponseClass | undefined {
  return own.get(code) ?? (code.includes("|") ? CODED.get(code) : PLAIN.get(code));
}

/** Evidence for a disease status that is imaging (SNOMED CT), and the extensions that carry it. */
export const IMAGING: ReadonlySet<string> = new Set(["363679005"]);
export const EVIDENCE_EXTENSIONS: ReadonlySet<string> = new Set([
  "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type",
  "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-evidence-type",
]);

/** Observation.status and the like: accepted as results; everything else is listed and not used. */
export const FINAL: ReadonlySet<string> = new Set(["final", "amended", "corrected"]);

/** MedicationAdministration.status of a dose that was given. */
export const GIVEN: ReadonlySet<string> = new Set(["in-progress", "completed", "stopped"]);

/** Profiles (last part of the URL) that make a treatment a cancer treatment. */
export const CANCER_MEDICATION_PROFILES: ReadonlySet<string> = new Set([
  "mcode-cancer-related-medication-administration",
  "mcode-cancer-related-medication-statement",
  "onco-core-CancerRelatedMedicationAdministration",
  "mii-pr-onko-systemische-therapie-medikation",
]);
export const CANCER_PROCEDURE_PROFILES: ReadonlySet<string> = new Set([
  "mcode-cancer-related-surgical-procedure",
  "mcode-cancer-related-radiation-procedure",
  "mcode-radiotherapy-course-summary",
  "onco-core-CancerRelatedRadiationProcedure",
  "onco-core-CancerRelatedSurgicalProcedure",
  "mii-pr-onko-systemische-therapie",
  "mii-pr-onko-strahlentherapie",
  "mii-pr-onko-operation",
]);

/** ATC: antineoplastic agents and endocrine therapy. */
export function isCancerDrug(code: string): boolean {
  return /^(http:\/\/www\.whocc\.no\/atc|http:\/\/fhir\.de\/CodeSystem\/bfarm\/atc)\|L0[12]/.test(code);
}

/** Profiles of a primary cancer, and ICD-10 chapters that are one: C00–C76 and C80–C97, not the secondary C77–C79. */
export const PRIMARY_CANCER_PROFILES: ReadonlySet<string> = new Set([
  "mcode-primary-cancer-condition",
  "onco-core-PrimaryCancerCondition",
  "mii-pr-onko-diagnose-primaertumor",
]);
export function isPrimaryCancer(code: string): boolean {
  return /icd-10[^|]*\|C(?:[0-68]\d|7[0-6]|9[0-7])/i.test(code);
}

/** Treatment intents, by extension and by the code or word used. */
export const INTENT_EXTENSIONS: ReadonlySet<string> = new Set([
  "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent",
  "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-treatment-intent",
  "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/mii-ex-onko-systemische-therapie-intention",
]);
const INTENTS: Readonly<Record<string, boolean>> = {
  "373808002": true, // curative
  "363676003": true, // palliative
  curative: true,
  palliative: true,
  anticancer: true,
  adjuvant: true,
  neoadjuvant: true,
  K: true, // MII: curative, palliative, other, not stated
  P: true,
  S: true,
  X: true,
  "399707004": false, // supportive
  "129428001": false, // preventive
  "261004008": false, // diagnostic
  "360156006": false, // screening
  "429892002": false, // guidance
  supportive: false,
  preventive: false,
  diagnostic: false,
  screening: false,
};

/** Whether a treatment of this intent is directed at the cancer; undefined when the intent is unmapped. */
export function isAnticancer(intent: string): boolean | undefined {
  const code = intent.slice(intent.lastIndexOf("|") + 1);
  return Object.hasOwn(INTENTS, code) ? INTENTS[code] : INTENTS[code.toLowerCase()];
}

/** Resource types whose date shows that the patient was alive, the elements that date them, and the statuses that count. */
export const ACTIVITY: ReadonlyMap<
  string,
  { readonly dates: readonly string[]; readonly statuses: ReadonlySet<string> }
> = new Map([
  ["Observation", { dates: ["effectiveDateTime", "effectivePeriod"], statuses: FINAL }],
  ["Encounter", { dates: ["period"], statuses: new Set(["in-progress", "finished"]) }],
  ["Procedure", { dates: ["performedDateTime", "performedPeriod"], statuses: new Set(["completed"]) }],
  ["Immunization", { dates: ["occurrenceDateTime"], statuses: new Set(["completed"]) }],
]);
