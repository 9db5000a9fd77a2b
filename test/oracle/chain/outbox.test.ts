import { expect } from "chai";
import fc from "fast-check";

import { holderOf } from "../../../oracle/chain/holder.ts";
import {
  memoryOutbox,
  type Attempt,
  type CallState,
  type Outbox,
  type PlannedCall,
} from "../../../oracle/chain/outbox.ts";
import { openStores } from "../../../oracle/store/stores.ts";
import { onBothDatabases } from "../store/databases.ts";

const ACCOUNT = { chainId: 2n ** 64n, address: "0x00000000000000000000000000000000000000A1" };
const OTHER = { ...ACCOUNT, chainId: 1n };
const planned = (nonce: number, intent = "enrol cohort 0 number 1"): PlannedCall => ({
  nonce,
  to: "0x00000000000000000000000000000000000000B2",
  data: "0x1234",
  intent,
});
const nobody: (holder: string) => boolean = () => false;

const hex = (bytes: number): fc.Arbitrary<`0x${string}`> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((it) => `0x${Buffer.from(it).toString("hex")}` as const);
const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const attempt: fc.Arbitrary<Attempt> = fc.record({
  hash: hex(32),
  raw: hex(120),
  fees: fc.oneof(fc.record({ gasPrice: amount }), fc.record({ maxFeePerGas: amount, maxPriorityFeePerGas: amount })),
  gasLimit: amount,
  at: fc.nat(2 ** 45),
});

function outboxTests(open: () => Promise<{ outbox: Outbox; close: () => Promise<void> }>): void {
  let outbox: Outbox;
  let close: () => Promise<void>;
  beforeEach(async () => ({ outbox, close } = await open()));
  afterEach(() => close());

  it("reads back calls with every transaction signed for them, oldest first", async () => {
    let nonce = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 4 }), async (attempts) => {
        const call = await outbox.plan(ACCOUNT, planned((nonce += 1)), 1);
        expect(call).to.deep.include({ ...planned(nonce), state: "planned", block: null, attempts: [] });
        for (const it of attempts) await outbox.keepAttempt(call.id, it);
        const found = (await outbox.unfinished(ACCOUNT)).find(({ id }) => id === call.id);
        expect(found).to.deep.equal({ ...call, state: "signed", attempts });
      }),
      { numRuns: 20 },
    );
  });

  it("lists what is unfinished by nonce, then by age, of one account", async () => {
    const states: CallState[] = ["planned", "signed", "mined", "confirmed", "superseded", "dropped"];
    const ids = new Map<CallState, number>();
    for (const [i, state] of states.entries()) {
      const { id } = await outbox.plan(ACCOUNT, planned(10 - i), 1);
      await outbox.mark(id, state, null);
      ids.set(state, id);
    }
    const second = await outbox.plan(ACCOUNT, planned(10), 2);
    await outbox.plan(OTHER, planned(1), 1);
    expect((await outbox.unfinished(ACCOUNT)).map(({ id }) => id)).to.deep.equal([
      ids.get("mined"),
      ids.get("signed"),
      ids.get("planned"),
      second.id,
    ]);
  });

  it("knows the call with the highest nonce that is in a block", async () => {
    expect(await outbox.newest(ACCOUNT)).to.equal(null);
    const block = { number: 7, hash: "0xaa" };
    for (const [nonce, state] of [
      [1, "confirmed"],
      [3, "mined"],
      [2, "confirmed"],
      [4, "signed"],
      [5, "dropped"],
    ] as const) {
      const { id } = await outbox.plan(ACCOUNT, planned(nonce), 1);
      await outbox.mark(id, state, block);
    }
    expect(await outbox.newest(ACCOUNT)).to.deep.include({ nonce: 3, state: "mined", block });
    expect(await outbox.newest(OTHER)).to.equal(null);
  });

  it("gives the account to one holder at a time, until it is given back, runs out, or its holder is gone", async () => {
    const lease = (holder: string, now: number, isGone = nobody): Promise<string | null> =>
      outbox.lease(ACCOUNT, holder, { now, until: now + 10 }, isGone);
    expect(await lease("a", 0)).to.equal(null);
    expect(await lease("b", 5)).to.equal("a");
    expect(await lease("a", 5), "prolonged").to.equal(null);
    expect(await lease("b", 12)).to.equal("a");
    expect(await outbox.lease(OTHER, "b", { now: 0, until: 10 }, nobody), "another chain").to.equal(null);
    await outbox.release(ACCOUNT, "b");
    expect(await lease("b", 12), "somebody else's is not given back").to.equal("a");
    expect(await lease("b", 12, (holder) => holder === "a")).to.equal(null);
    await outbox.release(ACCOUNT, "b");
    expect(await lease("c", 13)).to.equal(null);
    expect(await lease("a", 23), "run out").to.equal(null);
  });

  it("gives it to one of many who want it at once", async () => {
    const wanted = Array.from({ length: 10 }, (_, i) => outbox.lease(ACCOUNT, `h${i}`, { now: 0, until: 9 }, nobody));
    const found = await Promise.all(wanted);
    expect(found.filter((holder) => holder === null)).to.have.length(1);
    const winner = `h${found.indexOf(null)}`;
    expect(found.filter((holder) => holder === winner)).to.have.length(9);
  });
}

describe("an outbox in memory", () =>
  outboxTests(() => Promise.resolve({ outbox: memoryOutbox(), close: () => Promise.resolve() })));

onBothDatabases("an outbox", (database) =>
  outboxTests(async () => {
    const { outbox, database: opened } = await openStores(await database.fresh(), "test");
    return { outbox, close: () => opened.close() };
  }),
);

describe("a holder of an account", () => {
  const here = { host: "a b (c)", pid: 7, started: 1_000 };
  const alive = (pid: number): boolean => pid === 8 || pid === 7;

  it("is gone when its process on this machine is; of other machines nothing is known", () => {
    const { holder, isGone } = holderOf(here, "1", alive);
    const named = (of: Partial<typeof here>, service = "2"): string =>
      holderOf({ ...here, ...of }, service, alive).holder;
    expect(isGone(holder)).to.equal(false);
    expect(isGone(named({}))).to.equal(false);
    expect(isGone(named({ pid: 8 }))).to.equal(false);
    expect(isGone(named({ pid: 9 }))).to.equal(true);
    expect(isGone(named({ started: 999 })), "an earlier life under the same number").to.equal(true);
    expect(isGone(named({ host: "b", pid: 9 }))).to.equal(false);
    expect(isGone("somebody")).to.equal(false);
  });
});
