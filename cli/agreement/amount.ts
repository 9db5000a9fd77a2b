/** Amounts on the command line: exact decimals in currency units. */

import { parseMoney } from "../../terms/values.ts";
import { UsageError } from "../output.ts";
import type { Subject } from "./subject.ts";

/** Minor units. @throws UsageError */
export function amountFlag({ decimals, terms }: Subject, text: string): bigint {
  const amount = parseMoney(text, decimals);
  if (amount !== null && amount > 0n) return amount;
  const unit = terms === null ? "the currency" : terms.currency.code;
  throw new UsageError(
    `--amount: found ${text}, expected an amount of ${unit} above 0 with at most ${decimals} decimals`,
  );
}

/** Minor units to the token's. */
export function tokenUnits({ packed }: Subject, minor: bigint): bigint {
  return minor * 10n ** BigInt(packed.scale);
}
