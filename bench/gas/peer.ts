/** What every peer is: how a cohort's life goes with it, and what a reader must know of the figure. */

export interface Peer {
  readonly name: string;
  /** The npm package that its bytecode is from; null when it is the bench's own. */
  readonly from: string | null;
  /** What one life is made of, in a sentence. */
  readonly includes: string;
  /** What the reader gets with us and not with it. */
  readonly lacks: string;
  /** How many times our gas it should at least be for 1,000 patients, where that is a goal. */
  readonly goal?: number;
  /** Whether a hundred thousand patients are measured too: most take many minutes. */
  readonly quick?: boolean;
  /**
   * Gas of the life of `patients`, settled in as many reports as `reports` says; deployment, approvals and the funding of
   * accounts apart.
   * @throws Error when the money is not where the story puts it
   */
  readonly live: (patients: number, reports: number) => Promise<bigint>;
}
