import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { fromDecimal, halfUp } from "../../../oracle/endpoints/exact.ts";
import { findEndpoint, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import { HBA1C_CODES, ngspOfIfcc, ngspOfJds, readHba1c } from "../../../oracle/endpoints/ngsp.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import { NO_NEEDS } from "../../../oracle/needs.ts";
import { fixture, loadFolder, on, outcome, value, type Ask } from "../support.ts";
import { decimal, measured, patientWith } from "./support.ts";

const LOINC = "http://loinc.org|";
const GMI = `${LOINC}97506-0`;

function read(value: string, unit: string | null, codes: string[], accepted?: string[]): string {
  const found = readHba1c(measured(0, value, unit, { codes }), accepted);
  if ("problem" in found) return found.problem;
  const { lo, hi } = found.range;
  return lo === hi ? String(lo) : `${lo ?? ""}..${hi ?? ""}`;
}

describe("HbA1c as NGSP percent", () => {
  const ngsp = [`${LOINC}4548-4`];
  const ifcc = [`${LOINC}59261-8`];
  for (const [what, found, expected] of [
    ["a percentage", () => read("7.1", "%", ngsp), "710"],
    ["a percentage with an annotation", () => read("7.1", "%{HemoglobinA1c}", ngsp), "710"],
    ["more decimals, half up", () => read("7.125", "%", ngsp), "713"],
    ["mmol/mol", () => read("53", "mmol/mol", ifcc), "700"],
    ["mmol/mol that unit algebra would make 8 %", () => read("80", "mmol/mol", ifcc), "947"],
    ["a code that fits either scheme", () => read("53", "mmol/mol", [`${LOINC}17856-6`]), "700"],
    ["a plain code of a CSV", () => read("7.1", "%", ["4548-4"]), "710"],
    ["JDS percent, by code", () => read("6.6", "%", [`${LOINC}62388-4`]), "696"],
    [
      "a local code that the clause names, by its unit",
      () => read("53", "mmol/mol", ["urn:lab|A"], ["urn:lab|A"]),
      "700",
    ],
    ["% under the IFCC code", () => read("7.1", "%", ifcc), "unit contradicts code"],
    ["mmol/mol under the NGSP code", () => read("53", "mmol/mol", ngsp), "unit contradicts code"],
    ["mmol/mol under the JDS code", () => read("53", "mmol/mol", [`${LOINC}62388-4`]), "unit contradicts code"],
    ["codes of two schemes", () => read("7.1", "%", [...ngsp, ...ifcc]), "unit contradicts code"],
    ["53 %", () => read("53", "%", ngsp), "implausible value"],
    ["7 mmol/mol", () => read("7", "mmol/mol", ifcc), "implausible value"],
    ["the ends of the plausible range", () => read("3", "%", ngsp) + " " + read("20", "%", ngsp), "300 2000"],
    [
      "just beyond them",
      () => read("2.99", "%", ngsp) + " " + read("20.01", "%", ngsp),
      "implausible value implausible value",
    ],
    ["no unit", () => read("7.1", null, ngsp), "no unit"],
    ["another unit", () => read("7.1", "mg/dL", ngsp), "unknown unit"],
    ["another code", () => read("7.1", "%", [`${LOINC}2345-7`]), "no HbA1c code"],
    ["GMI that no clause lists", () => read("7.1", "%", [GMI]), "no HbA1c code"],
    ["GMI that a clause lists", () => read("7.1", "%", [GMI], [GMI]), "710"],
    ["under a limit", () => read("<7.0", "%", ngsp), "..699"],
    ["at most a limit", () => read("<=7.0", "%", ngsp), "..700"],
    ["over a limit", () => read(">14.05", "%", ngsp), "1406.."],
    ["under a converted limit", () => read("<20", "mmol/mol", ifcc), "..398"],
  ] as const) {
    it(`reads ${what} as ${expected}`, () => expect(found()).to.equal(expected));
  }

  it("converts as the reference does, to every digit", function () {
    const path = join(fixture(this, "survival"), "other_endpoints.json");
    const { hba1c } = JSON.parse(readFileSync(path, "utf8")) as {
      hba1c: { ifcc_mmol_mol: number; ngsp_pct_5digit: number }[];
    };
    expect(hba1c).to.have.length.greaterThan(10);
    for (const row of hba1c) {
      const exact = ngspOfIfcc(fromDecimal(decimal(String(row.ifcc_mmol_mol))));
      expect(halfUp(exact, 5)).to.equal(BigInt(Math.round(row.ngsp_pct_5digit * 1e5)));
    }
  });

  it("passes JDS through IFCC without rounding in between", () => {
    // (6.6 − 1.73) / 0.0927 = 52.5350… mmol/mol; × 0.09148 + 2.152 = 6.9579…
    expect(halfUp(ngspOfJds(fromDecimal(decimal("6.6"))), 6)).to.equal(6_957_907n);
  });
});

describe("hba1c", () => {
  const found = (measurements: ReturnType<typeof measured>[], ask: Ask = { exact: true }): string =>
    value("hba1c", patientWith({ measurements }), ask);

  it("takes the last day in the window around the due day", () => {
    expect(found([measured(150, "8"), measured(160, "7"), measured(154, "6")])).to.equal("700");
    expect(found([measured(160, "7"), measured(211, "6"), measured(212, "9")])).to.equal("600");
    expect(found([measured(154, "8"), measured(212, "9")])).to.equal("no-result");
    expect(found([measured(155, "8")])).to.equal("800");
    expect(found([measured(160, "8")], { exact: true, window: "14d" })).to.equal("no-result");
    expect(found([])).to.equal("no-result");
  });

  it("takes the lowest of one day, or as the clause says", () => {
    const results = [measured(180, "7.2"), measured(180, "6.9"), measured(180, "7.03"), measured(170, "5")];
    expect(found(results)).to.equal("690");
    expect(found(results, { sameDay: "highest", exact: true })).to.equal("720");
    // (7.20 + 6.90 + 7.03) / 3 = 7.0433…
    expect(found(results, { sameDay: "mean", exact: true })).to.equal("704");
    expect(found([measured(1, "7.01"), measured(1, "7.02")], { due: 1, sameDay: "mean", exact: true })).to.equal("702");
  });

  it("stands on what remains when a result can't be used, and says when none can", () => {
    expect(found([measured(170, "8"), measured(180, "53")])).to.equal("800");
    expect(found([measured(180, "53"), measured(181, "7", "mmol/mol")])).to.equal("unusable-result");
  });

  it("takes a result beyond a limit when all it can be has one price", () => {
    expect(found([measured(180, "<5")], { cuts: [700] })).to.equal("499");
    expect(found([measured(180, ">14")], { cuts: [700] })).to.equal("1401");
    expect(found([measured(180, "<7")], { cuts: [700] })).to.equal("699");
    expect(found([measured(180, "<=7")], { cuts: [700] })).to.equal("inexact-result");
    expect(found([measured(180, "<9")], { cuts: [700] })).to.equal("inexact-result");
    expect(found([measured(180, "<5")], { exact: true })).to.equal("inexact-result");
    expect(found([measured(180, "<7"), measured(180, "6.2")], { cuts: [700] })).to.equal("620");
    expect(found([measured(180, "<7"), measured(180, "6.2")], { cuts: [700], sameDay: "highest" })).to.equal("620");
    expect(found([measured(180, "<7"), measured(180, ">8")], { cuts: [700], sameDay: "mean" })).to.equal(
      "inexact-result",
    );
  });

  it("agrees on a partial date when both ends lead to one price", () => {
    expect(found([measured([150, 160], "6.5")], { cuts: [700] })).to.equal("partial-date");
    expect(found([measured([156, 160], "6.5")], { cuts: [700] })).to.equal("650");
    expect(found([measured([156, 170], "6.5"), measured(165, "6.8")], { cuts: [700] })).to.equal("650");
    expect(found([measured([156, 170], "6.5"), measured(165, "7.8")], { cuts: [700] })).to.equal("partial-date");
    expect(found([measured([156, 170], "6.5"), measured(165, "6.8")])).to.equal("partial-date");
  });

  it("names the result it rests on, with its day", () => {
    const [older, newer] = [measured(170, "8"), measured(175, "7")];
    const result = outcome("hba1c", patientWith({ measurements: [older, newer] }), { cuts: [700] });
    expect(result).to.deep.equal({ value: 700n, day: 20_175, event: null, evidence: [newer.id] });
  });

  it("evaluates nobody without consent, index day or a due day that has come", () => {
    const measurements = [measured(180, "7")];
    expect(value("hba1c", patientWith({ measurements, consent: false }))).to.equal("no-consent");
    expect(value("hba1c", patientWith({ measurements, index: null }))).to.equal("no-index");
    expect(value("hba1c", patientWith({ measurements }), { asOf: 20_182 })).to.equal("not-due");
  });

  it("finds poor control in the published measure's patients as the measure does", async function () {
    const folder = fixture(this, "cms122-hba1c");
    // The measure's codes have the estimate among them; its year is the window.
    const codes = [...HBA1C_CODES, GMI].join(",");
    const [year, end] = [on("2026-01-01"), on("2026-12-31")];
    const endpoint = findEndpoint(NEWEST_RULES, "hba1c");
    if (endpoint === undefined) throw new Error("no endpoint");
    const options = resolveOptions({ codes, window: end - year });
    const needs = { ...NO_NEEDS, ...endpoint.needs?.(options) };
    let checked = 0;
    for (const name of readdirSync(folder).filter((file) => file.endsWith("-bundle.json"))) {
      const expected = expectedPopulations(readFileSync(join(folder, name), "utf8"));
      if (expected["denominator"] !== 1 || expected["denominator-exclusion"] === 1) continue;
      const { patients } = await loadFolder(join(folder, name), end, { needs });
      const [patient] = patients;
      if (patient === undefined) throw new Error(`${name}: no patient`);
      const indexed = { ...patient, index: { day: year, id: patient.id } };
      const found = endpoint.value(indexed, { due: end - year, asOf: end, options, tiers: [], exact: true });
      expect("value" in found && found.value <= 900n ? 0 : 1, name).to.equal(expected["numerator"]);
      checked++;
    }
    expect(checked).to.equal(15);
  });
});

/** Counts by population of the report that a test bundle of the measure carries. */
function expectedPopulations(bundle: string): Record<string, number> {
  const { entry } = JSON.parse(bundle) as {
    entry: { resource: { group?: { population: { code: { coding: { code: string }[] }; count: number }[] }[] } }[];
  };
  const populations = entry.flatMap(({ resource }) => resource.group ?? []).flatMap(({ population }) => population);
  return Object.fromEntries(populations.map(({ code, count }) => [code.coding[0]?.code ?? "", count]));
}
