import { expect } from "chai";

import { auditReports } from "../../../oracle/audit/audit.ts";
import { eraseEverywhere } from "../../../oracle/erase/everywhere.ts";
import { patientKey } from "../../../oracle/report/keys.ts";
import { createWorld, type World } from "../../../runner/world.ts";
import { patient, SECRET, SHEET } from "../fixture.ts";
import { day, stageAgreement } from "../stage.ts";
import { onBothDatabases } from "./databases.ts";

const results = (events: readonly { readonly step: string; readonly result: string }[]): string[] =>
  events.filter(({ step }) => step !== "cover").map(({ step, result }) => `${step}: ${result}`);

onBothDatabases("five operators' nodes with a store each", (database) => {
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  it("enrol, report, erase and audit", async () => {
    const stores = await Promise.all([0, 1, 2, 3, 4].map(() => database.fresh()));
    const group = ["A", "B", "C"].map((name, i) => patient(name, day("2026-01-10") + i, 150 + 30 * i));
    const staged = await stageAgreement(world, SHEET, group, (operator) => stores[operator] ?? "");
    expect(results(await staged.pass(0, "2026-01-20"))).to.deep.equal(["enrol: done"]);
    expect(results(await staged.pass(1, "2026-08-20"))).to.deep.equal(["report: done"]);
    const [first, second, ...others] = staged.operators;
    if (first === undefined || second === undefined) throw new Error("five operators");
    for (const operator of others.keys()) await staged.pass(operator + 2, "2026-08-20");
    expect((await auditReports(second.parts, await staged.chain.read())).map(({ result }) => result)).to.deep.equal([
      "same",
    ]);
    const erased = await eraseEverywhere(first.erasing, patientKey(SECRET, { system: "urn:test", value: "B" }));
    expect(erased.complete).to.equal(true);
    expect(results(await staged.pass(2, "2028-01-30"))).to.include("report: done");
    const audited = await auditReports(second.parts, await staged.chain.read());
    expect(audited.map(({ result }) => result)).to.include("incomplete");
    for (const { erasing } of staged.operators) await erasing.database.close();
  });
});
