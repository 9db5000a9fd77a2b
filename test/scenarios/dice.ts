/** Where a drawn story takes its choices from; the source decides them, so that a failure can be drawn again and smaller. */
export class Dice {
  /** A whole number from 0 up to, not including, `n`. */
  readonly below: (n: number) => number;

  constructor(below: (n: number) => number) {
    this.below = below;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True `parts` times in a hundred. */
  chance(parts: number): boolean {
    return this.below(100) < parts;
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)];
    if (one === undefined) throw new RangeError("nothing to pick from");
    return one;
  }
}

/** An integer with its last `scale` digits behind the point. */
export function decimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return value < 0n ? `-${text}` : text;
}
