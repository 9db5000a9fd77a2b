/** What a reader has to say about a file: where, what was found and what was expected, one line each. */

export interface Problem {
  /** `clauses.pfs.pays[1].atLeast`; empty for the file as a whole. */
  readonly path: string;
  /** From 1; null when no line can be named. */
  readonly line: number | null;
  readonly message: string;
}

/** Where something stands in a file. */
export interface Place {
  readonly path: string;
  readonly line: number | null;
}

/** Collects problems and warnings. Every method that reports returns undefined, the value of what could not be read. */
export class Findings {
  readonly #problems = new Map<string, Problem>();
  readonly #warnings = new Map<string, Problem>();

  /** One problem a place: what follows from a first one would only repeat it. */
  problem({ path, line }: Place, message: string): undefined {
    if (!this.#problems.has(path)) {
      this.#problems.set(path, { path: visible(path), line, message: visible(message) });
    }
    return undefined;
  }

  /** The usual form of a problem. */
  expected(place: Place, found: string, expected: string, hint = ""): undefined {
    return this.problem(place, `found ${found}, expected ${expected}${hint}`);
  }

  warning({ path, line }: Place, message: string): void {
    this.#warnings.set(`${path} ${message}`, { path, line, message });
  }

  get problems(): Problem[] {
    return inOrder(this.#problems);
  }

  get warnings(): Problem[] {
    return inOrder(this.#warnings);
  }

  get clean(): boolean {
    return this.#problems.size === 0;
  }
}

function inOrder(found: ReadonlyMap<string, Problem>): Problem[] {
  return [...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Text as found, quoted, on one line and not too long. */
export function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return visible(JSON.stringify(shown));
}

/** Text that can't steer a terminal: control and format characters are spelt out. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** `one of a, b, c`, or what there is instead. */
export function oneOfText(choices: readonly string[]): string {
  if (choices.length === 0) return "none (there is none)";
  if (choices.length === 1) return choices[0] ?? "";
  const shown = choices.length > 12 ? [...choices.slice(0, 12), "…"] : choices;
  return `one of ${shown.join(", ")}`;
}

/** `; did you mean "x"?` when a candidate is near, else nothing. */
export function nearest(name: string, candidates: readonly string[]): string {
  const reach = Math.max(1, Math.floor(name.length / 3));
  let best: string | null = null;
  let least = reach + 1;
  if (name.length > 80) return "";
  for (const candidate of candidates) {
    const apart = name.toLowerCase() === candidate.toLowerCase() ? 0 : distance(name, candidate);
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best === null || best === name ? "" : `; did you mean ${quote(best)}?`;
}

/** Edits, a swap of neighbours counted as one. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cell = (di: number, dj: number): number => (di === 0 ? row : rows[i - di])?.[j - dj] ?? Infinity;
      let least = Math.min(cell(1, 0) + 1, cell(0, 1) + 1, cell(1, 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, cell(2, 2) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}
