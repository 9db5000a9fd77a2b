/** What every command shares: exit codes, errors that a user can act on, and printing. */

/**
 * 0 success · 1 a finding (a failed check or scenario) · 2 wrong usage or input: the same again will fail again ·
 * 75 something could not be reached: the same may work later (EX_TEMPFAIL of sysexits.h).
 */
export const EXIT = { success: 0, finding: 1, usage: 2, temporary: 75 } as const;

/** Wrong usage or input: the message says where, what was found and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that is needed can't be reached now. Exit 75. */
export class TemporaryError extends Error {
  override readonly name = "TemporaryError";
}

/** What was asked for can't be: a check failed, or the contract refused it. Exit 1. */
export class Finding extends Error {
  override readonly name = "Finding";
  /** Name of the contract's error; null when it was none. */
  readonly refusal: string | null;

  constructor(message: string, refusal: string | null) {
    super(message);
    this.refusal = refusal;
  }
}

/** One JSON document on standard output. Amounts are decimal strings already; bigint has no business here. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Progress and warnings: standard error, so that standard output stays one document. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
