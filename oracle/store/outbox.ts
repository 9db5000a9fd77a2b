/** The outbox in the operator's store. A call is written in full before the step that it tells of is taken. */

import type { Kysely, Selectable } from "kysely";

import type { AccountId, Attempt, CallState, Outbox, OutboxCall } from "../chain/outbox.ts";
import { ceilingOf, type Fees } from "../chain/fees.ts";
import type { OutboxAttemptTable, OutboxCallTable, StoreSchema } from "./schema.ts";

const UNFINISHED: readonly CallState[] = ["planned", "signed", "mined"];
const IN_A_BLOCK: readonly CallState[] = ["mined", "confirmed"];

export function storedOutbox(db: Kysely<StoreSchema>): Outbox {
  const of = (account: AccountId, states: readonly CallState[]) =>
    db
      .selectFrom("outbox_call")
      .selectAll()
      .where((eb) => eb.and(keyOf(account)))
      .where("state", "in", states);

  return {
    async plan(account, { nonce, to, data, intent }, at) {
      const values = { ...keyOf(account), nonce, target: to, data, intent, state: "planned" as const, planned_at: at };
      const row = await db.insertInto("outbox_call").values(values).returningAll().executeTakeFirstOrThrow();
      return callOf(row, []);
    },
    keepAttempt: (id, { hash, raw, fees, gasLimit, at }) =>
      db.transaction().execute(async (transaction) => {
        const { count } = await transaction
          .selectFrom("outbox_attempt")
          .select((eb) => eb.fn.countAll<number | string>().as("count"))
          .where("call", "=", id)
          .executeTakeFirstOrThrow();
        const amounts = { gas_limit: gasLimit.toString(), max_fee: ceilingOf(fees).toString(), max_tip: tipOf(fees) };
        const values = { call: id, position: Number(count), hash, raw, ...amounts, signed_at: at };
        await transaction.insertInto("outbox_attempt").values(values).execute();
        await transaction.updateTable("outbox_call").set({ state: "signed" }).where("id", "=", id).execute();
      }),
    async mark(id, state, block) {
      const set = { state, block_number: block?.number ?? null, block_hash: block?.hash ?? null };
      await db.updateTable("outbox_call").set(set).where("id", "=", id).execute();
    },
    unfinished: async (account) =>
      withAttempts(db, await of(account, UNFINISHED).orderBy("nonce").orderBy("id").execute()),
    newest: async (account) => {
      const rows = await of(account, IN_A_BLOCK).orderBy("nonce", "desc").orderBy("id", "desc").limit(1).execute();
      return (await withAttempts(db, rows))[0] ?? null;
    },
    async lease(account, holder, { now, until }, isGone) {
      const held = await holderOf(db, account);
      const gone = held !== null && isGone(held) ? held : holder;
      // One statement, which locks the row in both databases: of two who want it at once the second sees the first.
      await db
        .insertInto("account_lease")
        .values({ ...keyOf(account), holder, until })
        .onConflict((conflict) =>
          conflict
            .columns(["chain_id", "account"])
            .doUpdateSet({ holder, until })
            .where((eb) =>
              eb.or([eb("account_lease.holder", "in", [holder, gone]), eb("account_lease.until", "<=", now)]),
            ),
        )
        .execute();
      const holds = await holderOf(db, account);
      return holds === holder ? null : holds;
    },
    async release(account, holder) {
      await db
        .deleteFrom("account_lease")
        .where((eb) => eb.and({ ...keyOf(account), holder }))
        .execute();
    },
  };
}

async function holderOf(db: Kysely<StoreSchema>, account: AccountId): Promise<string | null> {
  const row = await db
    .selectFrom("account_lease")
    .select("holder")
    .where((eb) => eb.and(keyOf(account)))
    .executeTakeFirst();
  return row?.holder ?? null;
}

async function withAttempts(
  db: Kysely<StoreSchema>,
  rows: readonly Selectable<OutboxCallTable>[],
): Promise<OutboxCall[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const attempts = await db
    .selectFrom("outbox_attempt")
    .selectAll()
    .where("call", "in", ids)
    .orderBy("position")
    .execute();
  return rows.map((row) =>
    callOf(
      row,
      attempts.filter(({ call }) => call === row.id),
    ),
  );
}

function callOf(row: Selectable<OutboxCallTable>, attempts: readonly Selectable<OutboxAttemptTable>[]): OutboxCall {
  const { id, nonce, target: to, data, intent, state, block_number: number, block_hash: hash } = row;
  const block = number === null || hash === null ? null : { number, hash };
  return { id, nonce, to, data, intent, state, block, attempts: attempts.map(attemptOf) };
}

function attemptOf({ hash, raw, gas_limit, max_fee, max_tip, signed_at }: Selectable<OutboxAttemptTable>): Attempt {
  const ceiling = BigInt(max_fee);
  const fees: Fees =
    max_tip === null ? { gasPrice: ceiling } : { maxFeePerGas: ceiling, maxPriorityFeePerGas: BigInt(max_tip) };
  return { hash, raw, fees, gasLimit: BigInt(gas_limit), at: signed_at };
}

function tipOf(fees: Fees): string | null {
  return "gasPrice" in fees ? null : fees.maxPriorityFeePerGas.toString();
}

function keyOf({ chainId, address }: AccountId) {
  return { chain_id: chainId.toString(), account: address };
}
