/** Codes of the generated records, and those that make a patient eligible: the same as in `scripts/demo/terms`. */

import type { CodeableConcept, Coding } from "./fhir.ts";

import type { Course, Response, Treatment } from "./course.ts";
import type { AgreementName } from "./parameters.ts";
import type { Random } from "./random.ts";

export const SNOMED = "http://snomed.info/sct";
export const LOINC = "http://loinc.org";
const ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm";
const ATC = "http://www.whocc.no/atc";
const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
const NDC = "http://hl7.org/fhir/sid/ndc";
const HGNC = "http://www.genenames.org";
const HGVS = "http://varnomen.hgvs.org";
export const MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/";

export function coding(system: string, code: string, display?: string): Coding {
  return display === undefined ? { system, code } : { system, code, display };
}

export const concept = (...codings: readonly Coding[]): CodeableConcept => ({ coding: [...codings] });

const snomed = (code: string, display: string): CodeableConcept => concept(coding(SNOMED, code, display));

/** Fitting pairs of a system's code, either of which may stand alone. */
const DRUGS = {
  osimertinib: [coding(ATC, "L01EB04", "osimertinib"), coding(RXNORM, "1721560", "osimertinib")],
  gefitinib: [coding(ATC, "L01EB01", "gefitinib")],
  pemetrexed: [coding(ATC, "L01BA04", "pemetrexed")],
  tisagenlecleucel: [coding(ATC, "L01XL04", "tisagenlecleucel"), coding(NDC, "0078-0846-19", "Kymriah")],
  brexucabtagene: [coding(ATC, "L01XL06", "brexucabtagene autoleucel")],
  fludarabine: [coding(ATC, "L01BB05", "fludarabine")],
  cyclophosphamide: [coding(ATC, "L01AA01", "cyclophosphamide")],
} as const;

export function drugCodings(agreement: AgreementName, drug: Treatment["drug"]): readonly [Coding, ...Coding[]] {
  switch (drug) {
    case "contract":
      return agreement === "nsclc" ? DRUGS.osimertinib : DRUGS.tisagenlecleucel;
    case "other":
      return agreement === "nsclc" ? DRUGS.gefitinib : DRUGS.brexucabtagene;
    case "next-line":
      return DRUGS.pemetrexed;
    default:
      return DRUGS[drug];
  }
}

/** The cancer that the patient is treated for. */
export function cancerOf(agreement: AgreementName, { group, random }: Course): CodeableConcept {
  const other = group === "other-cancer";
  if (agreement === "nsclc") {
    const site = random.pick(["C34.11", "C34.12", "C34.31", "C34.32"]);
    const kind = other
      ? coding(SNOMED, "254632001", "Small cell carcinoma of lung (disorder)")
      : coding(SNOMED, "254637007", "Non-small cell lung cancer (disorder)");
    return concept(kind, coding(ICD_10_CM, site));
  }
  if (other) return concept(coding(ICD_10_CM, "C83.30", "Diffuse large B-cell lymphoma, unspecified site"));
  const leukaemia = coding(SNOMED, "277571004", "B-cell acute lymphoblastic leukemia (disorder)");
  return random.chance(0.7)
    ? concept(leukaemia, coding(ICD_10_CM, "C91.02", "Acute lymphoblastic leukemia, in relapse"))
    : concept(leukaemia, coding(ICD_10_CM, "C91.00", "Acute lymphoblastic leukemia not having achieved remission"));
}

export const SECOND_CANCER = snomed("363478007", "Malignant tumor of thyroid gland (disorder)");

export const IMAGING = snomed("363679005", "Imaging (procedure)");
export const EVIDENCE = {
  imaging: IMAGING,
  marrow: snomed("252416005", "Histopathology test (procedure)"),
  examination: snomed("5880005", "Physical examination procedure (procedure)"),
} as const;

export const STATUS_CODE = concept(coding(LOINC, "97509-4", "Cancer disease progression"));
const IMPROVED = snomed("268910001", "Patient's condition improved (finding)");
const STABLE = snomed("359746009", "Patient's condition stable (finding)");
const WORSENED = snomed("271299001", "Patient's condition worsened (finding)");
const UNDETERMINED = snomed("709137006", "Patient condition undetermined (finding)");
const FULL_REMISSION = snomed("103338009", "In full remission (finding)");
/** Of the United States edition, hence without a display that other editions would not know. */
const COMPLETE_REMISSION = concept(coding(SNOMED, "550991000124107"));
const PARTIAL_REMISSION = concept(coding(SNOMED, "551001000124108"));
/** Looked at by nobody: the element is there, with a reason instead of a code. */
const NOT_ASKED: CodeableConcept = {
  extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "not-asked" }],
};

export function statusValue(response: Response, random: Random): CodeableConcept {
  switch (response) {
    case "CR":
      return random.pick([FULL_REMISSION, FULL_REMISSION, COMPLETE_REMISSION]);
    case "PR":
      return PARTIAL_REMISSION;
    case "IMPROVED":
      return IMPROVED;
    case "SD":
      return STABLE;
    case "PD":
      return WORSENED;
    case "NE":
      return random.pick([UNDETERMINED, NOT_ASKED]);
  }
}

/** A code that exists nowhere, and one of a code system that nobody has mapped. */
export const UNKNOWN_CODE = concept(coding(SNOMED, "999999999", "status as agreed in the meeting"));
export const UNKNOWN_SYSTEM = concept(coding("https://hospital.example/codes/response", "R4"));

interface Variant {
  readonly coding: string;
  readonly protein: string;
}
/** Sensitising variants of the EGFR gene. */
export const SENSITISING: readonly [Variant, ...Variant[]] = [
  { coding: "NM_005228.5:c.2573T>G", protein: "NP_005219.2:p.Leu858Arg" },
  { coding: "NM_005228.5:c.2235_2249del", protein: "NP_005219.2:p.Glu746_Ala750del" },
];
/** An insertion in exon 20, which does not make the tumour sensitive. */
export const INSENSITIVE: Variant = {
  coding: "NM_005228.5:c.2307_2308insGCCAGCGTG",
  protein: "NP_005219.2:p.Val769_Asp770insAlaSerVal",
};
export const EGFR = coding(HGNC, "HGNC:3236", "EGFR");
export const hgvs = (expression: string): Coding => coding(HGVS, expression, expression);

const code = ({ system, code: value }: Coding): string => `${system ?? ""}|${value ?? ""}`;

/** What the demo's term sheets ask of a patient. */
export const ELIGIBILITY: Readonly<
  Record<AgreementName, { readonly conditions: string[]; readonly medications: string[]; readonly variants: string[] }>
> = {
  nsclc: {
    conditions: [`${SNOMED}|254637007`],
    medications: DRUGS.osimertinib.map(code),
    variants: SENSITISING.flatMap(({ coding: dna, protein }) => [`${HGVS}|${dna}`, `${HGVS}|${protein}`]),
  },
  cart: { conditions: [`${SNOMED}|277571004`], medications: DRUGS.tisagenlecleucel.map(code), variants: [] },
};
