/** Reads a term sheet: from its source to the resolved agreement, or to every problem it has. */

import { Findings, type Problem } from "./findings.ts";
import type { Agreement } from "./model.ts";
import { resolveAgreement } from "./resolve/agreement.ts";
import { readYaml, type MapNode, type Node } from "./yaml.ts";

export { DEFAULT_RULES, RULES_VERSIONS } from "./resolve/agreement.ts";
export type { Problem } from "./findings.ts";

export interface ReadTerms {
  /** Null when there is any problem. */
  readonly agreement: Agreement | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads a term sheet, or the terms of a scenario. Never throws on what the source says. */
export function readTerms(source: string): ReadTerms {
  const findings = new Findings();
  const node = readYaml(source, findings);
  if (node === undefined) return { agreement: null, problems: findings.problems, warnings: findings.warnings };
  const scenario = asScenario(node);
  const terms = scenario?.entries.get("terms");
  if (scenario !== undefined && terms === undefined) {
    findings.expected({ path: "terms", line: scenario.line }, "nothing", "the scenario's term sheet");
  }
  const agreement = readTermsNode(scenario === undefined ? node : terms, scenario === undefined, findings);
  return { agreement, problems: findings.problems, warnings: findings.warnings };
}

/**
 * Resolves a term sheet that is a node of a larger document; paths and lines are those of the document. `bound`: addresses
 * are expected, and a missing one is worth a warning (a scenario's runner fills them in).
 */
export function readTermsNode(node: Node | undefined, bound: boolean, findings: Findings): Agreement | null {
  return resolveAgreement(node, bound, findings);
}

/** The document as a scenario: a term sheet has none of these keys. */
export function asScenario(node: Node): MapNode | undefined {
  if (node.kind !== "map") return undefined;
  return ["scenario", "terms", "steps"].some((key) => node.entries.has(key)) ? node : undefined;
}
