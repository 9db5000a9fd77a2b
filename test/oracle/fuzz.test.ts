import { expect } from "chai";
import fc from "fast-check";

import { accounted, dose, load, loadFhir, patient, record, SCT, status, time, value } from "./support.ts";

const GOOD = [
  patient(),
  dose("d", "2024-01-01"),
  status("a", "2024-02-26", SCT.stable),
  status("b", "2024-04-22", SCT.worsened),
].map((resource) => JSON.stringify(resource));

/** A good line with a part cut out or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...GOOD),
    fc.nat(400),
    fc.nat(20),
    fc.oneof(fc.string(), fc.constantFrom("null", "[]", "{}", "1e999", '"', "\\", "__proto__")),
  )
  .map(([line, at, cut, put]) => line.slice(0, at) + put.replaceAll("\n", "") + line.slice(at + cut));

/** A resource of a known type whose elements are anything. */
const odd = fc
  .tuple(
    fc.constantFrom(
      "Patient",
      "Observation",
      "MedicationAdministration",
      "Condition",
      "Consent",
      "Procedure",
      "Bundle",
      "Medication",
    ),
    fc.constantFrom(...GOOD),
    fc.dictionary(
      fc.constantFrom(
        "id",
        "status",
        "code",
        "subject",
        "effectiveDateTime",
        "valueCodeableConcept",
        "extension",
        "meta",
        "entry",
        "identifier",
        "focus",
      ),
      fc.jsonValue({ maxDepth: 3 }),
    ),
  )
  .map(([resourceType, base, more]) => JSON.stringify({ ...(JSON.parse(base) as object), resourceType, ...more }));

describe("any input", function () {
  this.timeout(60_000);

  it("of FHIR lines ends as a record, a listed rejection or a count", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...GOOD), mutated, odd), { maxLength: 12 }), async (lines) => {
        const loaded = await loadFhir(lines);
        expect(accounted(loaded)).to.equal(loaded.counts.read);
        const again = await loadFhir(lines);
        expect(again).to.deep.equal(loaded);
      }),
      { numRuns: 300 },
    );
  });

  it("of CSV ends as a record, a listed rejection or a count", async () => {
    const source = `
kind: csv
files:
  patients: { path: p.csv, columns: { patient: id, index: start, death: died } }
  assessments: { path: a.csv, columns: { patient: id, date: date, response: resp } }`;
    const cell = fc.oneof(
      fc.constantFrom("1", "2", "2024-03-01", "2024-02", "PD", "SD", "NA", '"', ";", "\uFEFF", "2024-02-30"),
      fc.string({ maxLength: 4 }),
    );
    const rows = fc
      .array(
        fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(",")),
        { maxLength: 8 },
      )
      .map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(rows, rows, async (patients, assessments) => {
        const loaded = await load({
          "source.yaml": source,
          "p.csv": `id,start,died\n${patients}`,
          "a.csv": `id,date,resp\n${assessments}`,
        });
        expect(accounted(loaded)).to.equal(loaded.counts.read);
      }),
      { numRuns: 200 },
    );
  });

  it("of a course gives no value beyond the due day, and agrees with the time to event", () => {
    const seen = fc.tuple(fc.integer({ min: -20, max: 500 }), fc.constantFrom("NE", "CR", "PR", "SD", "PD"));
    const course = fc
      .array(seen, { maxLength: 8 })
      .map((list) => list.map(([day, response]) => `${day} ${response}`).join(", "));
    fc.assert(
      fc.property(
        course,
        fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
        fc.constantFrom("treatment-policy", "fda"),
        (list, death, rules) => {
          const patientRecord = record({ course: list, ...(death === undefined ? {} : { death }) });
          const found = value("pfs", patientRecord, { rules });
          const [day, kind] = time("pfs", patientRecord, { rules }).split(" ");
          if (/^\d+$/.test(found)) expect(Number(found)).to.be.at.most(183);
          if (kind === "event" && Number(day) <= 183) expect(found).to.equal(day);
          else expect(found).to.be.oneOf(["183", "no-adequate-assessment"]);
        },
      ),
    );
  });
});
