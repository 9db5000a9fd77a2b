/** Whether a node can do its work now, check by check. What a check says is for anyone to read: no error's own words. */

export interface Check {
  readonly name: "chain" | "store" | "records" | "passes";
  readonly ready: boolean;
  readonly detail: string;
}

/** Tells what the last pass and the last reading of the records came to. */
export interface Progress {
  /** Milliseconds since 1970-01-01 UTC; null when there was none. */
  readonly lastPass: { readonly at: number; readonly result: "done" | "behind" | "failed" } | null;
  readonly lastReading: { readonly at: number; readonly readable: boolean } | null;
}

export interface ReadinessParts {
  /** Time of the chain's latest block, in seconds since 1970-01-01 UTC. Rejects when it can't be reached. */
  readonly headTime: () => Promise<number>;
  /** Seconds; 0: not looked at. */
  readonly headAge: number;
  /** Rejects when the store can't be written. */
  readonly probeStore: () => Promise<unknown>;
  readonly progress: () => Progress;
  /** Whether the node reads records at all. */
  readonly readsRecords: boolean;
  /** Milliseconds after the last pass beyond which the node has fallen behind. */
  readonly passWithin: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Milliseconds for each check. */
  readonly timeout: number;
}

export async function checkReadiness(parts: ReadinessParts): Promise<Check[]> {
  const { lastPass, lastReading } = parts.progress();
  const [chain, store] = await Promise.all([checkChain(parts), checkStore(parts)]);
  const records = parts.readsRecords ? checkRecords(lastReading) : NO_RECORDS;
  return [chain, store, records, checkPasses(lastPass, parts)];
}

/** Of a node that endorses nothing. */
const NO_RECORDS: Check = { name: "records", ready: true, detail: "this node needs none" };

function checkRecords(lastReading: Progress["lastReading"]): Check {
  const detail = lastReading === null ? "not read yet" : lastReading.readable ? "readable" : "can't be read";
  return { name: "records", ready: lastReading?.readable === true, detail };
}

async function checkChain({ headTime, headAge, now, timeout }: ReadinessParts): Promise<Check> {
  const name = "chain";
  try {
    const age = Math.round(now() / 1_000) - (await within(headTime(), timeout));
    const ready = headAge === 0 || age <= headAge;
    return { name, ready, detail: `the latest block is ${age} s old` };
  } catch {
    return { name, ready: false, detail: "can't be reached" };
  }
}

async function checkStore({ probeStore, timeout }: ReadinessParts): Promise<Check> {
  const name = "store";
  try {
    await within(probeStore(), timeout);
    return { name, ready: true, detail: "writable" };
  } catch {
    return { name, ready: false, detail: "can't be written" };
  }
}

function checkPasses(last: Progress["lastPass"], { now, passWithin }: ReadinessParts): Check {
  const name = "passes";
  if (last === null) return { name, ready: false, detail: "no pass has ended yet" };
  const age = now() - last.at;
  const words = {
    done: "caught up",
    behind: "patients of an enrolment are missing here",
    failed: "the last pass failed",
  };
  if (age > passWithin) return { name, ready: false, detail: `the last pass ended ${Math.round(age / 1_000)} s ago` };
  return { name, ready: last.result === "done", detail: words[last.result] };
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("too late")), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
