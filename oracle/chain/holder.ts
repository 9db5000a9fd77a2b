/** Names a process that uses an account's nonces, so that another on the same machine sees whether it still lives. */

export interface ProcessId {
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since 1970-01-01 UTC at which it started. */
  readonly started: number;
}

export interface Holder {
  readonly holder: string;
  /** Whether another holder is known to have died. Of other machines nothing is known: their time runs out. */
  readonly isGone: (holder: string) => boolean;
}

/**
 * @param service Tells services of one process apart.
 * @param isAlive Whether a process of this machine runs.
 */
export function holderOf(
  { host, pid, started }: ProcessId,
  service: string,
  isAlive: (pid: number) => boolean,
): Holder {
  return {
    holder: `process ${pid} of ${host} since ${started} (${service})`,
    isGone: (holder) => {
      const found = /^process (\d+) of (.*) since (\d+) \(/.exec(holder);
      if (found === null || found[2] !== host) return false;
      // In a container every start may have the same number.
      if (Number(found[1]) === pid) return Number(found[3]) !== started;
      return !isAlive(Number(found[1]));
    },
  };
}
