/** Our own life of a cohort, by its size and by how often it is enrolled and reported. */

import { measureCreate, measureLife } from "../../test/contracts/gas.life.ts";
import type { Results } from "../bench.ts";
import { gas } from "./format.ts";

const SIZES = [1, 10, 100, 1_000, 100_000];
const MANY = 10;

export async function measure(note: (line: string) => void): Promise<Results> {
  const rows = [["patients", "1 + 1 calls", "a patient", "10 + 10 calls", "a patient", "1 + 1 + 1 calls"]];
  const create = await measureCreate();
  const toTheLastCent = await measureLife(1_000, 1, { toTheLastCent: true });
  for (const size of SIZES) {
    note(`${size} patients`);
    const once = await measureLife(size, 1);
    const often = size < MANY ? null : await measureLife(size, MANY);
    const each = (whole: bigint): string => gas(whole / BigInt(size));
    const challenged = await measureLife(size, 1, { window: true });
    rows.push([
      size.toLocaleString("en"),
      gas(once),
      each(once),
      often === null ? "–" : gas(often),
      often === null ? "–" : each(often),
      gas(challenged),
    ]);
  }
  const setting = `What a chain charges for an agreement's work (gas) is the same for ten patients as for 100,000, since the contract settles counts and sums. A million gas cost 3 € where a unit costs 1 gwei and ether 3,000 €.

1 + 1 calls enrol all patients at once and report them at once; 10 + 10 calls do so in ten parts (goals for 1,000 patients: 325,000 and 2,650,000, held by \`test/contracts/gas.life.test.ts\`); 1 + 1 + 1 calls leave the report open to challenge for a week and settle it then. Included are the payment at enrolment, every lock, the endorsements of a 3-of-5 committee, two tiers, one refund in five patients, and the maker's automatic payout in an OpenZeppelin ERC-20. Creating the agreement, once, costs ${gas(create)} more; deposits are left out. The payer keeps one price to spare, so that its slot stays in use; where the account is emptied to the last cent and refunded into, 1 + 1 calls for 1,000 patients cost ${gas(toTheLastCent)}.`;
  return { setting, rows, sameEverywhere: true };
}
