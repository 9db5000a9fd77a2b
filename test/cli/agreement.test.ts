import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { encryptKeystoreJsonSync, getAddress, ZeroHash } from "ethers";

import { digestOf, type OracleMessage } from "../../oracle/report/messages.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import {
  AgreementFactory__factory,
  OutcomeAgreement__factory,
  PlainToken__factory,
  type OutcomeAgreement,
} from "../../typechain-types/index.ts";
import { account, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { outcomepay, type Ended } from "./outcomepay.ts";

const day = (text: string): number => parseDay(text) ?? 0;

/** Who holds which of the chain's accounts. */
const [RELAYER, PAYER, MAKER, ORACLE, ARBITER] = [0, 1, 2, 3, 4].map(account) as [Key, Key, Key, Key, Key];
type Key = ReturnType<typeof account>;

const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Basic insurance }]
  manufacturer: [{ name: Maker, address: "${MAKER.address}" }]
oracle: { reportWithin: 60d, challengeWindow: 7d, challengeBond: 10, arbiter: Court }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
  second: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 100 }, { atLeast: 6mo, pays: 0 }], notEvaluable: 30 }
  silent: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 1 }, { atLeast: 6mo, pays: 0 }], notEvaluable: 0.50 }
  later: { type: milestone, due: 6mo, from: payer, to: manufacturer, pays: 12.50 }
`;

const BINDINGS = `payer/Basic insurance: ${PAYER.address}
oracle: ${ORACLE.address}
arbiter: ${ARBITER.address}
`;

interface Status {
  readonly accounts: { party: string; held: string; locked: string; free: string }[];
  readonly clauses: {
    clause: string;
    state: string;
    assessed: number;
    pending: number;
    due: number;
    overdue: number;
    total: string;
    reports: { number: number; challenger: string | null }[];
  }[];
}

describe("outcomepay agreement", function () {
  this.timeout(90_000);
  let anvil: Anvil;
  let folder: string;
  let venue: string[];
  let sheet: string[];
  let address: string;
  let contract: OutcomeAgreement;

  const key = ({ privateKey }: Key): Record<string, string> => ({ OUTCOMEPAY_KEY: privateKey });
  const on = (command: string, ...args: string[]): string[] => [
    ...["agreement", command, "--agreement", address, "--rpc", anvil.url, ...sheet, "--json", ...args],
  ];
  const create = (...signatures: string[]): string[] => [
    ...["agreement", "create", ...sheet, ...venue, "--rpc", anvil.url, "--json", "--signatures", ...signatures],
  ];
  const status = async (): Promise<Status> => {
    const ended = await outcomepay(on("status"));
    expect(ended.status, ended.stderr).to.equal(0);
    return JSON.parse(ended.stdout) as Status;
  };
  /** Of the contract itself, in minor units: held and locked. */
  const heldAndLocked = async (): Promise<bigint[][]> =>
    Promise.all([0, 1].map(async (i) => (await contract.accountOf(i)).slice(1) as unknown as bigint[]));
  const done = ({ status: code, stdout, stderr }: Ended): Record<string, unknown> => {
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const refused = ({ status: code, stdout, stderr }: Ended): string => {
    expect(code, stderr).to.equal(1);
    const { ok, refusal, message } = JSON.parse(stdout) as { ok: boolean; refusal: string; message: string };
    expect(ok).to.equal(false);
    expect(stderr).to.contain(message);
    return refusal;
  };

  const setDay = async (text: string): Promise<void> => {
    await anvil.provider.send("evm_setNextBlockTimestamp", [timestampOfDay(day(text))]);
    await anvil.provider.send("evm_mine", []);
  };
  const endorsed = async (message: OracleMessage): Promise<string> => {
    const { chainId } = await anvil.provider.getNetwork();
    return ORACLE.signingKey.sign(digestOf({ chainId, address }, message)).serialized;
  };
  /** Two patients below six months, and of `second` one of them not evaluable. */
  const report = async (clause: number, number: number, today: string): Promise<void> => {
    const notEvaluable = clause === 2 ? 1 : 0;
    const tallies = [
      { patients: 2 - notEvaluable, sum: 0n },
      { patients: 0, sum: 0n },
    ];
    const asOfDay = day(today);
    const message = {
      clause,
      cohort: 0,
      number,
      asOfDay,
      tallies,
      notEvaluable,
      root: ZeroHash as `0x${string}`,
      lastDay: asOfDay + 3,
    };
    const endorsement = await endorsed({ kind: "milestone", message });
    await (await contract.reportMilestone(message, endorsement, 1)).wait();
  };

  before(async () => {
    anvil = await startAnvil("--timestamp", String(timestampOfDay(day("2026-01-01"))));
    folder = mkdtempSync(join(tmpdir(), "agreement-"));
    mkdirSync(join(folder, "signatures"));
    writeFileSync(join(folder, "terms.yaml"), SHEET);
    writeFileSync(join(folder, "bind.yaml"), BINDINGS);
    const relayer = RELAYER.connect(anvil.provider);
    const factory = await (await new AgreementFactory__factory(relayer).deploy()).waitForDeployment();
    // Four decimals more than the currency: amounts on the command line stay those of the currency.
    const token = await (await new PlainToken__factory(relayer).deploy(6)).waitForDeployment();
    for (const { address: holder } of [PAYER, MAKER]) await (await token.mint(holder, 5_000_000_000n)).wait();
    venue = ["--factory", await factory.getAddress(), "--token", await token.getAddress()];
    sheet = ["--terms", join(folder, "terms.yaml"), "--bind", join(folder, "bind.yaml")];
  });
  after(() => {
    anvil.stop();
    rmSync(folder, { recursive: true });
  });

  it("tells digest and address without a chain and with one, the factory agreeing", async () => {
    const hash = ["terms", "hash", join(folder, "terms.yaml"), ...venue, "--json", "--bind", join(folder, "bind.yaml")];
    const [offline, online, unbound, wrongDecimals] = await Promise.all([
      outcomepay([...hash, "--chain-id", "31337", "--token-decimals", "6"]),
      outcomepay(hash, { OUTCOMEPAY_RPC_URL: anvil.url }),
      outcomepay([...hash.slice(0, -2), "--chain-id", "31337"]),
      outcomepay([...hash, "--rpc", anvil.url, "--token-decimals", "2"]),
    ]);
    const told = done(offline);
    expect(told["comparedWithFactory"]).to.equal(false);
    expect({ ...told, comparedWithFactory: true }).to.deep.equal(done(online));
    address = getAddress(String(told["agreement"]));
    expect(unbound.status).to.equal(2);
    for (const name of ["payer/Basic insurance", "oracle", "arbiter", "--bind"])
      expect(unbound.stderr).to.contain(name);
    expect(wrongDecimals.status).to.equal(2);
    expect(wrongDecimals.stderr).to.contain("the token has 6");
  });

  it("is signed by each party and created once all have", async () => {
    const out = (name: string): string => join(folder, "signatures", `${name}.json`);
    const sign = ["agreement", "sign", ...sheet, ...venue];
    const keystore = join(folder, "maker.keystore");
    writeFileSync(
      keystore,
      encryptKeystoreJsonSync({ address: MAKER.address, privateKey: MAKER.privateKey }, "secret", {
        scrypt: { N: 2, r: 1, p: 1 },
      }),
    );
    const [payer, maker, stranger, noKey] = await Promise.all([
      outcomepay([...sign, "--rpc", anvil.url, "--out", out("payer")], key(PAYER)),
      outcomepay(
        [...sign, "--chain-id", "31337", "--token-decimals", "6", "--keystore", keystore, "--password-env", "PW"],
        { PW: "secret" },
      ),
      outcomepay([...sign, "--chain-id", "31337", "--token-decimals", "6"], key(ARBITER)),
      outcomepay([...sign, "--chain-id", "31337", "--token-decimals", "6"]),
    ]);
    expect([payer.status, maker.status], payer.stderr + maker.stderr).to.deep.equal([0, 0]);
    expect(stranger.status).to.equal(2);
    expect(stranger.stderr).to.contain("payer/Basic insurance");
    expect(noKey.status).to.equal(2);
    expect(noKey.stderr).to.contain("OUTCOMEPAY_KEY is not set");

    writeFileSync(out("maker"), maker.stdout);
    const signed = JSON.parse(maker.stdout) as Record<string, string>;
    const forged = (name: string, overrides: Record<string, string>): string => {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify({ ...signed, ...overrides }));
      return path;
    };
    const { signature } = JSON.parse(readFileSync(out("payer"), "utf8")) as { signature: string };
    const [missing, otherTerms, otherSigner] = await Promise.all([
      outcomepay(create(out("payer")), key(RELAYER)),
      outcomepay(create(forged("terms", { digest: ZeroHash })), key(RELAYER)),
      outcomepay(create(out("payer"), forged("signer", { signature })), key(RELAYER)),
    ]);
    expect([missing.status, otherTerms.status, otherSigner.status]).to.deep.equal([2, 2, 2]);
    expect(missing.stderr).to.contain("none of manufacturer/Maker");
    expect(otherTerms.stderr).to.contain("other terms");
    expect(otherSigner.stderr).to.contain("is not that of manufacturer/Maker");
    const created = done(await outcomepay(create(join(folder, "signatures")), key(RELAYER)));
    expect(created["agreement"]).to.equal(address);
    expect(await anvil.provider.getCode(address)).to.not.equal("0x");
    contract = OutcomeAgreement__factory.connect(address, RELAYER.connect(anvil.provider));
  });

  it("takes money, shows it in currency units and gives back only what is free", async () => {
    const [payer, maker, tooMuch, notExact, again] = await Promise.all([
      outcomepay(on("fund", "--party", "payer/Basic insurance", "--amount", "2500.00"), key(PAYER)),
      outcomepay(on("fund", "--party", "manufacturer", "--amount", "1200.50"), key(MAKER)),
      outcomepay(on("fund", "--party", "payer", "--amount", "9000"), key(ARBITER)),
      outcomepay(on("fund", "--party", "payer", "--amount", "0.001"), key(PAYER)),
      outcomepay(create(join(folder, "signatures")), key(RELAYER)),
    ]);
    expect(refused(again), "the agreement exists").to.equal(null);
    expect(done(payer)).to.deep.include({ funded: "2500", held: "2500", free: "2500" });
    expect(done(maker)).to.deep.include({ funded: "1200.50" });
    expect(refused(tooMuch)).to.equal(null);
    expect(notExact.status).to.equal(2);

    const indexedDay = day("2026-01-01");
    const message = {
      cohort: 0,
      number: 1,
      patients: 2,
      indexedDay,
      root: ZeroHash as `0x${string}`,
      lastDay: indexedDay,
    };
    await (await contract.enrol(message, await endorsed({ kind: "enrolment", message }), "0x")).wait();
    const { accounts } = await status();
    expect(accounts.map(({ party, held, locked: l, free: f }) => `${party}: ${held} ${l} ${f}`)).to.deep.equal([
      "payer/Basic insurance: 500 25 475",
      "manufacturer/Maker: 3200.50 1202 1998.50",
    ]);
    const [locked, notHolder, free] = await Promise.all([
      outcomepay(on("withdraw", "--amount", "475.01"), key(PAYER)),
      outcomepay(on("withdraw", "--amount", "1", "--party", "payer"), key(ARBITER)),
      outcomepay(on("withdraw", "--all", "--to", RELAYER.address), key(MAKER)),
    ]);
    expect(refused(locked)).to.equal("InsufficientEscrow");
    expect(locked.stderr).to.contain("payer/Basic insurance holds CNY 500, CNY 500.01 are needed");
    expect(refused(notHolder)).to.equal("NotHolder");
    expect(done(free)).to.deep.include({ withdrawn: "1998.50", held: "1202", free: "0" });
  });

  it("lets a party dispute a report and the arbiter rule", async () => {
    await setDay("2026-07-10");
    await report(1, 1, "2026-07-10");
    const refund = ["--clause", "refund"];
    const [early, unchallenged, notArbiter] = await Promise.all([
      outcomepay(on("settle", ...refund), key(RELAYER)),
      outcomepay(on("rule", ...refund, "--uphold"), key(ARBITER)),
      outcomepay(on("rule", ...refund, "--reject"), key(MAKER)),
    ]);
    expect(refused(early)).to.equal("ChallengeWindowOpen");
    expect(refused(unchallenged)).to.equal("NotChallenged");
    expect(refused(notArbiter)).to.equal("NotArbiter");
    const challenge = done(await outcomepay(on("challenge", ...refund, "--number", "1"), key(PAYER)));
    expect(challenge).to.deep.include({ challenger: "payer/Basic insurance", bond: "10" });
    expect(challenge["report"]).to.deep.include({ asOf: "2026-07-10", notEvaluable: 0 });
    done(await outcomepay(on("rule", ...refund, "--reject"), key(ARBITER)));

    await report(1, 2, "2026-07-10");
    await report(2, 1, "2026-07-10");
    done(await outcomepay(on("challenge", ...refund), key(PAYER)));
    const { clauses } = await status();
    expect(
      clauses.map(({ clause, assessed, pending, due }) => `${clause}: ${assessed} ${pending} ${due}`),
    ).to.deep.equal(["treatment: 2 0 0", "refund: 0 2 0", "second: 0 2 0", "silent: 0 0 2", "later: 0 0 2"]);
    expect(clauses[1]?.reports.map(({ number, challenger }) => [number, challenger])).to.deep.equal([
      [2, "payer/Basic insurance"],
    ]);
    done(await outcomepay(on("rule", ...refund, "--uphold"), key(ARBITER)));
    // 2 × 500 refunded; the bond went to the other side.
    expect(await heldAndLocked()).to.deep.equal([
      [149_000n, 2_500n],
      [21_200n, 20_200n],
    ]);
  });

  it("is brought to an end by anyone, and every movement is listed", async () => {
    await setDay("2026-07-18");
    const [settled, known, early] = await Promise.all([
      outcomepay(on("settle", "--clause", "second", "--cohort", "2026"), key(RELAYER)),
      outcomepay(on("settle", "--clause", "later"), key(ARBITER)),
      outcomepay(on("lapse", "--clause", "silent"), key(MAKER)),
    ]);
    expect(refused(early)).to.equal("ReportingWindowOpen");
    expect(done(settled)).to.deep.include({ patients: 2, from: "manufacturer", to: "payer", paid: "130" });
    expect(done(known)).to.deep.include({ patients: 2, from: "payer", to: "manufacturer", paid: "25" });

    await setDay("2026-09-10");
    const { clauses } = await status();
    expect(clauses.map(({ clause, overdue }) => `${clause}: ${overdue}`)).to.include("silent: 2");
    const lapsed = done(await outcomepay(on("lapse", "--clause", "silent"), key(RELAYER)));
    expect(lapsed).to.deep.include({ patients: 2, from: "manufacturer", to: "payer", paid: "1" });

    const [listed, byPosition, unknown, nobody] = await Promise.all([
      outcomepay(on("statement")),
      outcomepay(["agreement", "status", "--agreement", address], { OUTCOMEPAY_RPC_URL: anvil.url }),
      outcomepay(on("lapse", "--clause", "refnd"), key(RELAYER)),
      outcomepay(["agreement", "status", "--agreement", RELAYER.address, "--rpc", anvil.url]),
    ]);
    expect(byPosition.stdout).to.match(/account 0 +0x\w+ +on-request +\d/);
    expect(byPosition.stdout).to.match(/clause 3 +cohort 0 +milestone +account 1 +account 0 +settled +2 +0 +0 +0 +1\n/);
    const { movements } = JSON.parse(listed.stdout) as { movements: Record<string, string>[] };
    const told = movements.map(({ what, clause, from, amount }) => `${what} ${clause ?? from}: ${amount}`);
    expect(told.sort()).to.deep.equal([
      "bond refund: 10",
      "enrolled treatment: 2000",
      "lapsed silent: 1",
      `paid in ${MAKER.address}: 1200.50`,
      `paid in ${PAYER.address}: 2500`,
      "settled later: 25",
      "settled refund: 1000",
      "settled second: 130",
      "withdrawn manufacturer/Maker: 1998.50",
    ]);
    expect([unknown.status, unknown.stderr.includes('did you mean "refund"')]).to.deep.equal([2, true]);
    expect([nobody.status, nobody.stderr.includes("no contract")]).to.deep.equal([2, true]);
  });
});
