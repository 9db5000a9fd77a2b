import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import type { JsonRpcApiProvider } from "ethers";

import { ChainError, explainChainError } from "../../../oracle/chain/errors.ts";
import { RpcFault } from "../../../oracle/chain/rpc/endpoint.ts";
import { openRpc } from "../../../oracle/chain/rpc/provider.ts";
import { account, startAnvil, type Anvil } from "../../../scripts/local/anvil.ts";
import { faultyRpc, type Decide, type Fate, type FaultyRpc } from "./faultyRpc.ts";
import { failureOf } from "./sending.ts";

describe("the chain behind JSON-RPC", function () {
  this.timeout(30_000);
  let anvil: Anvil;
  let servers: FaultyRpc[];
  before(async () => {
    anvil = await startAnvil();
    servers = await Promise.all([1, 2, 3].map(() => faultyRpc(anvil.url)));
  });
  beforeEach(() => servers.forEach((server) => server.reset()));
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    anvil.stop();
  });

  const waits: number[] = [];
  const options = {
    timeout: 200,
    sleep: (milliseconds: number) => {
      waits.push(milliseconds);
      return delay(1);
    },
  };
  const open = (count: number, quorum?: number): Promise<JsonRpcApiProvider> =>
    openRpc(
      servers.slice(0, count).map(({ url }) => url),
      quorum === undefined ? options : { ...options, quorum },
    );
  const server = (i: number): FaultyRpc => {
    const found = servers[i];
    if (found === undefined) throw new RangeError(`no server ${i}`);
    return found;
  };
  /** The first requests of a method meet a fate, later ones pass. */
  const first =
    (times: number, method: string, fate: Fate): Decide =>
    (request, { ofMethod }) =>
      request.method === method && ofMethod <= times ? fate : null;

  const FAULTS: readonly (readonly [string, Fate])[] = [
    ["comes too late", { type: "late", milliseconds: 400 }],
    ["is lost before the request arrived", { type: "lost", when: "before" }],
    ["is lost after it took effect", { type: "lost", when: "after" }],
    ["is status 500", { type: "status", status: 500, body: "oops" }],
    ["is status 429", { type: "status", status: 429 }],
    ["is an error of an overloaded server", { type: "refusal", code: -32_005, message: "limit exceeded" }],
    ["is no JSON", { type: "text", change: () => "<html>" }],
    ["breaks off", { type: "text", change: (body) => body.slice(0, -4) }],
    ["is of another request", { type: "text", change: (body) => body.replace(/"id":\d+/, '"id":999999') }],
    ["has neither result nor error", { type: "text", change: () => '{"jsonrpc":"2.0","id":1}' }],
  ];
  for (const [what, fate] of FAULTS) {
    it(`is asked again when an answer ${what}, and fails as a fault that passes when it stays so`, async () => {
      const provider = await open(1);
      server(0).decide = first(2, "eth_blockNumber", fate);
      expect(await provider.getBlockNumber()).to.equal(0);
      server(0).decide = first(100, "eth_blockNumber", fate);
      const error = await failureOf(provider.getBlockNumber());
      expect(error).to.be.instanceOf(RpcFault);
      expect(explainChainError(error).retry).to.equal("wait");
      provider.destroy();
    });
  }

  it("names a server by its host, never by the rest of its URL", async () => {
    server(0).decide = () => ({ type: "status", status: 500 });
    const url = server(0).url.replace("http://", "http://user:pass@") + "/api-key";
    const error = await failureOf(openRpc([url], options));
    expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect(error.message)
      .to.match(/127\.0\.0\.1/)
      .and.not.match(/user|pass|api-key/);
  });

  it("hands a server's refusals over as they are", async () => {
    const provider = await open(1);
    server(0).decide = first(1, "eth_call", { type: "refusal", code: 3, message: "execution reverted" });
    const error = await failureOf(provider.call({ to: `0x${"11".repeat(20)}` }));
    expect(error).not.to.be.instanceOf(RpcFault);
    expect(server(0).requests.filter(({ method }) => method === "eth_call")).to.have.length(1);
    provider.destroy();
  });

  describe("of several servers", () => {
    const address = `0x${"22".repeat(20)}`;
    const lie: Decide = ({ method }) => (method === "eth_getBalance" ? { type: "lie", change: () => "0xffff" } : null);

    it("takes what more than half of them say, whatever the others do", async () => {
      const provider = await open(3);
      for (const decide of [lie, first(99, "eth_getBalance", { type: "lost", when: "before" })]) {
        server(1).decide = decide;
        expect(await provider.getBalance(address)).to.equal(0n);
      }
      provider.destroy();
    });

    it("takes nothing on which too few agree", async () => {
      const provider = await open(2);
      server(0).decide = lie;
      const error = await failureOf(provider.getBalance(address));
      expect(error).to.be.instanceOf(RpcFault);
      expect(error.message).to.contain("2 of 2 servers must agree");
      provider.destroy();
    });

    it("asks about the latest block that a quorum has when one is behind or ahead", async () => {
      const provider = await open(3);
      await anvil.provider.send("anvil_mine", ["0x5"]);
      const head = await anvil.provider.getBlockNumber();
      for (const [ofOne, expected] of [
        ["0x0", head],
        ["0xffffff", head],
      ] as const) {
        server(2).decide = ({ method }) => (method === "eth_blockNumber" ? { type: "lie", change: () => ofOne } : null);
        expect(await provider.getBlockNumber()).to.equal(expected);
        expect((await provider.getBlock("latest"))?.number).to.equal(expected);
      }
      provider.destroy();
    });

    it("hands a transaction to all of them, and is content with one that takes it", async () => {
      const provider = await open(3);
      for (const i of [0, 1]) server(i).decide = first(99, "eth_sendRawTransaction", { type: "status", status: 500 });
      const wallet = account(4).connect(provider);
      const { hash } = await wallet.sendTransaction({ to: wallet.address });
      expect(await anvil.provider.getTransactionReceipt(hash)).not.to.equal(null);
      provider.destroy();
    });

    it("lets no server alone make gas dear", async () => {
      const provider = await open(3);
      const { gasPrice } = await provider.getFeeData();
      server(0).decide = ({ method }) =>
        method === "eth_gasPrice" || method === "eth_maxPriorityFeePerGas"
          ? { type: "lie", change: () => `0x${"f".repeat(20)}` }
          : null;
      for (let i = 0; i < 5; i++) expect((await provider.getFeeData()).gasPrice).to.equal(gasPrice);
      provider.destroy();
    });

    it("starts with a quorum of them, and not with servers of different chains", async () => {
      server(0).decide = () => ({ type: "lost", when: "before" });
      (await open(3)).destroy();
      expect(await failureOf(open(2)))
        .to.be.instanceOf(ChainError)
        .with.property("retry", "wait");
      server(0).decide = ({ method }) => (method === "eth_chainId" ? { type: "lie", change: () => "0x1" } : null);
      expect(await failureOf(open(3)))
        .to.be.instanceOf(ChainError)
        .with.property("retry", "final");
    });
  });

  it("waits longer from try to try, and as long as the server asks", () => {
    expect(waits).to.include.members([150, 300, 600]);
  });
});
