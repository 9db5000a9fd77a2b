/** Bulk export of made-up patients: what a hospital records, of which a clause reads a small part. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const LOINC = "http://loinc.org";
const SNOMED = "http://snomed.info/sct";
const DAY = 86_400_000;

/** Vital signs and laboratory results that no clause asks for. */
const OTHERS: readonly (readonly [string, string, string])[] = [
  ["8302-2", "Body Height", "cm"],
  ["29463-7", "Body Weight", "kg"],
  ["8867-4", "Heart rate", "/min"],
  ["718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL"],
  ["6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL"],
  ["2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"],
];

const RESPONSES = ["359746009", "268910001", "550991000124107", "271299001"];

/** Writes at least so many bytes, whole patients only; says how many of what. */
export async function generate(
  file: string,
  bytes: number,
): Promise<{ readonly patients: number; readonly resources: number; readonly bytes: number }> {
  const stream = createWriteStream(file);
  const random = xoroshiro128plus(20_260_101);
  const between = (from: number, to: number): number => uniformInt(random, from, to);
  let [patients, resources, written] = [0, 0, 0];
  while (written < bytes) {
    const lines = patient(patients++, between).map((resource) => JSON.stringify(resource));
    resources += lines.length;
    const text = `${lines.join("\n")}\n`;
    written += Buffer.byteLength(text);
    if (!stream.write(text)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
  return { patients, resources, bytes: written };
}

/** About a hundred resources of one patient over two years. */
function patient(number: number, between: (from: number, to: number) => number): object[] {
  const hex = (digits: number): string => Array.from({ length: digits }, () => between(0, 15).toString(16)).join("");
  const id = (): string => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
  const self = id();
  const subject = { reference: `Patient/${self}` };
  const start = Date.UTC(2021, 0, 1 + between(0, 300));
  const time = (day: number): string => new Date(start + day * DAY + between(0, DAY - 1)).toISOString();
  const meta = (day: number): object => ({ versionId: "1", lastUpdated: time(day) });
  const encounter = { reference: `Encounter/${id()}` };
  const all: object[] = [
    {
      resourceType: "Patient",
      id: self,
      meta: meta(0),
      identifier: [{ system: "urn:hospital:mrn", value: `MRN-${number}` }],
      name: [{ use: "official", family: `Family${hex(6)}`, given: [`Given${hex(4)}`] }],
      gender: between(0, 1) === 0 ? "female" : "male",
      birthDate: `19${between(40, 70)}-0${between(1, 9)}-${between(10, 28)}`,
      address: [{ line: [`${between(1, 999)} Street`], city: "City", postalCode: `${between(10_000, 99_999)}` }],
    },
    {
      resourceType: "Condition",
      id: id(),
      meta: meta(0),
      subject,
      code: { coding: [{ system: SNOMED, code: "254637007", display: "Non-small cell lung cancer" }] },
    },
  ];
  for (let day = 0; day < 480; day += 60)
    all.push({
      resourceType: "MedicationAdministration",
      id: id(),
      meta: meta(day),
      status: "completed",
      medicationCodeableConcept: {
        coding: [{ system: "http://www.whocc.no/atc", code: "L01EB04", display: "osimertinib" }],
      },
      subject,
      context: encounter,
      effectiveDateTime: time(day),
    });
  for (let day = 56; day < 480; day += 70)
    all.push({
      resourceType: "Observation",
      id: id(),
      meta: meta(day),
      status: "final",
      code: { coding: [{ system: LOINC, code: "97509-4", display: "Cancer disease progression" }] },
      subject,
      encounter,
      effectiveDateTime: time(day),
      valueCodeableConcept: { coding: [{ system: SNOMED, code: RESPONSES[between(0, 3)] }] },
    });
  for (let k = 0; k < 84; k++) {
    const day = between(0, 700);
    const [code, display, unit] = OTHERS[between(0, OTHERS.length - 1)] ?? ["", "", ""];
    all.push({
      resourceType: "Observation",
      id: id(),
      meta: { ...meta(day), profile: ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"] },
      status: "final",
      category: [
        {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/observation-category",
              code: "laboratory",
              display: "Laboratory",
            },
          ],
        },
      ],
      code: { coding: [{ system: LOINC, code, display }], text: display },
      subject,
      encounter,
      effectiveDateTime: time(day),
      issued: time(day),
      valueQuantity: { value: between(1, 99_999) / 100, unit, system: "http://unitsofmeasure.org", code: unit },
    });
  }
  return all;
}
