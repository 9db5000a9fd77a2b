import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { ZeroHash } from "ethers";

import { encodeEndorsements } from "../../oracle/endorse/encode.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { digestOf } from "../../oracle/report/messages.ts";
import { CAST } from "../../scripts/demo/cast.ts";
import { createAgreement, deployStage, fund, type Staged } from "../../scripts/demo/stage.ts";
import { account, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { parseDay, timestampOfDay } from "../../terms/calendar.ts";
import { outcomepay, type Ended } from "./outcomepay.ts";

const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Fund }]
  manufacturer: [{ name: Maker }]
oracle: { reportWithin: 60d, challengeWindow: 7d, challengeBond: 10, arbiter: Board }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
`;
const OPENS = parseDay("2026-01-01") ?? 0;
const STRANGER = account(4);

type Key = typeof STRANGER;

describe("what all parties sign, on the command line", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "joint-"));
  let anvil: Anvil;
  let staged: Staged;
  let flags: string[];

  const key = ({ privateKey }: Key): Record<string, string> => ({ OUTCOMEPAY_KEY: privateKey });
  const run = (command: string, args: readonly string[], by: Key): Promise<Ended> =>
    outcomepay(["agreement", command, ...flags, "--json", ...args], key(by));
  const done = ({ status, stdout, stderr }: Ended): Record<string, unknown> => {
    expect(status, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const refused = ({ status, stdout, stderr }: Ended): unknown => {
    expect(status, stderr).to.equal(1);
    return (JSON.parse(stdout) as { refusal: unknown }).refusal;
  };
  /** Both parties sign; returns the flags that send it. */
  const signed = async (
    name: string,
    command: string,
    args: readonly string[],
    maker = CAST.maker,
  ): Promise<string[]> => {
    const files = [CAST.fund, maker].map((party, i) => ({ party, file: join(folder, `${name}-${i}.json`) }));
    await Promise.all(files.map(async ({ party, file }) => done(await run(command, [...args, "--out", file], party))));
    return [...args, "--signatures", ...files.map(({ file }) => file)];
  };
  const lastDay = ["--last-day", "2026-12-31"];

  before(async () => {
    anvil = await startAnvil("--timestamp", String(timestampOfDay(OPENS)));
    const stage = await deployStage(anvil.provider);
    staged = await createAgreement(stage, SHEET);
    await fund(stage, staged, 0, CAST.fund, 300_000n, "fund");
    writeFileSync(join(folder, "terms.yaml"), staged.sheet);
    flags = ["--agreement", staged.address, "--rpc", anvil.url, "--terms", join(folder, "terms.yaml")];
    const { chainId } = await anvil.provider.getNetwork();
    const root = ZeroHash as Hex;
    const message = { cohort: 0, number: 1, patients: 2, indexedDay: OPENS, root, lastDay: OPENS + 1 };
    const digest = digestOf({ chainId, address: staged.address }, { kind: "enrolment", message });
    const endorsement = encodeEndorsements(
      CAST.operators.slice(0, 3).map(({ address, signingKey }) => ({
        signer: address,
        signature: signingKey.sign(digest).serialized as Hex,
      })),
    );
    await (await staged.contract.enrol(message, endorsement, "0x")).wait();
  });
  after(() => {
    anvil.stop();
    rmSync(folder, { recursive: true });
  });

  it("settles a patient at a total that both agreed on, sent by anyone", async () => {
    const args = ["--clause", "refund", "--patients", "1", "--total", "123.45", ...lastDay];
    const send = await signed("agree", "agree", args);
    const one = await run("agree", [...args, "--signatures", join(folder, "agree-0.json")], STRANGER);
    expect([one.status, one.stderr.includes("none of manufacturer/Maker")]).to.deep.equal([2, true]);
    const other = await run(
      "agree",
      send.map((it) => (it === "123.45" ? "123.46" : it)),
      STRANGER,
    );
    expect([other.status, other.stderr.includes("signed act 1")]).to.deep.equal([2, true]);
    expect(done(await run("agree", send, STRANGER))["act"]).to.contain(
      "refund, 2026, 1 patients: manufacturer pays payer CNY 123.45",
    );
    const { assessed, total } = await staged.contract.clauseState(1, 0);
    expect([assessed, total]).to.deep.equal([1n, 12_345n]);
    const again = await run("agree", send, STRANGER);
    expect([again.status, again.stderr.includes("the next act is 2")]).to.deep.equal([2, true]);

    const beyond = ["--clause", "refund", "--patients", "1", "--total", "500.01", ...lastDay];
    expect(refused(await run("agree", await signed("beyond", "agree", beyond), STRANGER))).to.equal("TotalOutsideLock");
  });

  it("moves free balance between accounts", async () => {
    const args = [
      "--move",
      "payer/Fund",
      "manufacturer",
      "20",
      "--move",
      "manufacturer/Maker",
      "payer",
      "5.50",
      ...lastDay,
    ];
    const before = await staged.contract.accountOf(0);
    const sent = done(await run("release", await signed("release", "release", args), STRANGER));
    expect(sent["act"]).to.contain("CNY 20 from payer/Fund to manufacturer/Maker; CNY 5.50 from manufacturer/Maker");
    expect((await staged.contract.accountOf(0)).balance).to.equal(before.balance - 1_450n);
    const odd = await run("release", ["--move", "payer", "20", ...lastDay], CAST.fund);
    expect([odd.status, odd.stderr.includes("FROM TO AMOUNT")]).to.deep.equal([2, true]);
  });

  it("appoints a new oracle, and neither party", async () => {
    const party = ["--oracle", CAST.fund.address, ...lastDay];
    expect(refused(await run("appoint", await signed("party", "appoint", party), STRANGER))).to.equal("InvalidHolder");
    const args = ["--oracle", STRANGER.address, ...lastDay];
    done(await run("appoint", await signed("appoint", "appoint", args), CAST.maker));
    expect(await staged.contract.oracle()).to.equal(STRANGER.address);
    expect(await staged.contract.arbiter()).to.equal(CAST.board.address);
  });

  it("hands an account over, whose new holder signs from then on", async () => {
    const heir = account(9);
    const stranger = await run("assign", ["--to", heir.address], STRANGER);
    expect(stranger.status).to.equal(2);
    done(await run("assign", ["--to", heir.address], CAST.maker));
    expect((await staged.contract.accountOf(1)).holder).to.equal(heir.address);
    const noMore = await run("terminate", lastDay, CAST.maker);
    expect([noMore.status, noMore.stderr.includes(heir.address)]).to.deep.equal([2, true]);

    const late = await signed("late", "terminate", ["--last-day", "2025-12-31"], heir);
    expect(refused(await run("terminate", late, STRANGER))).to.equal("Expired");
    const send = await signed("end", "terminate", lastDay, heir);
    const forged = join(folder, "forged.json");
    const file = readFileSync(join(folder, "end-1.json"), "utf8");
    const { signature } = JSON.parse(readFileSync(join(folder, "end-0.json"), "utf8")) as { signature: string };
    writeFileSync(forged, JSON.stringify({ ...(JSON.parse(file) as object), signature }));
    const wrong = await run("terminate", [...send.slice(0, -1), forged], STRANGER);
    expect([wrong.status, wrong.stderr.includes("is not that of manufacturer/Maker")]).to.deep.equal([2, true]);
    done(await run("terminate", send, STRANGER));
    expect(await staged.contract.terminated()).to.equal(true);
  });
});
