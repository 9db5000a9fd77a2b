import { expect } from "chai";

import { startAnvil, type Anvil } from "../../scripts/local/anvil.ts";
import { faultyRpc, type Decide, type FaultyRpc } from "../oracle/chain/faultyRpc.ts";
import { OPERATOR, standUp, START, type Operator, type PassResult, type Running } from "./operator.ts";

/** Every request of a pass, instead of a sample. */
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
    await done(operator.once());
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

  async function done(running: Running): Promise<PassResult> {
    const result = await running.ended;
    expect(result.status, result.stderr).to.equal(0);
    return result;
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

  /** One more pass: the enrolment stands once, and nothing of the account is left on its way. */
  async function expectOneEnrolment(): Promise<void> {
    await done(operator.once());
    expect(await operator.effects()).to.deep.equal({ enrolled: 1, reported: 0, paid: [100_000n, 0n] });
    const counts = ["latest", "pending"].map((tag) => anvil.provider.getTransactionCount(OPERATOR.address, tag));
    const [mined, pending] = await Promise.all(counts);
    expect(pending).to.equal(mined);
  }

  const STEPS: readonly (readonly [string, string, number, "before" | "after"])[] = [
    ["after the call was planned, before it was signed", "eth_gasPrice", 1, "before"],
    ["after the transaction was signed and kept, before it was sent", "eth_sendRawTransaction", 1, "before"],
    ["after it was sent, before the answer came", "eth_sendRawTransaction", 1, "after"],
    ["after it was mined, before that was seen", "eth_getTransactionReceipt", 1, "before"],
    ["while it waits to be confirmed", "eth_getTransactionReceipt", 2, "after"],
  ];
  for (const [step, method, ofMethod, when] of STEPS) {
    it(`${step}: the next pass brings the enrolment about once`, async () => {
      const isDead = await killed((request, seen) =>
        request.method === method && seen.ofMethod === ofMethod ? when : null,
      );
      expect(isDead).to.equal(true);
      await expectOneEnrolment();
    });
  }

  it("at any request of a pass: the next pass brings the enrolment about once", async function () {
    const every = Array.from({ length }, (_, i) => i + 1);
    const sample = [0.35, 0.7].map((part) => Math.ceil(part * length));
    for (const index of DEEP ? every : sample) {
      for (const when of DEEP ? (["before", "after"] as const) : ([index % 2 === 0 ? "before" : "after"] as const)) {
        await fresh();
        await killed((_, seen) => (seen.index === index ? when : null));
        await expectOneEnrolment();
      }
    }
  });
});
