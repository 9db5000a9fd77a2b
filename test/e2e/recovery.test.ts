import { expect } from "chai";

import { startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { faultyRpc, type Decide, type FaultyRpc, type RpcRequest, type Seen } from "../oracle/chain/faultyRpc.ts";
import { OPERATOR, standUp, START, type Operator } from "./operator.ts";

/** Every request of two passes, instead of a sample of one. */
const DEEP = process.env["RECOVERY"] === "deep";

describe("an operator's process that is killed with SIGKILL", function () {
  this.timeout(DEEP ? 3_600_000 : 120_000);
  let anvil: Anvil;
  let rpc: FaultyRpc;
  let operator: Operator;
  let snapshot: unknown;
  /** Of one undisturbed pass. */
  let length = 0;

  before(async () => {
    anvil = await startAnvil("--timestamp", String(START));
    rpc = await faultyRpc(anvil.url);
    operator = await standUp(anvil.provider, rpc.url);
    snapshot = await anvil.provider.send("evm_snapshot", []);
    await done();
    length = rpc.requests.length;
  });
  after(async () => {
    operator.close();
    await rpc.stop();
    anvil.stop();
  });
  beforeEach(fresh);

  /** The chain before the first enrolment, and an operator who remembers nothing. */
  async function fresh(): Promise<void> {
    await anvil.provider.send("evm_revert", [snapshot]);
    snapshot = await anvil.provider.send("evm_snapshot", []);
    operator.forget();
    rpc.reset();
  }

  async function done(): Promise<void> {
    const { status, stderr } = await operator.pass();
    expect(status, stderr).to.equal(0);
  }

  /** A pass that is killed where `decide` says, when it says so. @returns whether it was. */
  async function killed(where: (...asked: Parameters<Decide>) => "before" | "after" | null): Promise<boolean> {
    rpc.reset();
    let isDead = false;
    rpc.decide = (request, seen) => {
      const when = isDead ? null : where(request, seen);
      if (when === null) return null;
      isDead = true;
      return { type: "dies", when, kill: () => running.kill() };
    };
    const running = operator.once();
    const { signal } = await running.ended;
    expect(signal).to.equal(isDead ? "SIGKILL" : null);
    rpc.reset();
    return isDead;
  }

  /** One more pass: the effects stand once, and nothing of the account is left on its way. */
  async function expectOnce(expected: Awaited<ReturnType<Operator["effects"]>>): Promise<void> {
    await done();
    expect(await operator.effects()).to.deep.equal(expected);
    const counts = ["latest", "pending"].map((tag) => anvil.provider.getTransactionCount(OPERATOR.address, tag));
    const [mined, pending] = await Promise.all(counts);
    expect(pending).to.equal(mined);
  }
  const ENROLLED = { enrolled: 1, reported: 0, paid: [100_000n, 0n] } as const;
  const REPORTED = { enrolled: 1, reported: 1, paid: [100_000n, 50_000n] } as const;

  /** The day on which the first report is due. */
  async function reportingDay(): Promise<void> {
    await anvil.provider.send("evm_setNextBlockTimestamp", [START + 211 * 86_400]);
    await anvil.provider.send("evm_mine", []);
  }

  const at =
    (asked: string, nth: number, when: "before" | "after") =>
    ({ method }: RpcRequest, { ofMethod }: Seen): "before" | "after" | null =>
      method === asked && ofMethod === nth ? when : null;

  const STEPS: readonly (readonly [string, string, number, "before" | "after"])[] = [
    ["after the call was planned, before it was signed", "eth_gasPrice", 1, "before"],
    ["after the transaction was signed and kept, before it was sent", "eth_sendRawTransaction", 1, "before"],
    ["after it was sent, before the answer came", "eth_sendRawTransaction", 1, "after"],
    ["after it was mined, before that was seen", "eth_getTransactionReceipt", 1, "before"],
    ["while it waits to be confirmed", "eth_getTransactionReceipt", 2, "after"],
  ];
  for (const [step, method, nth, when] of STEPS) {
    it(`${step}: the next pass brings the enrolment about once`, async () => {
      expect(await killed(at(method, nth, when))).to.equal(true);
      await expectOnce(ENROLLED);
    });
  }

  it("again and again, and its chain reorganised in between: the report lands once", async () => {
    await done();
    await reportingDay();
    expect(await killed(at("eth_sendRawTransaction", 1, "before"))).to.equal(true);
    // What was signed is handed over at the start of the next pass: it is killed there, and the block taken away.
    expect(await killed(at("eth_sendRawTransaction", 1, "after"))).to.equal(true);
    expect(await operator.effects()).to.deep.equal(REPORTED);
    await anvil.provider.send("anvil_reorg", [1, []]);
    expect(await operator.effects()).to.deep.equal(ENROLLED);
    await expectOnce(REPORTED);
  });

  it("or not: what a reorganisation of one to three blocks takes away lands again, once", async () => {
    await done();
    for (const depth of [1, 2, 3]) {
      if (depth > 1) await anvil.provider.send("anvil_mine", [depth - 1]);
      await anvil.provider.send("anvil_reorg", [depth, []]);
      expect((await operator.effects()).enrolled).to.equal(0);
      await expectOnce(ENROLLED);
    }
  });

  /** Kills a pass at its requests, one after the other, and sees that the next brings its effect about once. */
  async function killedAnywhere(
    length: number,
    sample: readonly number[],
    prepare: () => Promise<void>,
    expected: Parameters<typeof expectOnce>[0],
  ): Promise<void> {
    const every = Array.from({ length }, (_, i) => i + 1);
    for (const index of DEEP ? every : sample.map((part) => Math.ceil(part * length))) {
      for (const when of DEEP ? (["before", "after"] as const) : ([index % 2 === 0 ? "before" : "after"] as const)) {
        await fresh();
        await prepare();
        await killed((_, seen) => (seen.index === index ? when : null));
        await expectOnce(expected);
      }
    }
  }

  it("at any request of a pass that enrols", () =>
    killedAnywhere(length, [0.35, 0.7], () => Promise.resolve(), ENROLLED));

  it("at any request of a pass that reports", async function () {
    if (!DEEP) return this.skip();
    const prepare = async (): Promise<void> => {
      await done();
      await reportingDay();
    };
    await prepare();
    rpc.reset();
    await done();
    await killedAnywhere(rpc.requests.length, [], prepare, REPORTED);
  });
});
