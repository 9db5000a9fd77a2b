/** A mutant, and the list that gives each its number. */

/** One small change of the contracts that some test should notice. */
export interface Mutant {
  /** From 1. */
  readonly id: number;
  /** The first one of the same function. */
  readonly first: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The contract or library, and the function. */
  readonly where: string;
  /** What kind of change. */
  readonly operator: string;
  readonly before: string;
  readonly after: string;
}

/** Collects the mutants of a file while it is rewritten. */
export class Mutants {
  readonly all: Mutant[] = [];
  /** Where the rewriting stands. */
  file = "";
  where = "";
  #lines: number[] = [];
  #first = 1;

  open(file: string, text: string): void {
    this.file = file;
    this.#lines = [0];
    for (let i = 0; i < text.length; ++i) if (text[i] === "\n") this.#lines.push(i + 1);
  }

  /** A function begins: the number of its first mutant, if it will have any. */
  begin(): number {
    return (this.#first = this.all.length + 1);
  }

  /** Adds a mutant at a place in the text and gives its number. */
  add(offset: number, operator: string, before: string, after: string): number {
    const line = this.#lines.findLastIndex((start) => start <= offset);
    const id = this.all.length + 1;
    this.all.push({
      id,
      first: this.#first,
      file: this.file,
      line: line + 1,
      column: offset - (this.#lines[line] ?? 0) + 1,
      where: this.where,
      operator,
      before: tidy(before),
      after: tidy(after),
    });
    return id;
  }
}

/** Bytes back to characters, on one line. */
const tidy = (text: string): string => Buffer.from(text, "latin1").toString("utf8").replace(/\s+/g, " ").trim();
