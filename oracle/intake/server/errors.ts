/** What can go wrong between this machine and the server. */

import { SourceError } from "../shared.ts";

/** The records could not be fetched: the message names the place on the server and what to do, never a secret. */
export class ServerError extends SourceError {
  override readonly name: string = "ServerError";
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds that the server asked to wait; null when it said nothing. */
  readonly retryAfter: number | null;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;

  constructor(
    message: string,
    { retryable = false, retryAfter = null, status = null }: Partial<Omit<ServerError, keyof Error>> = {},
  ) {
    super(message);
    this.retryable = retryable;
    this.retryAfter = retryAfter;
    this.status = status;
  }
}

/** A URL as it may be shown: queries hold signatures and names of patients. */
export function shown(url: string | URL): string {
  const parsed = URL.parse(String(url));
  if (parsed === null) return "no URL";
  return `${parsed.origin}${parsed.pathname}`;
}

/** Text from a server, cut and on one line: it goes to a terminal. */
export function plain(words: string, longest = 200): string {
  // eslint-disable-next-line no-control-regex
  const line = words.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
