import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { outcomepay as run, type Ended } from "../cli/outcomepay.ts";
import { sheet, SHEET } from "./sheet.ts";

const outcomepay = (...args: readonly string[]): Promise<Ended> => run(args);

describe("outcomepay terms", function () {
  this.timeout(60_000);
  let folder: string;
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  before(() => (folder = mkdtempSync(join(tmpdir(), "terms-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("check: exit 0 and one line for a good file, warnings apart", async () => {
    const good = file("good.yaml", SHEET);
    const { status, stdout, stderr } = await outcomepay("terms", "check", good, "scenarios/spending-cap.yaml");
    expect(stdout).to.equal(
      `ok ${good}: Guarantee (801 of 24531 bytes on chain)\n` +
        "ok scenarios/spending-cap.yaml: Expenditure cap with full payback (446 of 24531 bytes on chain)\n",
    );
    expect(stderr).to.contain(`${good}:4 parties: warning: not yet bound`);
    expect(status).to.equal(0);
  });

  it("check: exit 1 and every problem with file, line and path", async () => {
    const bad = file("bad.yaml", sheet(["atLeast: 6mo", "atLeast: 6 months"], ["price: 1000", "price: -1"]));
    const { status, stdout } = await outcomepay("terms", "check", bad);
    expect(stdout.trim().split("\n")).to.deep.equal([
      `${bad}:12 cohorts.2027.price: found "-1", expected an amount that is not negative`,
      `${bad}:16 clauses.refund.pays[1].atLeast: found "6 months", expected days such as 183, 183d or 6mo`,
    ]);
    expect(status).to.equal(1);
  });

  it("check: exit 1 for terms that no agreement can carry", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => String(i));
    const cohorts = ids.map(
      (id) => `  c${id}: { population: All, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }`,
    );
    const clauses = ids.map((id) => `  m${id}: { type: milestone, due: 1y, from: payer, to: manufacturer, pays: 1 }`);
    const large = file(
      "large.yaml",
      `outcomes: 1
title: Large
currency: { code: CNY, decimals: 2 }
parties: { payer: [{ name: A }], manufacturer: [{ name: B }] }
cohorts:
${cohorts.join("\n")}
clauses:
${clauses.join("\n")}
`,
    );
    const { status, stdout } = await outcomepay("terms", "check", large);
    expect(stdout).to.equal(`${large}: found terms of 25241 bytes on chain, expected at most 24531\n`);
    expect(status).to.equal(1);
  });

  it("check: exit 2 for what can't be read, and the others are checked all the same", async () => {
    const latin = file("latin.yaml", Buffer.from([0x74, 0x3a, 0x20, 0xe9, 0x0a]));
    const { status, stdout, stderr } = await outcomepay(
      "terms",
      "check",
      latin,
      "nowhere.yaml",
      folder,
      "scenarios/spending-cap.yaml",
    );
    expect(status).to.equal(2);
    expect(stdout).to.contain("ok scenarios/spending-cap.yaml");
    expect(stderr).to.contain("not UTF-8").and.contain("there is no such file").and.contain("it is a directory");
    expect((await outcomepay("terms", "check")).status).to.equal(2);
  });

  it("check --json: one document", async () => {
    const bad = file("bad.yaml", sheet(["outcomes: 1", "outcomes: 3"]));
    const { status, stdout } = await outcomepay("terms", "check", "--json", bad, "scenarios/spending-cap.yaml");
    const document = JSON.parse(stdout) as { ok: boolean; problems: { path: string }[] }[];
    expect(document.map(({ ok }) => ok)).to.deep.equal([false, true]);
    expect(document[0]?.problems.map(({ path }) => path)).to.deep.equal(["outcomes"]);
    expect(status).to.equal(1);
  });

  it("explain: the text, or one JSON document; problems with exit 1", async () => {
    const { status, stdout } = await outcomepay("terms", "explain", "scenarios/nsclc-pfs-guarantee.yaml");
    expect(stdout).to.contain("Targeted therapy company pays Provincial medical insurance fund CNY 75,000");
    expect(status).to.equal(0);
    const json = JSON.parse(
      (await outcomepay("terms", "explain", "--json", "scenarios/nsclc-pfs-guarantee.yaml")).stdout,
    ) as {
      title: string;
    };
    expect(json.title).to.equal("NSCLC progression-free survival guarantee");
    const bad = await outcomepay("terms", "explain", file("bad.yaml", sheet(["outcomes: 1", "outcomes: 3"])));
    expect(bad.status).to.equal(1);
    expect(bad.stdout).to.contain('outcomes: found "3"');
  });
});
