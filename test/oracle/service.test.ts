import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";

import { ConfigError, parseConfig } from "../../oracle/settings/read.ts";
import { openService, type OracleService } from "../../oracle/service.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import { account, freePort, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { deployAgreement, OPERATOR_KEYS, writeFiles } from "./deployed.ts";
import { agreementOf } from "./fixture.ts";

const start = timestampOfDay(parseDay("2026-01-01") ?? 0);

describe("operators' processes on a chain behind JSON-RPC", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "oracle-"));
  const services: OracleService[] = [];
  let anvil: Anvil;
  let provider: JsonRpcProvider;
  let rpc: string;

  before(async () => {
    anvil = await startAnvil("--timestamp", String(start));
    provider = anvil.provider;
    rpc = anvil.url;
  });

  after(async () => {
    await Promise.all(services.map((service) => service.close()));
    anvil.stop();
    rmSync(folder, { recursive: true });
  });

  it("enrol and report from files, with endorsements over HTTP", async () => {
    const { agreement, contract, address, committee, sheet } = await deployAgreement(anvil);
    writeFiles(folder, { sheet });
    const operators = OPERATOR_KEYS;
    const ports = await Promise.all(operators.map(freePort));
    const peers = operators.map((it, i) => ({ address: it.address, url: `http://127.0.0.1:${ports[i]}` }));
    for (const [i, operator] of operators.entries()) {
      const config = parseConfig(
        {
          key: { env: "KEY" },
          peers: peers.filter((peer) => peer.address !== operator.address),
          committee,
          rpc,
          agreement: address,
          terms: "terms.yaml",
          source: "source.yaml",
          secret: "secret",
          store: `operator-${i}.sqlite`,
          listen: { port: ports[i] },
        },
        folder,
      );
      const service = await openService(config, agreement, {
        env: { KEY: operator.privateKey },
        now: Date.now,
        sleep: (milliseconds) => delay(Math.min(milliseconds, 20)),
        onRefusal: () => undefined,
        onError: (error) => {
          throw error;
        },
      });
      services.push(service);
      if (i < 2) await service.server.listen(config.listen);
    }

    const [first, second] = services;
    expect((await first?.pass(false))?.map(({ step, result }) => [step, result])).to.deep.equal([["enrol", "done"]]);
    expect((await contract.cohortState(0)).patients).to.equal(1n);
    await provider.send("evm_setNextBlockTimestamp", [start + 211 * 86_400]);
    await provider.send("evm_mine", []);
    expect((await second?.pass(false))?.map(({ step, result }) => [step, result])).to.deep.equal([["report", "done"]]);
    expect((await contract.clauseState(1, 0)).total).to.equal(50_000n);
    expect(await first?.pass(false)).to.deep.equal([]);

    const other = agreementOf(sheet.replace("price: 1000", "price: 1001"));
    const config = parseConfig(
      {
        key: { env: "KEY" },
        rpc,
        agreement: address,
        terms: "terms.yaml",
        source: "source.yaml",
        secret: "secret",
        store: ":memory:",
      },
      folder,
    );
    const surroundings = {
      env: { KEY: account(5).privateKey },
      now: Date.now,
      sleep: () => delay(1),
      onRefusal: () => undefined,
      onError: () => undefined,
    };
    let refusal: unknown;
    await openService(config, other, surroundings).catch((error: unknown) => (refusal = error));
    expect(refusal, "terms that are not the contract's").to.be.instanceOf(ConfigError);
  });
});
