/**
 * When too much of a source can't be used, nothing may be signed on the rest: a broken line may have been anybody's, and a
 * code that no map knows may have been a progression.
 */

import type { Decimal } from "../../terms/decimal.ts";
import { formatDecimal } from "../../terms/decimal.ts";
import type { Counts } from "./collector.ts";
import type { Limits } from "./shared.ts";
import { SourceError } from "./shared.ts";

/** The source's own limits are exceeded. */
export class SourceLimitError extends SourceError {
  override readonly name = "SourceLimitError";
}

/** Which limits are exceeded, in words; empty when none is. */
export function exceededLimits(counts: Counts, limits: Limits): readonly string[] {
  const { unmapped, quarantined, results, unreadable, read, filesRejected } = counts;
  const exceeded: string[] = [];
  if (limits.unmapped !== undefined && isOver(unmapped + quarantined, results, limits.unmapped)) {
    exceeded.push(
      `${unmapped} unmapped and ${quarantined} quarantined of ${results} results, limit ${formatDecimal(limits.unmapped)}%`,
    );
  }
  if (limits.unreadable !== undefined && isOver(unreadable, read, limits.unreadable)) {
    exceeded.push(
      `${unreadable} unreadable of ${read} lines, rows and resources, limit ${formatDecimal(limits.unreadable)}%`,
    );
  }
  if (limits.unreadable !== undefined && filesRejected > 0) exceeded.push(`${filesRejected} whole files can't be used`);
  return exceeded;
}

/** @throws SourceLimitError when one of the source's limits is exceeded */
export function assertWithinLimits({ exceeded }: { readonly exceeded: readonly string[] }): void {
  if (exceeded.length > 0) throw new SourceLimitError(`the source exceeds its limits: ${exceeded.join("; ")}`);
}

/** part / whole > percent / 100. */
function isOver(part: number, whole: number, { digits, scale }: Decimal): boolean {
  return BigInt(part) * 100n * 10n ** BigInt(scale) > digits * BigInt(whole);
}
