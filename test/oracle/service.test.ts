import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import { NonceManager, type JsonRpcProvider } from "ethers";

import { ConfigError, parseConfig } from "../../oracle/settings/read.ts";
import { openService, type OracleService } from "../../oracle/service.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import { compileLegal, compileTerms } from "../../terms/onchain/compile.ts";
import { domainOf, TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import {
  AgreementFactory__factory,
  OracleCommittee__factory,
  OutcomeAgreement__factory,
  PlainToken__factory,
} from "../../typechain-types/index.js";
import { account, freePort, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { agreementOf } from "./fixture.ts";

const start = timestampOfDay(parseDay("2026-01-01") ?? 0);

const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Basic, address: "${account(1).address}" }]
  manufacturer: [{ name: Maker, address: "${account(2).address}" }]
oracle: { address: "ORACLE", reportWithin: 60d, grace: 28d }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
`;

const SOURCE = `kind: csv
files:
  patients: { path: patients.csv, columns: { patient: id, index: start } }
  assessments: { path: assessments.csv, columns: { patient: id, date: date, response: response } }
`;

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
    const relayer = new NonceManager(account(0).connect(provider));
    const operators = [5, 6, 7].map(account);
    const committee = await new OracleCommittee__factory(relayer).deploy(
      operators.map(({ address }) => address),
      2,
    );
    const token = await new PlainToken__factory(relayer).deploy(2);
    const factory = await new AgreementFactory__factory(relayer).deploy();
    const sheet = SHEET.replace("ORACLE", await committee.getAddress());
    const agreement = agreementOf(sheet);
    const terms = compileTerms(agreement, await token.getAddress());
    const legal = compileLegal(agreement);
    const address = await factory.addressOf(terms);
    const domain = domainOf((await provider.getNetwork()).chainId, await factory.getAddress());
    const signed = { agreement: address, terms, legal };
    const signatures = [1, 2].map((i) => account(i).signTypedData(domain, TERMS_TYPES, signed));
    await (await factory.create(terms, legal, await Promise.all(signatures))).wait();
    const contract = OutcomeAgreement__factory.connect(address, relayer);
    await (await token.mint(account(0).address, 1_000_000n)).wait();
    await (await token.approve(address, 1_000_000n)).wait();
    await (await contract.deposit(0, 500_000n)).wait();
    await (await contract.deposit(1, 500_000n)).wait();

    writeFileSync(join(folder, "terms.yaml"), sheet);
    writeFileSync(join(folder, "source.yaml"), SOURCE);
    writeFileSync(join(folder, "secret"), "07".repeat(32));
    writeFileSync(join(folder, "patients.csv"), "id,start\nP1,2026-01-01\n");
    writeFileSync(join(folder, "assessments.csv"), "id,date,response\nP1,2026-03-01,PD\n");
    const ports = await Promise.all(operators.map(freePort));
    const peers = operators.map((it, i) => ({ address: it.address, url: `http://127.0.0.1:${ports[i]}` }));
    for (const [i, operator] of operators.entries()) {
      const config = parseConfig(
        {
          key: { env: "KEY" },
          peers: peers.filter((peer) => peer.address !== operator.address),
          committee: await committee.getAddress(),
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

describe("an operator's settings", () => {
  it("name every problem with its path, and never show a key", () => {
    const secretKey = `0x${"12".repeat(32)}`;
    let message = "";
    try {
      parseConfig({ key: secretKey, rpc: "ftp://x", peers: [{ url: "http://a", address: "0x12" }], other: 1 }, ".");
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      message = error.message;
    }
    for (const path of ["key", "rpc", "peers.0.address", "agreement", "terms", "source", "secret", "store", "other"]) {
      expect(message).to.contain(path);
    }
    expect(message).not.to.contain(secretKey);
  });
});
