/** EQ-5D profiles: five levels, of which none is ever imputed. */

import type { HealthState } from "../record.ts";

export type Instrument = HealthState["instrument"];

/** In the order of the profile's digits. */
export const DIMENSIONS = ["mobility", "selfCare", "usualActivities", "pain", "anxiety"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const PROFILES: Readonly<Record<Instrument, RegExp>> = { "EQ-5D-5L": /^[1-5]{5}$/, "EQ-5D-3L": /^[1-3]{5}$/ };

export function isProfile(state: string, instrument: Instrument): boolean {
  return PROFILES[instrument].test(state);
}

/** The profile of five levels, or the first dimension without one. */
export function dimensionLevels(
  level: (dimension: Dimension) => string | null,
): { readonly complete: true; readonly profile: string } | { readonly complete: false; readonly missing: Dimension } {
  let profile = "";
  for (const dimension of DIMENSIONS) {
    const found = level(dimension);
    if (found === null) return { complete: false, missing: dimension };
    profile += found;
  }
  return { complete: true, profile };
}
