/** What fetching takes from the process around it. */

export interface ServerSurroundings {
  /** Environment variables: secrets and proxies only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970-01-01 UTC: for tokens, waits and the age of snapshots, and nothing that is signed in a report. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Progress, without patient data. */
  readonly note?: (line: string) => void;
  /** Stops the fetch; nothing of it is kept. */
  readonly signal?: AbortSignal;
}
