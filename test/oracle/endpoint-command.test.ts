import { expect } from "chai";

import { outcomepay, type Ended } from "../cli/outcomepay.ts";
import { dose, patient, SCT, status, withFiles } from "./support.ts";

const FILES = {
  "source.yaml": "kind: fhir-files\npath: data.ndjson\n",
  "data.ndjson": [
    patient(),
    dose("d", "2024-01-01"),
    status("a", "2024-02-26", SCT.stable),
    status("b", "2024-04-22", SCT.worsened),
    status("c", "2024-04-23", "000"),
  ]
    .map((resource) => JSON.stringify(resource))
    .join("\n"),
};

function run(...args: string[]): Promise<Ended> {
  return withFiles(FILES, (folder) => outcomepay(["endpoint", ...args], {}, folder));
}

const SOURCE = ["--source", "source.yaml", "--as-of", "2026-01-01"];

describe("endpoint command", function () {
  this.timeout(30_000);

  it("prints the time to event and what was not used", async () => {
    const { status: code, stdout: out } = await run("pfs", ...SOURCE, "--json");
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.deep.equal({
      patients: [
        {
          patient: "p",
          index: "2024-01-01",
          date: "2024-04-22",
          days: 112,
          event: true,
          value: null,
          notEvaluable: null,
          evidence: ["Observation/b"],
        },
      ],
      rejected: [
        { file: "data.ndjson", line: 5, resource: "Observation/c", reason: "unmapped code http://snomed.info/sct|000" },
      ],
    });
  });

  it("prints the value that a clause would take, with options in either spelling", async () => {
    const { stdout: out } = await run(
      "pfs",
      ...SOURCE,
      "--due",
      "3mo",
      "--json",
      "--assess-every",
      "4w",
      "--tolerance=7d",
      "--window",
      "28d",
    );
    expect((JSON.parse(out) as { patients: object[] }).patients[0]).to.include({
      value: "91",
      days: 91,
      date: "2024-04-01",
      event: false,
    });
    const short = await run(
      "pfs",
      ...SOURCE,
      "--due",
      "3mo",
      "--json",
      "--assessEvery",
      "3w",
      "--tolerance",
      "7d",
      "--window",
      "28d",
    );
    expect((JSON.parse(short.stdout) as { patients: object[] }).patients[0]).to.include({
      value: null,
      notEvaluable: "no-adequate-assessment",
    });
    const tiers = await run(
      "pfs",
      ...SOURCE,
      "--due",
      "3mo",
      "--json",
      "--assess-every",
      "3w",
      "--tolerance",
      "7d",
      "--tiers",
      "1mo,1y",
    );
    expect((JSON.parse(tiers.stdout) as { patients: object[] }).patients[0]).to.include({ value: "56" });
  });

  it("prints a table for people, its remarks on standard error", async () => {
    const { stdout: out, stderr: err, status: code } = await run("os", ...SOURCE);
    expect(code).to.equal(0);
    expect(out).to.match(/patient +index +date +days +event/);
    expect(out).to.include("not used: 1");
    expect(err).to.include("5 records read, 4 used, 1 rejected");
  });

  for (const [what, args, message] of [
    ["an unknown metric", ["cure", ...SOURCE], "metric: found cure, expected one of pfs"],
    ["no date", ["pfs", "--source", "source.yaml", "--as-of", "2026-13-01"], "--as-of: found 2026-13-01"],
    ["no duration", ["pfs", ...SOURCE, "--due", "soon"], "--due: found soon"],
    [
      "an option's value",
      ["pfs", ...SOURCE, "--assess-every", "often"],
      '--assess-every: found "often", expected a duration',
    ],
    ["an unknown rule set", ["pfs", ...SOURCE, "--rules", "ema"], "Allowed choices are treatment-policy, fda, rwpfs"],
    ["an unknown flag", ["pfs", ...SOURCE, "--windows", "28d"], "unknown option"],
    ["a metric that has no time", ["best-response", ...SOURCE], "add --due"],
    [
      "a source that is not there",
      ["pfs", "--source", "none.yaml", "--as-of", "2026-01-01"],
      "none.yaml: can't be read",
    ],
  ] as const) {
    it(`exits with 2 on ${what} and says so`, async () => {
      const { status: code, stdout: out, stderr: err } = await run(...args);
      expect(err).to.include(message);
      expect(code).to.equal(2);
      expect(out).to.equal("");
    });
  }
});
