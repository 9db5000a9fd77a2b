/** One user of an account's nonces at a time: in this process by a queue, among those that share the store by a lease. */

import { ChainError } from "./errors.ts";
import type { AccountId, Outbox } from "./outbox.ts";

export interface LockOptions {
  readonly outbox: Outbox;
  /** Names this process and this service in it, for others who want the account. */
  readonly holder: string;
  /** Whether a holder is known to have died. */
  readonly isGone: (holder: string) => boolean;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds between two looks. */
  readonly poll: number;
  /** Milliseconds to wait for another holder. */
  readonly patience: number;
}

/** Milliseconds that a lease lasts without being prolonged. */
const LEASE = 60_000;

export interface AccountLock {
  /** Runs the work alone; `prolong` is called by the work now and then, at least every half minute. @throws ChainError */
  with<T>(work: (prolong: () => Promise<void>) => Promise<T>): Promise<T>;
}

export function accountLock(account: AccountId, options: LockOptions): AccountLock {
  const { outbox, holder, isGone, now, sleep, poll, patience } = options;
  let last: Promise<unknown> = Promise.resolve();
  let leasedAt = 0;

  const lease = async (): Promise<string | null> => {
    const at = now();
    const other = await outbox.lease(account, holder, { now: at, until: at + LEASE }, isGone);
    if (other === null) leasedAt = at;
    return other;
  };

  async function prolong(): Promise<void> {
    if (now() - leasedAt < LEASE / 4) return;
    const other = await lease();
    if (other !== null) throw new ChainError(`${other} took over the account ${account.address}`, "wait", null);
  }

  async function leased<T>(work: (prolong: () => Promise<void>) => Promise<T>): Promise<T> {
    for (let waited = 0; ; waited += poll) {
      const other = await lease();
      if (other === null) break;
      if (waited >= patience) {
        throw new ChainError(`the account ${account.address} is in use by ${other}`, "wait", null);
      }
      await sleep(poll);
    }
    try {
      return await work(prolong);
    } finally {
      await outbox.release(account, holder);
    }
  }

  return {
    with: (work) => {
      const turn = last.then(() => leased(work));
      // Whoever comes next does not care how this one ended.
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
