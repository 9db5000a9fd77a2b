/** 95% confidence intervals of S, as R's survfit computes them. Null where undefined. For display, never signed. */

export const INTERVALS = ["log-log", "log", "plain"] as const;
export type IntervalKind = (typeof INTERVALS)[number];

export interface Bounds {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** The 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054;

const UNDEFINED: Bounds = { lower: null, upper: null };

/**
 * @param survival S
 * @param variance of log S; infinite when S is 0
 */
export function interval(kind: IntervalKind, survival: number, variance: number): Bounds {
  if (survival === 0 || !Number.isFinite(variance)) return UNDEFINED;
  const half = Z * Math.sqrt(variance);
  switch (kind) {
    case "plain":
      return { lower: Math.max(0, survival - half * survival), upper: Math.min(1, survival + half * survival) };
    case "log":
      return { lower: survival * Math.exp(-half), upper: Math.min(1, survival * Math.exp(half)) };
    case "log-log": {
      if (survival === 1) return UNDEFINED;
      const log = Math.log(survival);
      // log S is negative: the larger factor gives the lower bound.
      const factor = Math.exp(half / -log);
      return { lower: Math.exp(log * factor), upper: Math.exp(log / factor) };
    }
  }
}
