/** A random choice of mutants from each file, the same for the same seed. */

import type { Mutant } from "./mutant.ts";

/** About `size` mutants: from each file its share, rounded up; in random order. */
export function sampleOf(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  const files = Map.groupBy(mutants, ({ file }) => file);
  const random = generator(seed);
  const found = [...files.values()].flatMap((all) => {
    const wanted = Math.ceil((all.length * size) / mutants.length);
    return shuffled(all, random).slice(0, wanted);
  });
  return shuffled(found, random);
}

/** All of them in a random order, so that a run that is cut short is a sample too. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const found = [...list];
  for (let i = found.length - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1));
    [found[i], found[j]] = [found[j]!, found[i]!];
  }
  return found;
}

/** Mulberry32: numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
