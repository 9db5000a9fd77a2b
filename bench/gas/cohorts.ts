/** The life of a cohort with peers that settle all patients of a report at once: what matches or beats us. */

import { measureLife } from "../../test/contracts/gas.life.ts";
import type { Results } from "../bench.ts";
import { gas, times } from "./format.ts";
import { COHORT_PEERS, words } from "./peers.ts";

const PATIENTS = 1_000;
const OFTEN = 10;

export async function measure(note: (line: string) => void): Promise<Results> {
  const rows = [["system", "1 report", "against ours", "10 reports", "against ours"]];
  const [once, often] = [await measureLife(PATIENTS, 1), await measureLife(PATIENTS, OFTEN)];
  const add = (name: string, one: bigint, ten: bigint) =>
    rows.push([name, gas(one), times(one, once), gas(ten), times(ten, often)]);
  for (const peer of COHORT_PEERS) {
    note(peer.name);
    add(peer.name, await peer.live(PATIENTS, 1), await peer.live(PATIENTS, OFTEN));
  }
  add("**outcomepay**", once, often);
  const challenged = [
    await measureLife(PATIENTS, 1, { window: true }),
    await measureLife(PATIENTS, OFTEN, { window: true }),
  ] as const;
  add("**outcomepay**, a week to challenge", ...challenged);
  rows.splice(1, rows.length - 1, ...sorted(rows.slice(1)));
  const setting = `Who settles all patients at once needs little more than a payment, so this is where others match or beat us: what is under 1× is cheaper than ours. What the payer and the maker get for our charge is in the last column below.

The same story as above for ${PATIENTS.toLocaleString("en")} patients; more or fewer change hardly a digit. With ten reports the patients come in ten parts, each paid for, reported and settled by itself. What some of these have and we do not: claims that can be sold on (Conditional Tokens, Sablier), anybody as oracle and as disputer (UMA), statements that any contract can read (EAS).`;
  return { setting, rows, words: words(COHORT_PEERS), sameEverywhere: true };
}

/** By the gas of one report. */
function sorted(rows: readonly string[][]): string[][] {
  const gasOf = (row: string[]) => Number(row[1]?.replaceAll(",", ""));
  return rows.toSorted((a, b) => gasOf(a) - gasOf(b));
}
