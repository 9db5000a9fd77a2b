/** What every measurement is. */

/** The first row is the header. */
export type Rows = readonly (readonly string[])[];

/** A table of results. */
export interface Results {
  /** What was measured on what, in a sentence or two. */
  readonly setting: string;
  readonly rows: Rows;
  /** Words to the rows, as a table below theirs. */
  readonly words?: Rows;
  /** Whether every machine finds the same: times differ, gas does not. */
  readonly sameEverywhere?: boolean;
}

export interface Bench {
  /** Also names its section of `docs/benchmarks.md`. */
  readonly name: string;
  readonly title: string;
  /** @throws PeerMissing when what it measures against is not installed */
  readonly run: (note: (line: string) => void) => Promise<Results>;
}

/** The message says what is missing and how to get it. */
export class PeerMissing extends Error {
  override readonly name = "PeerMissing";
}

/** Seconds of the fastest of several runs: the others measure what else the machine did. */
export async function fastest(runs: number, work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await work();
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

/** Seconds with three digits that count. */
export function seconds(value: number): string {
  return `${value < 0.1 ? value.toFixed(4) : value < 1 ? value.toFixed(3) : value.toFixed(2)} s`;
}

/** How many times faster than the peer. */
export function ratio(peer: number, own: number): string {
  return `${(peer / own).toFixed(1)}×`;
}
