/** The class of evidence: what kind of resource an outcome rests on, and nothing that names one. */

/** A FHIR resource is named `Observation/ID`; rows of a table and statements have names of their own. */
const FHIR = new Set([
  "AdverseEvent",
  "ChargeItem",
  "Claim",
  "ClaimResponse",
  "Condition",
  "Consent",
  "DiagnosticReport",
  "Encounter",
  "ExplanationOfBenefit",
  "MedicationAdministration",
  "MedicationDispense",
  "MedicationRequest",
  "MedicationStatement",
  "Observation",
  "Patient",
  "Procedure",
]);

/** In alphabetical order, each once: types of FHIR, `statement`, and `other` for everything else. */
export function evidenceClasses(resources: readonly string[]): string[] {
  const classes = resources.map((name) => {
    const [first = ""] = name.split("/", 1);
    return FHIR.has(first) || first === "statement" ? first : "other";
  });
  return [...new Set(classes)].sort();
}
