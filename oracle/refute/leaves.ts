/** Leaves as an operator's HTTP API serves them, from whoever sends them: they count only where they make a root. */

import { z } from "zod";

import { parseDay } from "../../terms/calendar.ts";
import { enrolmentLeafHashes, hashHeldLeaves } from "../report/leaf.ts";
import type { Hex } from "../report/bytes.ts";
import { merkleRoot } from "../report/root.ts";
import { bytes32, int128, uint } from "../report/wire.ts";
import type { BatchLeaves, ReportLeaves } from "./case.ts";

/** Leaves in the order of the tree, and the root that they make. */
export type GivenLeaves = { readonly root: Hex } & (
  { readonly of: "report"; readonly leaves: ReportLeaves } | { readonly of: "enrolment"; readonly leaves: BatchLeaves }
);

/** What was given are no leaves as the API serves them: where, what was found, what was expected. */
export class LeavesError extends Error {
  override readonly name = "LeavesError";
}

const erasedLeaf = z
  .object({ patient: bytes32, erased: z.literal(true), leafHash: bytes32 })
  .transform(({ patient, leafHash }) => ({ patientKey: patient, leafHash }));

const reportLeaf = z
  .object({
    patient: bytes32,
    erased: z.literal(false),
    tier: uint(8),
    batch: uint(32),
    value: int128,
    runningSum: int128,
    blind: bytes32,
  })
  .transform(({ patient: patientKey, tier, batch, value, runningSum, blind }) => {
    return { tier, patientKey, batch, value, runningSum, blind };
  });

const enrolmentLeaf = z
  .object({
    patient: bytes32,
    erased: z.literal(false),
    indexDay: z.string().transform((text, context) => {
      const day = parseDay(text);
      if (day !== null && day >= 0) return day;
      context.addIssue({ code: "custom", message: "expected a date such as 2026-01-31" });
      return z.NEVER;
    }),
    blind: bytes32,
  })
  .transform(({ patient: patientKey, indexDay, blind }) => ({ patientKey, indexDay, blind }));

const page = z.object({ total: uint(32), offset: uint(32), items: z.array(z.unknown()) });
const pages = z.union([page.transform((only) => [only]), z.array(page).min(1)]);

/**
 * Reads one answer of `GET …/leaves`, or a list of such answers that together hold all leaves.
 * @throws LeavesError
 */
export function readLeaves(text: string): GivenLeaves {
  const items = joined(parsed(text));
  const isEnrolment = items.some((item) => typeof item === "object" && item !== null && "indexDay" in item);
  if (isEnrolment) {
    const leaves = readAll(enrolmentLeaf, items);
    return { of: "enrolment", leaves, root: merkleRoot(enrolmentLeafHashes(leaves)) };
  }
  const leaves = readAll(reportLeaf, items);
  return { of: "report", leaves, root: merkleRoot(hashHeldLeaves(leaves)) };
}

function parsed(text: string): z.infer<typeof page>[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new LeavesError(`expected JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = pages.safeParse(document);
  if (found.success) return found.data;
  throw new LeavesError("expected { total, offset, items } as the API serves leaves, or a list of such pages");
}

/** The items of all pages, none missing and none twice. */
function joined(found: readonly z.infer<typeof page>[]): unknown[] {
  const items: unknown[] = [];
  const total = found[0]?.total ?? 0;
  for (const it of [...found].sort((a, b) => a.offset - b.offset)) {
    if (it.total !== total)
      throw new LeavesError(`found pages of ${total} and of ${it.total} leaves, expected one list`);
    if (it.offset !== items.length) {
      throw new LeavesError(`found a page from ${it.offset}, expected one from ${items.length}`);
    }
    items.push(...it.items);
  }
  if (items.length === total) return items;
  throw new LeavesError(
    `found ${items.length} leaves of ${total}: the pages from offset ${items.length} on are missing`,
  );
}

function readAll<T>(schema: z.ZodType<T>, items: readonly unknown[]): (T | z.infer<typeof erasedLeaf>)[] {
  return items.map((item, i) => {
    const isErased = typeof item === "object" && item !== null && "erased" in item && item.erased === true;
    const found = (isErased ? erasedLeaf : schema).safeParse(item);
    if (found.success) return found.data;
    const [issue] = found.error.issues;
    throw new LeavesError(`items[${i}]${issue?.path.map((key) => `.${String(key)}`).join("")}: ${issue?.message}`);
  });
}
