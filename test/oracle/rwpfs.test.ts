import { expect } from "chai";

import { findEndpoint, NEWEST_RULES } from "../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../oracle/endpoints/options.ts";
import { loadSource } from "../../oracle/intake/load.ts";
import { parseSource } from "../../oracle/intake/config.ts";
import { fixture, on, readCsv } from "./support.ts";

const SOURCE = {
  kind: "csv",
  files: {
    patients: {
      path: "simprog.csv",
      columns: {
        patient: "patientid",
        index: "baseline_date",
        death: "death_date",
        lastActivity: "last_activity_date",
        gapStart: "visit_gap_start_date",
        lastReview: "last_progression_abstraction_date",
      },
    },
    assessments: {
      path: "simprog.csv",
      columns: { patient: "patientid", date: "progression_date_all_events" },
      constants: { response: "PD" },
    },
  },
};

describe("real-world progression-free survival", () => {
  for (const deathWindow of [0, 30, 60]) {
    for (const maximum of ["max365", "maxnone"]) {
      it(`gives every row of the RwPFS package: death window ${deathWindow} days, ${maximum}`, async function () {
        const folder = fixture(this, "rwpfs");
        const asOf = on("2026-01-01");
        const { patients } = await loadSource(parseSource(SOURCE, folder), { asOf });
        const maxFollowUp = maximum === "max365" ? { maxFollowUp: 365 } : {};
        const options = resolveOptions({ rules: "rwpfs", deathWindow, ...maxFollowUp });
        const found = new Map(
          patients.map((record) => [
            record.identifier.value,
            findEndpoint(NEWEST_RULES, "pfs")?.time?.(record, options, asOf),
          ]),
        );
        const rows = readCsv(`${folder}/expected_deathwindow${deathWindow}_${maximum}.csv`);
        expect(rows).to.have.length(500);
        for (const row of rows) {
          const time = found.get(row["patientid"] ?? "") ?? expect.fail(`no patient ${row["patientid"]}`);
          if (row["rwPFS_event_type"] === "Missing") {
            expect(time).to.include({ notEvaluable: "follow-up-missing" });
          } else if ("notEvaluable" in time) {
            expect.fail(`${row["patientid"]}: ${time.notEvaluable}`);
          } else {
            const days = time.day - on("2010-01-01");
            expect([days, time.event], row["patientid"]).to.deep.equal([
              Number(row["rwPFS_days"]),
              row["rwPFS_event"] === "1",
            ]);
          }
        }
      });
    }
  }
});
