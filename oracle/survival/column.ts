/** Numbers of a column as they come, however many: eight bytes each. */
export class NumberColumn {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get length(): number {
    return this.#length;
  }

  /** What was pushed; the array is shared, and further pushes do not show in it. */
  toArray(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}
