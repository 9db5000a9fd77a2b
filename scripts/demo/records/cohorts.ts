/** The demo's two cohorts, as in `scripts/demo/terms`. Whoever runs it on other days passes other ones. */

import type { AgreementName } from "./parameters.ts";

export const COHORTS: readonly {
  readonly agreement: AgreementName;
  readonly patients: number;
  readonly opens: string;
  readonly closes: string;
  readonly cutoff: string;
}[] = [
  { agreement: "nsclc", patients: 120, opens: "2021-01-01", closes: "2022-01-01", cutoff: "2022-12-31" },
  { agreement: "cart", patients: 50, opens: "2026-01-01", closes: "2027-01-01", cutoff: "2027-12-31" },
];
