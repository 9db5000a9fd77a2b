/**
 * The current version of one resource or row. There are more of these than of anything else that intake holds, so what many of
 * them have in common stands once, in a frame.
 */

import type { Fact } from "./facts.ts";

/** What entries share. */
export interface Frame {
  readonly file: number;
  /** `kind/file` of a row; null for a resource. */
  readonly rows: string | null;
  /** `meta.versionId`; null when not stated. */
  readonly version: string | null;
  /** Why it is not used; a preliminary progression has a fact and a reason. */
  readonly reason: string | null;
  /** The reason is a code or value that no map knows. */
  readonly unmapped: boolean;
  /** Identifier by which two sources may mean the same. */
  readonly business: string | null;
  /** Withdrawn: entered in error or deleted. */
  readonly removed: boolean;
}

export class Entry {
  /** By which its versions know each other: `Type/id`, or the row's place or own id. */
  readonly key: string;
  /** Key of the patient: `Patient/id`, or the identifier in a CSV. */
  readonly subject: string;
  readonly facts: readonly Fact[];
  readonly frame: Frame;
  /** Milliseconds since 1970 of the last update; null when not stated. */
  readonly updated: number | null;
  readonly line: number | null;

  constructor(
    key: string,
    subject: string,
    facts: readonly Fact[],
    frame: Frame,
    updated: number | null,
    line: number | null,
  ) {
    this.key = key;
    this.subject = subject;
    this.facts = facts;
    this.frame = frame;
    this.updated = updated;
    this.line = line;
  }

  get reason(): string | null {
    return this.frame.reason;
  }

  get business(): string | null {
    return this.frame.business;
  }

  /** As rejections name it: `Type/id`, or `kind/file:line` of a row. */
  get name(): string {
    const { rows } = this.frame;
    return rows === null ? this.key : `${rows}:${this.line ?? 0}`;
  }

  /** The exact version, as evidence names it: `Observation/x/_history/3`, or a row by its line. */
  get id(): string {
    const { version } = this.frame;
    return version === null ? this.name : `${this.key}/_history/${version}`;
  }

  /** Whether it takes the place of `other`: by update time, else by version; of equals a withdrawal, else the later in the files. */
  supersedes(other: Entry): boolean {
    if (this.updated !== null && other.updated !== null && this.updated !== other.updated)
      return this.updated > other.updated;
    const [own, theirs] = [Number(this.frame.version ?? NaN), Number(other.frame.version ?? NaN)];
    if (own !== theirs && !Number.isNaN(own) && !Number.isNaN(theirs)) return own > theirs;
    return this.frame.removed || !other.frame.removed;
  }
}
