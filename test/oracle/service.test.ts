import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";

import { ConfigError, parseConfig, readConfig } from "../../oracle/settings/read.ts";
import { openService, type OracleService } from "../../oracle/service.ts";
import { fromHex, type Hex } from "../../oracle/report/bytes.ts";
import { verifyProof, type Proof } from "../../oracle/report/root.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import { account, freePort, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { outcomepay } from "../cli/outcomepay.ts";
import { deployAgreement, OPERATOR_KEYS, writeFiles } from "./deployed.ts";
import { agreementOf } from "./fixture.ts";

const start = timestampOfDay(parseDay("2026-01-01") ?? 0);

describe("operators' nodes on a chain behind JSON-RPC", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "oracle-"));
  const services: OracleService[] = [];
  /** Settings of each operator, as files. */
  const settings: string[] = [];
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
    writeFileSync(join(folder, "patients.csv"), "id,start\nP1,2026-01-01\n");
    writeFileSync(join(folder, "assessments.csv"), "id,date,response\nP1,2026-03-01,PD\n");
    const operators = OPERATOR_KEYS;
    const ports = await Promise.all(operators.map(freePort));
    const peers = operators.map((it, i) => ({ address: it.address, url: `http://127.0.0.1:${ports[i]}` }));
    for (const [i, operator] of operators.entries()) {
      const path = join(folder, `operator-${i}.yaml`);
      settings.push(path);
      const document = {
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
        peerTimeout: 20,
      };
      writeFileSync(path, JSON.stringify(document));
      const config = readConfig(path);
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

  /** A command of one operator, beside its running node. */
  function oracle(operator: number, ...args: readonly string[]) {
    const command = ["oracle", args[0] ?? "", "--config", settings[operator] ?? "", ...args.slice(1)];
    return outcomepay(command, { KEY: account(5 + operator).privateKey });
  }

  it("are audited, and a patient's place is proven, by command", async () => {
    const [same, unknown, proven] = await Promise.all([
      oracle(0, "audit", "--json"),
      oracle(0, "audit", "--clause", "nothing"),
      oracle(0, "audit", "--patient", "|P1", "--proof", "--json"),
    ]);
    expect(unknown.status).to.equal(2);
    expect(same.status, same.stderr).to.equal(0);
    const { reports } = JSON.parse(same.stdout) as { reports: Record<string, unknown>[] };
    expect(reports).to.have.length(1);
    expect(reports[0]).to.deep.include({ clause: "refund", cohort: "2026", number: 1, result: "same", patients: [] });

    expect(proven.status, proven.stderr).to.equal(0);
    const { proofs } = JSON.parse(proven.stdout) as {
      proofs: { kind: string; leafHash: Hex; root: Hex; proof: Proof }[];
    };
    expect(proofs.map(({ kind }) => kind)).to.deep.equal(["enrolment", "milestone"]);
    for (const { leafHash, root, proof } of proofs) {
      expect(verifyProof(root, fromHex(leafHash, 32), proof)).to.equal(true);
    }
    const records = join(folder, "assessments.csv");
    const then = readFileSync(records);
    writeFileSync(records, "id,date,response\nP1,2026-03-01,PR\nP1,2026-07-01,PR\n");
    const changed = await oracle(0, "audit");
    expect(changed.status, changed.stderr).to.equal(1);
    expect(changed.stdout)
      .to.match(/: different\n/)
      .and.to.match(/reported 59 in tier 0/)
      .and.to.match(/now +183 in tier 1/);
    writeFileSync(records, then);
  });

  it("erase a patient on every node by command, in as many goes as it takes", async () => {
    const first = await oracle(0, "erase", "--patient", "|P1", "--json");
    expect(first.status, first.stderr).to.equal(1);
    const { complete, operators } = JSON.parse(first.stdout) as {
      complete: boolean;
      operators: { operator: string; status: string; reports: unknown[] }[];
    };
    expect(complete).to.equal(false);
    expect(operators.map(({ operator, status }) => [operator, status])).to.deep.equal([
      [account(5).address, "erased"],
      [account(6).address, "erased"],
      [account(7).address, "failed"],
    ]);
    expect(operators[0]?.reports).to.deep.equal([{ clause: "refund", cohort: "2026", number: 1 }]);
    const [, , third] = services;
    await third?.server.listen(readConfig(settings[2] ?? "").listen);
    // The third node was never up: it fetches the enrolment first.
    expect((await oracle(0, "erase", "--patient", "|P1")).status).to.equal(1);
    await third?.pass(false);
    const last = await oracle(0, "erase", "--patient", "|P1");
    expect(last.status, last.stderr).to.equal(0);

    const [gone, audited] = await Promise.all([oracle(1, "audit", "--patient", "|P1", "--proof"), oracle(1, "audit")]);
    expect([gone.status, gone.stdout]).to.deep.equal([1, "she was erased: what it takes to prove her place is gone\n"]);
    expect(audited.status, audited.stderr).to.equal(0);
    expect(audited.stdout)
      .to.match(/: incomplete\n/)
      .and.to.match(/1 of its patients were erased/);
    expect(`${last.stdout}${last.stderr}${audited.stdout}`).not.to.contain("P1");
  });
});
