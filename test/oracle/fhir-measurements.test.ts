import { expect } from "chai";

import type { Loaded } from "../../oracle/intake/load.ts";
import { NO_NEEDS } from "../../oracle/needs.ts";
import { formatDay } from "../../terms/calendar.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import { load, on, patient, SCT, status } from "./support.ts";
import { LOINC, HBA1C, ALL, read, only, reasons, subject, coded, lab, without } from "./fhirFacts.ts";

describe("FHIR: measured values", () => {
  it("are exact, with the UCUM code, the local date and the time of release", async () => {
    const loaded = await read([lab("a")]);
    expect(only(loaded).measurements).to.deep.equal([
      {
        date: { first: on("2024-06-01"), last: on("2024-06-01") },
        issued: Date.UTC(2024, 5, 2, 8),
        codes: [HBA1C],
        value: { digits: 71n, scale: 1 },
        unit: "%",
        comparator: null,
        id: "Observation/a",
      },
    ]);
    expect(reasons(loaded)).to.deep.equal([]);
  });

  const written = async (number: string): Promise<string> => {
    const line = JSON.stringify(lab("a", { valueQuantity: { value: 0 } })).replace('"value":0', `"value":${number}`);
    const loaded = await read([line]);
    const [found] = only(loaded).measurements;
    return found === undefined ? reasons(loaded).join() : formatDecimal(found.value);
  };

  for (const [number, value] of [
    ["7.10", "7.1"],
    ["6.9999999999999999999", "6.9999999999999999999"],
    ["170.41539185738614", "170.41539185738614"],
    ["0.1", "0.1"],
    ["-0.30", "-0.3"],
    ["1.5e1", "15"],
    ["1.5E-7", "0.00000015"],
    ["123456789012345678901234", "123456789012345678901234"],
    ["1e30", "1" + "0".repeat(30)],
    ["1e400", "value is no number: valueQuantity"],
    ['"7.1"', "value is no number: valueQuantity"],
    ["null", "value is no number: valueQuantity"],
  ] as const) {
    it(`reads ${number} as ${value}`, async () => {
      expect(await written(number)).to.equal(value);
    });
  }

  it("are exact in a Bundle too", async () => {
    const bundle = JSON.stringify({
      resourceType: "Bundle",
      entry: [{ resource: patient() }, { resource: lab("a", { valueQuantity: { value: 0 } }) }],
    }).replace('"value":0', '"value":6.9999999999999999999');
    const loaded = await load({ "source.yaml": "kind: fhir-files\npath: b.json", "b.json": bundle }, { needs: ALL });
    expect(formatDecimal(only(loaded).measurements[0]?.value ?? { digits: 0n, scale: 0 })).to.equal(
      "6.9999999999999999999",
    );
  });

  it("keep the unit as written without UCUM, and the side that a comparator names", async () => {
    const quantity = (more: object): object => ({ valueQuantity: { value: 14, ...more } });
    const loaded = await read([
      lab("a", quantity({ unit: "mg/dl" })),
      lab("b", quantity({ comparator: ">", unit: "x", system: "urn:other", code: "y" })),
      lab("c", quantity({ comparator: "~" })),
      lab("d", { ...without, valueInteger: 14, effectiveDateTime: "2024-06-02" }),
    ]);
    expect(only(loaded).measurements.map(({ unit, comparator, id }) => [id, unit, comparator])).to.deep.equal([
      ["Observation/a", "mg/dl", null],
      ["Observation/b", "x", ">"],
      ["Observation/d", null, null],
    ]);
    expect(reasons(loaded)).to.deep.equal(["comparator is none of < <= >= >"]);
  });

  for (const [what, more, reason] of [
    [
      "a concept",
      { ...without, valueCodeableConcept: coded("urn:x", "yes") },
      "value is no Quantity: valueCodeableConcept",
    ],
    ["a text", { ...without, valueString: "7.1 %" }, "value is no Quantity: valueString"],
    ["nothing", without, "no value"],
    ["an absent value", { ...without, dataAbsentReason: { text: "haemolysed" } }, "no value: dataAbsentReason"],
    ["a quantity without a value", { valueQuantity: { unit: "%" } }, "no value: a Quantity without a value"],
    ["a preliminary value", { status: "preliminary" }, "status preliminary"],
    [
      "a period without an end",
      { effectiveDateTime: undefined, effectivePeriod: { start: "2024-01-01" } },
      "no date: a period without an end",
    ],
    ["a day that never was", { effectiveDateTime: "2024-02-30" }, "no date: 2024-02-30"],
    ["a day to come", { effectiveDateTime: "2026-02-01" }, "dated after the as-of date"],
  ] as const) {
    it(`lists ${what}: ${reason}`, async () => {
      const loaded = await read([lab("a", more)]);
      expect(only(loaded).measurements).to.deep.equal([]);
      expect(reasons(loaded)).to.deep.equal([reason]);
    });
  }

  it("count a period for its end, and are in no other way a sign of life than when nobody needs them", async () => {
    const seen = lab("a", {
      effectiveDateTime: undefined,
      effectivePeriod: { start: "2025-12-01", end: "2026-01-01" },
    });
    const [needed, ignored] = [await read([seen]), await read([seen], { needs: NO_NEEDS })];
    expect(formatDay(only(needed).measurements[0]?.date.first ?? 0)).to.equal("2026-01-01");
    expect(only(needed).lastAlive).to.deep.equal(only(ignored).lastAlive);
    expect(ignored.counts.ignored).to.deep.equal({ Observation: 1 });
  });

  it("are read from components", async () => {
    const pressure = lab("a", {
      ...without,
      code: coded(LOINC, "85354-9"),
      component: [
        { code: coded(LOINC, "8480-6"), valueQuantity: { value: 120, unit: "mmHg" } },
        { code: coded(LOINC, "8462-4"), valueString: "eighty" },
        { code: coded(LOINC, "8867-4"), valueQuantity: { value: 60 } },
      ],
    });
    const loaded = await read([pressure]);
    expect(
      only(loaded).measurements.map(({ codes, value }) => `${codes.join()} ${formatDecimal(value)}`),
    ).to.deep.equal([`${LOINC}|8480-6 120`]);
    expect(reasons(loaded)).to.deep.equal(["value is no Quantity: valueString"]);
    expect(loaded.counts.used).to.equal(2);
  });

  it("collapse what two sources say, but not the results of one order", async () => {
    const identifier = [{ system: "urn:order", value: "7" }];
    const other = { code: coded(LOINC, "8480-6"), identifier };
    const loaded = await read([
      lab("a"),
      lab("b"),
      lab("c", { identifier, valueQuantity: { value: 8 } }),
      lab("d", other),
    ]);
    expect(only(loaded).measurements.map(({ id }) => id)).to.deep.equal([
      "Observation/a",
      "Observation/c",
      "Observation/d",
    ]);
    expect(loaded.counts.duplicates).to.equal(1);
    expect(reasons(loaded)).to.deep.equal([]);
  });

  it("names the version that it rests on, and none where the server says none", async () => {
    const loaded = await read([
      lab("a", { meta: { versionId: "3", lastUpdated: "2024-07-01T00:00:00Z" } }),
      lab("a", { meta: { versionId: "2", lastUpdated: "2024-06-01T00:00:00Z" }, valueQuantity: { value: 9 } }),
      status("s", "2024-02-01", SCT.stable, { meta: { versionId: "W-1" } }),
      status("t", "2024-03-01", SCT.stable, { meta: { versionId: "no version" } }),
    ]);
    expect(only(loaded).measurements.map(({ id }) => id)).to.deep.equal(["Observation/a/_history/3"]);
    expect(only(loaded).assessments.map(({ id }) => id)).to.deep.equal(["Observation/s/_history/W-1", "Observation/t"]);
  });
});

describe("FHIR: EQ-5D", () => {
  const source = `eq5d:
  questionnaire: urn:eq5d
  items: { mobility: "1", selfCare: "2", usualActivities: "3", pain: "4", anxiety: "5" }
  answers: { "urn:local|none": "1", "urn:local|slight": "2", extreme: "5" }
  profile: ["urn:local|profile"]
`;
  const item = (linkId: string, answer: object): object => ({ linkId, answer: [answer] });
  const answered = (id: string, items: readonly object[], more: object = {}): object => ({
    resourceType: "QuestionnaireResponse",
    id,
    status: "completed",
    questionnaire: "urn:eq5d|2.0",
    subject,
    authored: "2024-06-01T23:00:00-05:00",
    item: [{ linkId: "group", item: items }],
    ...more,
  });
  const five = [
    item("1", { valueCoding: { system: "urn:local", code: "slight" } }),
    item("2", { valueInteger: 1 }),
    item("3", { valueString: "3" }),
    item("4", { valueCoding: { code: "extreme" } }),
    item("5", { valueCoding: { system: "urn:local", code: "4" } }),
  ];
  const states = (loaded: Loaded): string[] =>
    only(loaded).healthStates.map(({ date, instrument, state }) => `${formatDay(date.first)} ${instrument} ${state}`);

  it("is read from the answers of the questionnaire that the source describes", async () => {
    const loaded = await read([answered("a", five)], { source });
    expect(states(loaded)).to.deep.equal(["2024-06-01 EQ-5D-5L 21354"]);
    expect(only(loaded).healthStates[0]?.issued).to.equal(Date.UTC(2024, 5, 2, 4));
    expect(reasons(loaded)).to.deep.equal([]);
  });

  it("is no other questionnaire, and nothing without the source's description", async () => {
    const other = await read([answered("a", five, { questionnaire: "urn:other" })], { source });
    expect(other.counts.ignored).to.deep.equal({ QuestionnaireResponse: 1 });
    expect((await read([answered("a", five)])).counts.ignored).to.deep.equal({ QuestionnaireResponse: 1 });
  });

  for (const [what, items, more, reason] of [
    ["an answer missing", five.slice(0, 4), {}, "no answer to anxiety"],
    [
      "an answer that no map knows",
      [...five.slice(0, 4), item("5", { valueCoding: { code: "bad" } })],
      {},
      "no answer to anxiety",
    ],
    [
      "an answer in words",
      [...five.slice(0, 4), item("5", { valueString: "not anxious" })],
      {},
      "no answer to anxiety",
    ],
    ["it in progress", five, { status: "in-progress" }, "status in-progress"],
    ["no date", five, { authored: undefined }, "no date"],
  ] as const) {
    it(`is not used with ${what}`, async () => {
      expect(reasons(await read([answered("a", items, more)], { source }))).to.deep.equal([reason]);
    });
  }

  it("is read from a profile under the codes of the index, or a code that the source declares", async () => {
    const snomed = "http://snomed.info/sct";
    const loaded = await read(
      [
        lab("a", { ...without, code: coded(snomed, "736534008"), valueString: "21232" }),
        lab("b", { ...without, code: coded(snomed, "1144655003"), valueString: "21231" }),
        lab("c", { ...without, code: coded("urn:local", "profile"), valueInteger: 55555 }),
        lab("d", { ...without, code: coded("urn:local", "profile"), valueString: "55556" }),
        lab("e", { code: coded(snomed, "736534008"), valueQuantity: { value: 0.7 } }),
      ],
      { source },
    );
    expect(states(loaded)).to.deep.equal([
      "2024-06-01 EQ-5D-5L 21232",
      "2024-06-01 EQ-5D-3L 21231",
      "2024-06-01 EQ-5D-5L 55555",
    ]);
    expect(reasons(loaded)).to.deep.equal(["no profile of EQ-5D-5L", "an EQ-5D index without the five answers"]);
  });
});
