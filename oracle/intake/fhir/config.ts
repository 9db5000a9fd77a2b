/** Schema of what any FHIR source says, whether its resources come from files or a server. */

import { z } from "zod";

import { optional, shared, text } from "../shared.ts";

/** How this source records EQ-5D: no code system has the five answers, so every questionnaire has its own. */
const eq5d = z.strictObject({
  instrument: z.enum(["EQ-5D-5L", "EQ-5D-3L"]).default("EQ-5D-5L"),
  /** Canonical URL of the questionnaire, without a version; without it, every one that answers the five items. */
  questionnaire: optional,
  /** `linkId` of each dimension's item. */
  items: z
    .strictObject({ mobility: text, selfCare: text, usualActivities: text, pain: text, anxiety: text })
    .optional(),
  /** Answer code (`system|code`, or plain) to its level; a level that is written as 1 to 5 needs no entry. */
  answers: z.record(text, z.enum(["1", "2", "3", "4", "5"])).default({}),
  /** Observation codes (`system|code`) whose text value is the profile, such as `21232`. */
  profile: z.array(text).default([]),
});

export const COST_FORMS = ["ExplanationOfBenefit", "Invoice"] as const;

export const fhirShared = {
  ...shared,
  /** Further Observation codes that carry a response. */
  responseCodes: z.array(text).default([]),
  /** Performer (`Practitioner/r1`, a resource type, or the display) to the class of readers it stands for. */
  evaluators: z.record(text, text).default({}),
  eq5d: eq5d.optional(),
  /** Resources that costs are read from; without it both, but of one patient never both. */
  costs: z.array(z.enum(COST_FORMS)).min(1).optional(),
  /** UCUM unit that given doses are counted in; without it only doses that are counts are. */
  doseUnit: optional,
};

export const fhirFiles = z.strictObject({
  kind: z.literal("fhir-files"),
  ...fhirShared,
  /** NDJSON and JSON files, or a folder of them. */
  path: text,
});

export type FhirFilesConfig = z.infer<typeof fhirFiles>;
/** What the FHIR readers need of a source. */
export type FhirConfig = Pick<
  FhirFilesConfig,
  "codes" | "identifierSystem" | "responseCodes" | "evaluators" | "eq5d" | "costs" | "doseUnit"
>;
