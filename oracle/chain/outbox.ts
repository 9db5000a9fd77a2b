/**
 * What an account is about to send, has sent, and what became of it. Every step is written down before it is taken, so
 * that after a crash the next start knows each transaction that may still be on its way.
 */

import type { Hex } from "../report/bytes.ts";
import type { Fees } from "./fees.ts";

/** Whose nonces are counted. */
export interface AccountId {
  readonly chainId: bigint;
  /** Checksummed. */
  readonly address: string;
}

export interface BlockId {
  readonly number: number;
  readonly hash: string;
}

/**
 * - `planned`: it has a nonce and no signature; nothing can be on its way.
 * - `signed`: one or more signed transactions exist, sent or not. All carry the same nonce: at most one is ever mined.
 * - `mined`: one of them is in a block, not deep enough yet.
 * - `confirmed`: and deep enough.
 * - `superseded`: another call took its nonce, and that one is confirmed.
 * - `dropped`: it came to nothing: never signed, reverted, or its nonce was used by a transaction that is not in here.
 */
export type CallState = "planned" | "signed" | "mined" | "confirmed" | "superseded" | "dropped";

/** A signed transaction. */
export interface Attempt {
  readonly hash: Hex;
  /** What is broadcast, again if need be. */
  readonly raw: Hex;
  readonly fees: Fees;
  readonly gasLimit: bigint;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly at: number;
}

export interface PlannedCall {
  readonly nonce: number;
  readonly to: string;
  readonly data: Hex;
  /** What it is to bring about, the same for each try at it: `enrol cohort 0 number 3`. */
  readonly intent: string;
}

export interface OutboxCall extends PlannedCall {
  readonly id: number;
  readonly state: CallState;
  /** Where it was mined last; null while it was not. */
  readonly block: BlockId | null;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface Outbox {
  /** @param at Milliseconds since 1970-01-01 UTC. */
  plan(account: AccountId, call: PlannedCall, at: number): Promise<OutboxCall>;
  /** Keeps a signed transaction before it is sent; its call is `signed` from then on. */
  keepAttempt(id: number, attempt: Attempt): Promise<void>;
  mark(id: number, state: CallState, block: BlockId | null): Promise<void>;
  /** Calls that are planned, signed or mined, by nonce, of one nonce the oldest first. */
  unfinished(account: AccountId): Promise<OutboxCall[]>;
  /** The mined or confirmed call with the highest nonce; null when there is none. */
  newest(account: AccountId): Promise<OutboxCall | null>;
  /**
   * Takes or prolongs the right to use the account's nonces, for whoever shares this store.
   * @param until Milliseconds since 1970-01-01 UTC; after that anybody may take it.
   * @param isGone Whether a holder is known to have died: its right counts no longer.
   * @returns null when `holder` has it now, else who has.
   */
  lease(
    account: AccountId,
    holder: string,
    times: { readonly now: number; readonly until: number },
    isGone: (holder: string) => boolean,
  ): Promise<string | null>;
  /** Gives it back; nothing happens when it is somebody else's by now. */
  release(account: AccountId, holder: string): Promise<void>;
}

/** An outbox that is gone with the process: for one call by a person who watches it. */
export function memoryOutbox(): Outbox {
  const calls: { readonly account: string; call: OutboxCall }[] = [];
  const leases = new Map<string, { holder: string; until: number }>();
  const keyOf = ({ chainId, address }: AccountId): string => `${chainId} ${address}`;
  const find = (id: number): { call: OutboxCall } => {
    const found = calls.find(({ call }) => call.id === id);
    if (found === undefined) throw new RangeError(`the outbox has no call ${id}`);
    return found;
  };
  const of = (account: AccountId, ...states: readonly CallState[]): OutboxCall[] =>
    calls
      .filter((it) => it.account === keyOf(account) && states.includes(it.call.state))
      .map(({ call }) => call)
      .sort((a, b) => a.nonce - b.nonce || a.id - b.id);
  return {
    plan: (account, planned) => {
      const call = { ...planned, id: calls.length + 1, state: "planned", block: null, attempts: [] } as const;
      calls.push({ account: keyOf(account), call });
      return Promise.resolve(call);
    },
    keepAttempt: (id, attempt) => {
      const found = find(id);
      found.call = { ...found.call, state: "signed", attempts: [...found.call.attempts, attempt] };
      return Promise.resolve();
    },
    mark: (id, state, block) => {
      const found = find(id);
      found.call = { ...found.call, state, block };
      return Promise.resolve();
    },
    unfinished: (account) => Promise.resolve(of(account, "planned", "signed", "mined")),
    newest: (account) => Promise.resolve(of(account, "mined", "confirmed").at(-1) ?? null),
    lease: (account, holder, { now, until }, isGone) => {
      const held = leases.get(keyOf(account));
      if (held !== undefined && held.holder !== holder && held.until > now && !isGone(held.holder)) {
        return Promise.resolve(held.holder);
      }
      leases.set(keyOf(account), { holder, until });
      return Promise.resolve(null);
    },
    release: (account, holder) => {
      if (leases.get(keyOf(account))?.holder === holder) leases.delete(keyOf(account));
      return Promise.resolve();
    },
  };
}
