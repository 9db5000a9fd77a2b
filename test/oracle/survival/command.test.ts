import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import { readSurvivalCsv, SurvivalFileError } from "../../../oracle/survival/readCsv.ts";
import { MOST_GROUPS, type Columns } from "../../../oracle/survival/rows.ts";
import { outcomepay, type Ended } from "../../cli/outcomepay.ts";
import { fixture, withFiles } from "../support.ts";
import { analyses, near } from "./support.ts";

const COLUMNS: Columns = { time: "t", event: { column: "d", value: "1" }, entry: null, group: null };

/** Rows as `time+` for a censoring, by group; or the message. */
async function read(csv: string | Buffer, columns: Partial<Columns> = {}): Promise<unknown> {
  return withFiles({ "x.csv": csv as string }, async (folder) => {
    try {
      const { groups } = await readSurvivalCsv(join(folder, "x.csv"), { ...COLUMNS, ...columns });
      return groups.map(({ group, observations: { exits, events, entries } }) => {
        const text = `${[...exits].join(" ")} of which ${[...events].join(" ")}`;
        return [group, entries === null ? text : `${text} from ${[...entries].join(" ")}`];
      });
    } catch (error) {
      if (error instanceof SurvivalFileError) return error.message.replaceAll(join(folder, "x.csv"), "x");
      throw error;
    }
  });
}

describe("survival times from CSV", () => {
  it("reads quoted fields, a byte order mark, CRLF, blank lines and spaces", async () => {
    const plain = [[null, "5 6 7.5 of which 5 7.5"]];
    expect(await read("t,d\n5,1\n6,0\n7.5,1\n")).to.deep.equal(plain);
    expect(await read('\uFEFF"t","d"\r\n"5","1"\r\n\r\n6,0\r\n   \r\n 7.50 , 1 \r\n')).to.deep.equal(plain);
    expect(await read('x,d,t\n"a, ""b""\nc",1,5\n,0,6\n,1,+7.5e0')).to.deep.equal(plain);
  });

  it("takes any text for the event, and every other text for a censoring", async () => {
    const columns = { event: { column: "d", value: "dead of disease" } };
    expect(await read("t,d\n5,dead of disease\n6,alive\n7,Dead of disease\n", columns)).to.deep.equal([
      [null, "5 6 7 of which 5"],
    ]);
  });

  it("keeps groups apart, in order: as numbers when all are numbers", async () => {
    const columns = { group: "g", entry: "e" };
    expect(await read("t,d,g,e\n5,1,10,0\n6,0,9,1\n7,1,10,2\n", columns)).to.deep.equal([
      ["9", "6 of which  from 1"],
      ["10", "5 7 of which 5 7 from 0 2"],
    ]);
    expect(await read("t,d,g\n5,1,b\n6,0,10\n7,1,9\n", { group: "g" })).to.deep.equal([
      ["10", "6 of which "],
      ["9", "7 of which 7"],
      ["b", "5 of which 5"],
    ]);
  });

  it("refuses each row that can't be used, with its line, what was found and what was expected", async () => {
    const csv = `t,d,e,g
5,1,0,a
,1,0,a

-3,1,0,a
"NA
",1,0,a
5,NA,0,a
5,1,5,a
5,1,-1,a
5,1,0,
5,1,0
0x5,1,0,a
1e999,1,0,a
"5,5",1,0,a
`;
    expect(await read(csv, { entry: "e", group: "g" })).to.equal(
      [
        "x:3 t: found nothing, expected a number from 0 on",
        'x:5 t: found "-3", expected a number from 0 on',
        'x:7 t: found "NA", expected a number from 0 on',
        'x:8 d: found "NA", expected a value',
        "x:9 e: found 5, expected less than the t 5",
        'x:10 e: found "-1", expected a number from 0 on',
        "x:11 g: found nothing, expected the name of a group in UTF-8",
        "x:12 found 3 fields, expected 4",
        'x:13 t: found "0x5", expected a number from 0 on',
        'x:14 t: found "1e999", expected a number from 0 on',
        'x:15 t: found "5,5", expected a number from 0 on',
      ].join("\n"),
    );
  });

  it("lists the first problems and counts the rest", async () => {
    const message = String(await read(`t,d\n${"x,1\n".repeat(100)}`));
    expect(message.split("\n")).to.have.length(21);
    expect(message).to.match(/x:21 .*\nand 80 more$/);
  });

  for (const [what, csv, message] of [
    ["a column that is not there", "a,d\n1,1\n", "x:1 no column t: found a, d"],
    ["a column that is there twice", "t,d,t\n1,1,1\n", "x:1 column t is there more than once"],
    ["an empty file", "", "x: found no header"],
    ["a header alone", "t,d\n", "x: found no rows below the header"],
    ["a quote that is never closed", 't,d\n5,1\n"6,1\n7,1\n', "found a quote that is never closed"],
    ["a quote that swallows a long file", `t,d\n"${"6,1\n".repeat(300_000)}`, "found a quote that is never closed"],
    ["text after a closing quote", 't,d\n5,1\n"6"x,1\n', "x:3 found text after a closing quote, expected a comma"],
    ["a quote within a field", 't,d\n5,1\n6"x,1\n', "x:3 found a quote within a field, expected it at the start"],
    ["a file cut short", "t,d\n5,1\n6", "x:3 found 1 fields, expected 2"],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect(await read(csv)).to.include(message);
    });
  }

  it("refuses groups that are not UTF-8 and too many of them", async () => {
    const bytes = Buffer.concat([Buffer.from("t,d,g\n5,1,"), Buffer.from([0xff]), Buffer.from("\n")]);
    expect(await read(bytes, { group: "g" })).to.match(/x:2 g: found .* in UTF-8/);
    const many = Array.from({ length: MOST_GROUPS + 1 }, (_, i) => `5,1,${i}`).join("\n");
    expect(await read(`t,d,g\n${many}`, { group: "g" })).to.equal(
      `x:${MOST_GROUPS + 2} g: found more than ${MOST_GROUPS} groups`,
    );
  });

  it("accounts for every row of whatever text: read, or refused with its line", async () => {
    const cell = fc.oneof(
      fc.constantFrom("5", "1", "0.5", "", "NA", "-1", "1e3", "x", " ", "."),
      fc.string({ maxLength: 6 }).map((text) => text.replace(/[\r\n",\uFEFF]/g, "")),
    );
    const line = fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(","));
    const isGood = (text: string): boolean => {
      const [time = "", event = "", ...more] = text.split(",").map((field) => field.trim());
      return more.length === 0 && /^\+?[\d.]+(e\d+)?$/.test(time) && Number(time) >= 0 && !/^(NA|\.)?$/.test(event);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const found = await read(["t,d", "7,1", ...lines].join("\n"));
        const bad = lines.flatMap((text, i) => (text.trim() === "" || isGood(text) ? [] : [`x:${i + 3} `]));
        if (typeof found === "string") {
          expect(found.split("\n").map((problem) => /^x:\d+ /.exec(problem)?.[0])).to.deep.equal(bad);
        } else {
          expect(bad).to.deep.equal([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("survival command", function () {
  this.timeout(30_000);

  const run = (csv: string, ...args: string[]): Promise<Ended> =>
    withFiles({ "x.csv": csv }, (folder) => outcomepay(["survival", "--csv", join(folder, "x.csv"), ...args]));
  const SMALL = "t,d,arm\n1,1,a\n2,1,a\n3,0,a\n4,0,b\n";
  const ASKED = ["--time", "t", "--event", "d=1", "--at", "2"];

  it("prints R's numbers for the lung data, by group", async function () {
    const folder = fixture(this, "survival");
    const { km } = analyses(this, "reference.json")["lung_sex"] ?? { km: {} };
    const args = ["survival", "--csv", join(folder, "csv/lung.csv"), "--time", "time", "--event", "status=2"];
    const { status, stdout, stderr } = await outcomepay([
      ...[...args, "--group", "sex", "--at", "182", "365", "--at", "3000", "--json"],
    ]);
    expect(status, stderr).to.equal(0);
    const { groups } = JSON.parse(stdout) as {
      groups: { group: string; n: number; median: object; at: Record<string, number | null>[] }[];
    };
    expect(groups.map(({ group, n }) => [group, n])).to.deep.equal([
      ["1", 138],
      ["2", 90],
    ]);
    for (const { group, median, at } of groups) {
      const fit = km[`sex=${group}`];
      const [estimate, lower, upper] = fit?.quantiles["loglog"]?.q50 ?? [];
      expect(median).to.deep.equal({ estimate, lower, upper });
      for (const point of at) {
        const expected = fit?.points.find(({ t }) => t === point["t"]);
        expect(point["nRisk"]).to.equal(expected?.n_risk);
        if (point["t"] === 3000) expect(point).to.include({ estimable: false, survival: null });
        else expect(near(point["survival"] ?? null, expected?.surv ?? null)).to.equal(true);
      }
    }
  });

  it("prints one document, with group null when there is none", async () => {
    const { status, stdout } = await run(SMALL, ...ASKED, "--json");
    expect(status).to.equal(0);
    const { groups } = JSON.parse(stdout) as { groups: { at: object[] }[] };
    expect(groups[0]).to.include({ group: null, n: 4, events: 2 });
    expect(groups[0]?.at[0]).to.include({ t: 2, nRisk: 3, nEvent: 2, survival: 0.5, se: 0.25, estimable: true });
    expect(Object.keys(groups[0]?.at[0] ?? {})).to.deep.equal([
      "t",
      "nRisk",
      "nEvent",
      "survival",
      "se",
      "lower",
      "upper",
      "estimable",
    ]);
  });

  it("prints a table for people and says what can't be estimated", async () => {
    const { stdout } = await run(SMALL, "--time", "t", "--event", "d=1", "--group", "arm", "--at", "2,9");
    expect(stdout).to.match(/arm a: 3 patients, 2 events; median 2 \(95% interval 1 to –\)/);
    expect(stdout).to.match(/9 +0 +0 +not estimable +– +– +–/);
  });

  it("says so when no row has the event, or several other values count as censoring", async () => {
    const none = await run(SMALL, "--time", "t", "--event", "d=dead", "--at", "2");
    expect(none.status).to.equal(0);
    expect(none.stderr).to.include("no row has d=dead: found 1, 0");
    const several = await run("t,d\n1,1\n2,0\n3,lost\n", ...ASKED);
    expect(several.stderr).to.include("counted as censored, besides d=1: 0, lost");
  });

  for (const [what, args, message] of [
    [
      "a row that can't be used",
      ["--time", "arm", "--event", "d=1", "--at", "2"],
      ':2 arm: found "a", expected a number',
    ],
    ["an event without a value", ["--time", "t", "--event", "d", "--at", "2"], "--event: found d, expected a column"],
    [
      "a time that is none",
      ["--time", "t", "--event", "d=1", "--at", "1y"],
      "--at: found 1y, expected a number from 0 on",
    ],
    ["a negative time", ["--time", "t", "--event", "d=1", "--at=-1"], "--at: found -1"],
    ["no time", ["--time", "t", "--event", "d=1"], "--at"],
    ["an entry that is not before its time", [...ASKED, "--entry", "t"], ":2 t: found 1, expected less than the t 1"],
  ] as const) {
    it(`exits with 2 on ${what} and says so`, async () => {
      const { status, stdout, stderr } = await run(SMALL, ...args);
      expect(stderr).to.include(message);
      expect(status).to.equal(2);
      expect(stdout).to.equal("");
    });
  }

  it("exits with 2 on a file that is not there", async () => {
    const { status, stderr } = await outcomepay(["survival", "--csv", "none.csv", ...ASKED]);
    expect(stderr).to.include("none.csv: can't be read");
    expect(status).to.equal(2);
  });
});
