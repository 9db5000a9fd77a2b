/** What tests of FHIR facts share: a reader that needs everything, and resources with one thing to change. */

import { expect } from "chai";

import type { Loaded, LoadOptions } from "../../oracle/intake/load.ts";
import { NO_NEEDS, type Needs } from "../../oracle/needs.ts";
import { accounted, loadFhir, patient } from "./support.ts";

export const LOINC = "http://loinc.org";
export const HBA1C = `${LOINC}|4548-4`;
export const ICD = "http://hl7.org/fhir/sid/icd-10";
export const ALL: Needs = {
  ...NO_NEEDS,
  measurements: new Set([HBA1C, `${LOINC}|8480-6`, `${LOINC}|8462-4`]),
  healthStates: true,
  adverseEvents: true,
  events: new Set([`${ICD}|I21`, "urn:act|IMP", "urn:op|5-820"]),
  costs: true,
  administrations: true,
};

export const read = (
  resources: readonly unknown[],
  { source = "", ...options }: Partial<LoadOptions> & { source?: string } = {},
): Promise<Loaded> => loadFhir([patient(), ...resources], { needs: ALL, ...options }, source);

export const only = ({ patients }: Loaded) => patients[0] ?? expect.fail("no patient");
export const reasons = (loaded: Loaded): string[] => {
  expect(accounted(loaded)).to.equal(loaded.counts.read);
  return loaded.rejected.map(({ reason }) => reason);
};

export const subject = { reference: "Patient/p" };
export const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });

export const lab = (id: string, more: object = {}): object => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: coded(LOINC, "4548-4"),
  subject,
  effectiveDateTime: "2024-06-01T21:30:00-05:00",
  issued: "2024-06-02T08:00:00Z",
  valueQuantity: { value: 7.1, unit: "percent", system: "http://unitsofmeasure.org", code: "%" },
  ...more,
});
export const without = { valueQuantity: undefined };
