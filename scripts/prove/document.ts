import { GAPS } from "./gaps.ts";
import type { Finding } from "./modelChecker.ts";

export type Result = "proved" | "refuted" | "not proved" | "about nothing";

export function resultOf(finding: Finding): Result {
  if (finding.refuted.length > 0) return "refuted";
  if (finding.unproved.length > 0 || finding.checks === 0) return "not proved";
  return finding.satisfiable ? "proved" : "about nothing";
}

/** `docs/proofs.md`, from what the checker found. */
export function proofsMarkdown(findings: readonly Finding[]): string {
  const contracts = [...new Set(findings.map(({ contract }) => contract))];
  return [
    "# Proofs",
    "",
    "What holds of the money's arithmetic for all arguments, not only for those that a test tries. Written by",
    "`npm run prove -- --write`; `npm run prove` proves everything anew and fails when this page says anything else.",
    "",
    "The compiler's own model checker (SMTChecker of solc 0.8.37, engine BMC) turns each claim, and the overflow of each",
    "operation in it, into a question to z3, which looks for arguments that break it. The claims stand in `test/proofs/` and",
    "call the very functions that the agreement runs, `contracts/libraries/Affine.sol` and `Shares.sol`. Nothing in them",
    "loops, so BMC's answer is complete. *Checks* counts the questions. That a claim's assumptions can be met is asked too:",
    "with contradictory ones, everything could be proved.",
    "",
    ...contracts.flatMap((contract) => [
      `## ${contract}`,
      "",
      "| claim | assumed, and where it is enforced or proved | checks | result |",
      "|---|---|---|---|",
      ...findings.filter((finding) => finding.contract === contract).map(row),
      "",
    ]),
    "## What follows",
    "",
    "A tier's patients come to an amount within their locks (`tierWithinLocks`), so do all tiers together (`sumsWithinLocks`)",
    "and the rounded total (`roundedWithinLocks`). It falls on the members without remainder (`partsAddUp`), and what is",
    "released to each covers its part (`locksCoverParts`): who held its locks before a settlement holds the rest of them after",
    "it (`balanceCoversLocks`). No settlement bounces.",
    "",
    "## Not proved",
    "",
    "| what | why | covered by |",
    "|---|---|---|",
    ...GAPS.map(
      ({ what, why, coveredBy }) => `| ${what} | ${why} | ${coveredBy.map((path) => `\`${path}\``).join(", ")} |`,
    ),
    "",
    "Nor does anything here speak of the compiler, of z3, or of the tokens that an agreement holds.",
    "",
  ].join("\n");
}

function row(finding: Finding): string {
  return `| \`${finding.name}\`: ${finding.claim} | ${finding.assumes} | ${finding.checks} | ${resultOf(finding)} |`;
}
