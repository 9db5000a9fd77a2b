/** What the readers of all resource types share: the source's settings, what is needed, and where the resource stands. */

import type { Day } from "../../../terms/model.ts";
import type { Needs } from "../../needs.ts";
import type { ResponseClass } from "../../record.ts";
import type { Wanted } from "../collector.ts";
import type { Reading } from "../facts.ts";
import type { JsonText } from "../numbers.ts";
import type { FhirConfig } from "./config.ts";
import type { Json } from "./json.ts";
import type { Urns } from "./references.ts";

export interface FhirSettings {
  readonly codes: ReadonlyMap<string, ResponseClass>;
  readonly responseCodes: ReadonlySet<string>;
  readonly identifierSystem: string | null;
  readonly evaluators: ReadonlyMap<string, string>;
  readonly eq5d: FhirConfig["eq5d"];
  readonly costs: ReadonlySet<string>;
  /** Unit that doses are counted in; null: only doses that are counts. */
  readonly doseUnit: string | null;
}

export function fhirSettings(config: FhirConfig): FhirSettings {
  return {
    codes: new Map(Object.entries(config.codes)),
    responseCodes: new Set(config.responseCodes),
    identifierSystem: config.identifierSystem ?? null,
    evaluators: new Map(Object.entries(config.evaluators)),
    eq5d: config.eq5d,
    costs: new Set(config.costs ?? ["ExplanationOfBenefit", "Invoice"]),
    doseUnit: config.doseUnit ?? null,
  };
}

export interface FhirContext {
  readonly settings: FhirSettings;
  readonly asOf: Day;
  readonly needs: Needs;
  readonly wanted: Wanted;
  /** What the enclosing Bundle's `fullUrl`s stand for. */
  readonly urns: Urns;
  readonly source: JsonText;
  /** The codes, without their systems, of every Observation that is read: most are told apart by this alone. */
  readonly observed: ReadonlySet<string>;
  /** One copy of equal lists of codes. */
  readonly intern: (codes: readonly string[]) => readonly string[];
}

/** Null: of no use to any clause. Nothing throws but InexactNumber, upon which the resource is read again from its text. */
export type ResourceReader = (resource: Json, context: FhirContext) => FhirReading | null;

export interface FhirReading extends Reading {
  /** The resource shows that the patient was alive, whatever else becomes of it. */
  readonly activity?: boolean;
}
