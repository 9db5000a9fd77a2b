import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { startNetwork, type Network } from "../../scripts/local/network.ts";
import { parseDay } from "../../terms/calendar.ts";
import { OracleCommittee__factory, PlainToken__factory } from "../../typechain-types/index.ts";
import { outcomepay } from "./outcomepay.ts";
import { JsonRpcProvider } from "ethers";

describe("outcomepay network", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "network-"));
  let network: Network;
  let provider: JsonRpcProvider;

  before(async () => {
    network = await startNetwork({ folder, day: parseDay("2026-02-01") ?? 0, operators: 3, threshold: 2 });
    provider = new JsonRpcProvider(network.url, undefined, { cacheTimeout: -1 });
  });
  after(() => {
    provider.destroy();
    network.stop();
    rmSync(folder, { recursive: true });
  });

  it("has a committee of its operators, money for the parties, and says where all of it is", async () => {
    const file = readFileSync(join(folder, "network.env"), "utf8");
    const variables = Object.fromEntries(
      file
        .trim()
        .split("\n")
        .map((line) => /^export (\w+)=(.*)$/.exec(line)?.slice(1) ?? []),
    ) as Record<string, string>;
    expect(variables).to.deep.equal(network.variables);
    const committee = OracleCommittee__factory.connect(variables["COMMITTEE"] ?? "", provider);
    expect(await committee.threshold()).to.equal(2n);
    const members = (await committee.getSigners(0, 9)).map((it) => it.toLowerCase());
    expect(members).to.have.members([1, 2, 3].map((i) => variables[`OPERATOR_${i}`]?.toLowerCase()));
    const token = PlainToken__factory.connect(variables["TOKEN"] ?? "", provider);
    for (const party of ["PAYER", "MAKER"]) {
      expect(await token.balanceOf(variables[party] ?? "")).to.equal(10_000_000_000n);
    }
  });

  it("moves its clock forward to a day, never back", async () => {
    const day = (date: string) => outcomepay(["network", "day", date, "--rpc", network.url]);
    expect((await day("2026-08-20")).status).to.equal(0);
    expect((await provider.getBlock("latest"))?.timestamp).to.equal(Date.UTC(2026, 7, 20) / 1_000);
    const [back, none] = await Promise.all([day("2026-08-19"), day("20 August")]);
    expect([back.status, back.stderr.includes("beyond that day")]).to.deep.equal([2, true]);
    expect([none.status, none.stderr.includes("2026-01-01")]).to.deep.equal([2, true]);
  });

  it("says what is wrong with a folder or a committee", async () => {
    const stale = join(folder, "stale");
    const start = (...args: string[]) => outcomepay(["network", "start", "--folder", ...args]);
    const [taken, none, many, nowhere] = await Promise.all([
      start(folder),
      start(stale, "--operators", "0"),
      start(stale, "--operators", "99"),
      outcomepay(["network", "stop", "--folder", stale]),
    ]);
    expect([taken, none, many, nowhere].map(({ status }) => status)).to.deep.equal([2, 2, 2, 2]);
    expect(taken.stderr).to.contain("network stop");
    expect(nowhere.stderr).to.contain("no network");
    expect(existsSync(stale)).to.equal(false);
  });

  it("is told from one that has ended without a word", async () => {
    const dead = mkdtempSync(join(folder, "dead-"));
    writeFileSync(join(dead, "network.env"), "export NETWORK_PID=99999999\n");
    const stopped = await outcomepay(["network", "stop", "--folder", dead]);
    expect([stopped.status, stopped.stderr.includes("does not run any more")]).to.deep.equal([2, true]);
  });
});
