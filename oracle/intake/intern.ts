/** One copy of equal values: records repeat themselves far more than they differ. */

/** Beyond this many different values sharing is worth less than the table. */
const MOST = 50_000;

export class Interner<T> {
  readonly #known = new Map<string, T>();

  clear(): void {
    this.#known.clear();
  }

  /** The first value given under the key since the table was last emptied. */
  of(key: string, value: T): T {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, value);
    return value;
  }
}
