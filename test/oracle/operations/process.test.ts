import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { openNode } from "../../../cli/oracle/open.ts";
import { UsageError } from "../../../cli/output.ts";
import { startAnvil, type Anvil } from "../../../scripts/local/anvil.ts";
import { parseDay, timestampOfDay } from "../../../terms/calendar.ts";
import { deployAgreement, OPERATOR_KEYS, writeFiles, type Deployed } from "../deployed.ts";
import { runOracle } from "./process.ts";

const [operator] = OPERATOR_KEYS;
const KEY = operator?.privateKey ?? "";
const start = timestampOfDay(parseDay("2026-01-01") ?? 0);

describe("an operator's process", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "oracle-process-"));
  let anvil: Anvil;
  let deployed: Deployed;

  /** Writes settings; what is not overridden works. */
  function configured(name: string, overrides: object = {}): string {
    const file = join(folder, `${name}.yaml`);
    const settings = {
      key: { env: "KEY" },
      rpc: anvil.url,
      agreement: deployed.address,
      terms: "terms.yaml",
      source: "source.yaml",
      secret: "secret",
      store: `${name}.sqlite`,
      listen: { port: 0 },
      metrics: { port: 0 },
      headAge: 0,
      logLevel: "debug",
      poll: 1,
      patience: 0,
      ...overrides,
    };
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }

  before(async () => {
    anvil = await startAnvil("--timestamp", String(start));
    deployed = await deployAgreement(anvil, undefined, 1);
    writeFiles(folder, deployed);
  });

  after(() => {
    anvil.stop();
    rmSync(folder, { recursive: true });
  });

  it("serves, becomes ready, counts what it does, logs no patient, and stops in order", async () => {
    const oracle = runOracle(["start", "--config", configured("serves", { api: { port: 0 } })], {
      KEY,
    });
    await oracle.line("the pass has ended");
    const { at } = await oracle.line('"for":"operations"');
    const url = String(at);
    const { at: api } = await oracle.line('"for":"api"');
    expect((await fetch(`${String(api)}/v1/agreement`)).status).to.equal(401);
    expect((await fetch(`${String(api)}/openapi.json`)).status).to.equal(200);
    expect((await fetch(`${url}/health`)).status).to.equal(200);
    expect((await fetch(`${url}/ready`)).status).to.equal(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).to.contain('outcomepay_events_total{step="enrol",result="done"} 1');
    expect(metrics).to.contain('outcomepay_records{kind="patients"} 1');
    expect((await deployed.contract.cohortState(0)).patients).to.equal(1n);

    oracle.child.kill("SIGTERM");
    expect(await oracle.ended).to.equal(0);
    expect(oracle.output()).to.equal("");
    for (const text of oracle.log().trim().split("\n")) JSON.parse(text);
    for (const identifier of ["4711", KEY, KEY.slice(2)]) {
      expect(oracle.log()).not.to.contain(identifier);
      expect(metrics).not.to.contain(identifier);
    }
  });

  it("makes one pass and prints it as one document", async () => {
    const oracle = runOracle(["once", "--json", "--config", configured("once", { store: "serves.sqlite" })], {
      KEY,
    });
    expect(await oracle.ended).to.equal(0);
    expect(JSON.parse(oracle.output())).to.have.property("events");
  });

  it("ends with 2 where trying again can't help", async () => {
    expect(await runOracle(["start", "--config", configured("wrong", { poll: 0 })], { KEY }).ended).to.equal(2);
    const refused = async (overrides: object): Promise<unknown> =>
      openNode(configured("wrong", { key: { env: "ORACLE_TEST_KEY" }, ...overrides })).catch((error: unknown) => error);
    expect(await refused({})).to.be.instanceOf(UsageError);
    process.env["ORACLE_TEST_KEY"] = KEY;
    expect(await refused({ committee: deployed.address })).to.be.instanceOf(UsageError);
    expect(await refused({ store: "no/such/folder/store.sqlite" })).to.be.instanceOf(UsageError);
    delete process.env["ORACLE_TEST_KEY"];
  });

  it("ends with 75 where it can", async () => {
    const oracle = runOracle(["once", "--config", configured("later", { rpc: "http://127.0.0.1:1/an-access-key" })], {
      KEY,
    });
    expect(await oracle.ended).to.equal(75);
    expect(oracle.log()).not.to.contain("an-access-key");
    const store = { store: { env: "DB" } };
    const database = runOracle(["once", "--config", configured("later", store)], {
      KEY,
      DB: "postgres://me:the-password@127.0.0.1:1/x",
    });
    expect(await database.ended).to.equal(75);
    expect(database.log()).not.to.contain("the-password");
  });

  describe("whose chain does not answer", () => {
    let silent: Server;
    let reached: Promise<void>;

    beforeEach(async () => {
      let isReached = (): void => undefined;
      reached = new Promise((resolve) => (isReached = resolve));
      silent = createServer(() => isReached()).listen(0, "127.0.0.1");
      await new Promise((resolve) => silent.once("listening", resolve));
    });

    afterEach(() => {
      silent.closeAllConnections();
      silent.close();
    });

    it("ends at once on the second signal", async () => {
      const rpc = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const oracle = runOracle(["start", "--config", configured("silent", { rpc })], { KEY });
      await reached;
      oracle.child.kill("SIGTERM");
      oracle.child.kill("SIGINT");
      expect(await oracle.ended).to.be.oneOf([128 + 2, 128 + 15]);
    });
  });
});
