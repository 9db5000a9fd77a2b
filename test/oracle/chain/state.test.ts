import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import type { JsonRpcApiProvider } from "ethers";

import { readAgreementState, type AgreementState } from "../../../oracle/chain/agreementState.ts";
import { ChainError } from "../../../oracle/chain/errors.ts";
import { openRpc } from "../../../oracle/chain/rpc/provider.ts";
import { startAnvil, type Anvil } from "../../../scripts/local/anvil.ts";
import { standUp, START, type Operator } from "../../e2e/operator.ts";
import { faultyRpc, type Decide, type Fate, type FaultyRpc } from "./faultyRpc.ts";
import { failureOf } from "./sending.ts";

type Log = Record<string, unknown>;

describe("reading an agreement's state", function () {
  this.timeout(30_000);
  let anvil: Anvil;
  let rpc: FaultyRpc;
  let operator: Operator;
  let provider: JsonRpcApiProvider;
  before(async () => {
    anvil = await startAnvil("--timestamp", String(START));
    rpc = await faultyRpc(anvil.url);
    operator = await standUp(anvil.provider, rpc.url);
    // Enrolled in this process: the state has a log of each kind that is tampered with below.
    await operator.once().ended;
    await anvil.provider.send("evm_increaseTime", [211 * 86_400]);
    await anvil.provider.send("evm_mine", []);
    await operator.once().ended;
    provider = await openRpc([rpc.url], { timeout: 1_000, sleep: () => delay(1) });
  });
  beforeEach(() => rpc.reset());
  after(async () => {
    provider.destroy();
    operator.close();
    await rpc.stop();
    anvil.stop();
  });

  const read = (): Promise<AgreementState> =>
    readAgreementState(provider, operator.id, operator.agreement, { fromBlock: 0, logRange: 10_000 });
  const always =
    (method: string, change: (result: unknown) => unknown): Decide =>
    (request) =>
      request.method === method ? { type: "lie", change } : null;
  const logs = (change: (found: Log[]) => Log[]): Decide =>
    always("eth_getLogs", (found) => change((found as Log[]).map((log) => ({ ...log }))));
  const edit = (fields: (log: Log) => Log): Decide =>
    logs((found) => found.map((log, i) => (i === found.length - 1 ? { ...log, ...fields(log) } : log)));

  it("shows what an honest server tells", async () => {
    const state = await read();
    expect(state.cohorts[0]?.patients).to.equal(1);
    expect(state.clause(1, 0).reports).to.have.length(1);
  });

  const LIES: readonly (readonly [string, Decide])[] = [
    ["leaves the newest logs out", logs((found) => found.slice(0, -1))],
    ["leaves the oldest logs out", logs((found) => found.slice(-1))],
    ["leaves all logs out", logs(() => [])],
    ["tells a log twice", logs((found) => [...found, ...found.slice(-1)])],
    ["tells the logs in another order", logs((found) => found.reverse())],
    ["brings in a log of another address", edit(() => ({ address: `0x${"ab".repeat(20)}` }))],
    ["brings in a log that was taken away", edit(() => ({ removed: true }))],
    ["brings in a log of a later block", edit(() => ({ blockNumber: "0xffff" }))],
    ["brings in a log of another branch", edit(() => ({ blockHash: `0x${"cd".repeat(32)}` }))],
    ["makes up another number of patients", edit((log) => ({ data: changeWord(String(log["data"]), 3, 9n) }))],
  ];
  for (const [what, decide] of LIES) {
    it(`waits when a server ${what}`, async () => {
      rpc.decide = decide;
      const error = await failureOf(read());
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
    });
  }

  it("is repeated when a reorganisation comes between two of its reads", async () => {
    const snapshot = (await anvil.provider.send("evm_snapshot", [])) as unknown;
    await anvil.provider.send("anvil_mine", ["0x2"]);
    let isDone = false;
    const after = new Promise<void>((resolve) => {
      rpc.decide = ({ method }) => {
        if (method !== "eth_getLogs" || isDone) return null;
        isDone = true;
        const kill = async (): Promise<void> => {
          await anvil.provider.send("anvil_reorg", [2, []]);
          resolve();
        };
        // The connection breaks while the chain changes: the request is asked again after that.
        return { type: "dies", when: "before", kill } satisfies Fate;
      };
    });
    const state = await read();
    await after;
    expect(state.cohorts[0]?.patients).to.equal(1);
    expect(rpc.requests.filter(({ method }) => method === "eth_getLogs")).to.have.length(3);
    await anvil.provider.send("evm_revert", [snapshot]);
  });

  it("waits when the server is of another chain by now", async () => {
    rpc.decide = always("eth_chainId", () => "0x1");
    const error = await failureOf(read());
    expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect(error.message).to.contain("chain 1");
  });

  it("waits when the server knows nothing of the agreement", async () => {
    rpc.decide = always("eth_call", () => "0x");
    expect(await failureOf(read()))
      .to.be.instanceOf(ChainError)
      .with.property("retry", "wait");
  });
});

/** Replaces one 32-byte word of a log's data. */
function changeWord(data: string, word: number, value: bigint): string {
  const at = 2 + 64 * word;
  return data.slice(0, at) + value.toString(16).padStart(64, "0") + data.slice(at + 64);
}
