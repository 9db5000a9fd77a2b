import { expect } from "chai";

import { findEndpoint, NEWEST_RULES } from "../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../oracle/endpoints/options.ts";
import { loadSource } from "../../oracle/intake/load.ts";
import { parseSource } from "../../oracle/intake/config.ts";
import { accounted, fixture, on, readCsv } from "./support.ts";

const SOURCE = {
  kind: "csv",
  files: {
    patients: {
      path: "adsl_cols.csv",
      columns: { patient: "USUBJID", index: "RANDDT", death: "DTHDT", lastAlive: "LSTALVDT" },
    },
    assessments: {
      path: "sdtm_rs_onco_recist.csv",
      where: { RSTESTCD: "OVRLRESP", RSEVAL: "INVESTIGATOR" },
      columns: { patient: "USUBJID", date: "RSDTC", response: "RSSTRESC" },
    },
  },
};

describe("CDISC trial data through the CSV source", () => {
  for (const [metric, parameter] of [
    ["pfs", "PFS"],
    ["os", "OS"],
  ] as const) {
    it(`gives every ${parameter} row of the independent time-to-event data set`, async function () {
      const folder = fixture(this, "pharmaverse");
      const loaded = await loadSource(parseSource(SOURCE, folder), { asOf: on("2020-01-01") });
      const expected = readCsv(`${folder}/adtte_onco.csv`).filter(({ PARAMCD }) => PARAMCD === parameter);
      const endpoint = findEndpoint(NEWEST_RULES, metric);
      const found = new Map(
        loaded.patients.map((record) => [
          record.identifier.value,
          endpoint?.time?.(record, resolveOptions({}), on("2020-01-01")),
        ]),
      );
      expect(expected).to.have.length(128);
      for (const { USUBJID = "", ADT = "", CNSR } of expected) {
        const time = found.get(USUBJID);
        if (!time || "notEvaluable" in time) throw new Error(`${USUBJID}: no time`);
        expect([time.day, time.event], USUBJID).to.deep.equal([on(ADT), CNSR === "0"]);
      }
    });
  }

  it("keeps screen failures, who have no index day, apart from the evaluable", async function () {
    const folder = fixture(this, "pharmaverse");
    const loaded = await loadSource(parseSource(SOURCE, folder), { asOf: on("2020-01-01") });
    const without = loaded.patients.filter(({ index }) => index === null);
    expect(without).to.have.length(25);
    const pfs = findEndpoint(NEWEST_RULES, "pfs")?.time?.(
      without[0] ?? expect.fail(),
      resolveOptions({}),
      on("2020-01-01"),
    );
    expect(pfs).to.include({ notEvaluable: "no-index" });
    expect(accounted(loaded)).to.equal(loaded.counts.read);
  });

  it("refuses to mix readers when the clause names none", async function () {
    const folder = fixture(this, "pharmaverse");
    const { patients, assessments } = SOURCE.files;
    const mixed = {
      ...assessments,
      where: { RSTESTCD: "OVRLRESP" },
      columns: { ...assessments.columns, evaluator: "RSEVAL" },
    };
    const source = parseSource({ ...SOURCE, files: { patients, assessments: mixed } }, folder);
    const loaded = await loadSource(source, { asOf: on("2020-01-01") });
    const read = loaded.patients.find(({ identifier }) => identifier.value === "01-701-1028") ?? expect.fail();
    const pfs = findEndpoint(NEWEST_RULES, "pfs");
    expect(pfs?.time?.(read, resolveOptions({}), on("2020-01-01"))).to.include({ notEvaluable: "several-evaluators" });
    expect(pfs?.time?.(read, resolveOptions({ evaluator: "INVESTIGATOR" }), on("2020-01-01"))).to.include({
      day: on("2013-08-30"),
      event: true,
    });
  });
});
