/** The elements of FHIR R4 that the generator writes, named and shaped as in the standard. */

export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface CodeableConcept {
  coding?: Coding[];
  extension?: Extension[];
}

export interface Extension {
  url: string;
  valueCode?: string;
  valueCodeableConcept?: CodeableConcept;
}

export interface Reference {
  reference: string;
}

export interface Identifier {
  type?: CodeableConcept;
  system: string;
  value: string;
}

interface DomainResource {
  id: string;
  meta?: { profile: string[] };
  extension?: Extension[];
}

export interface Patient extends DomainResource {
  resourceType: "Patient";
  identifier: Identifier[];
  name: { family: string; given: string[] }[];
  gender: "female" | "male";
  birthDate: string;
  deceasedDateTime?: string;
  deceasedBoolean?: boolean;
}

export interface Condition extends DomainResource {
  resourceType: "Condition";
  clinicalStatus?: CodeableConcept;
  verificationStatus?: CodeableConcept;
  category?: CodeableConcept[];
  code: CodeableConcept;
  subject: Reference;
  onsetDateTime?: string;
}

export interface Consent extends DomainResource {
  resourceType: "Consent";
  status: "active" | "inactive";
  scope: CodeableConcept;
  category: CodeableConcept[];
  patient: Reference;
  dateTime: string;
  policyRule: CodeableConcept;
  provision: { type: "permit" | "deny" };
}

export interface MedicationAdministration extends DomainResource {
  resourceType: "MedicationAdministration";
  status: "completed" | "not-done";
  medicationCodeableConcept: CodeableConcept;
  subject: Reference;
  effectiveDateTime: string;
  reasonReference: Reference[];
}

export interface Observation extends DomainResource {
  resourceType: "Observation";
  identifier?: Identifier[];
  status: "preliminary" | "final" | "amended" | "corrected" | "entered-in-error";
  category: CodeableConcept[];
  code: CodeableConcept;
  /** Missing only where a record is flawed. */
  subject?: Reference;
  focus?: Reference[];
  effectiveDateTime: string;
  performer?: { display: string }[];
  valueCodeableConcept?: CodeableConcept;
  valueInteger?: number;
  component?: { code: CodeableConcept; valueCodeableConcept: CodeableConcept }[];
}

export interface Procedure extends DomainResource {
  resourceType: "Procedure";
  status: "completed";
  code: CodeableConcept;
  subject: Reference;
  performedPeriod: { start: string; end: string };
}

export type FhirResource = Patient | Condition | Consent | MedicationAdministration | Observation | Procedure;
