/** Reads a scenario: a term sheet with a story of what was paid, reported and expected. */

import { openFields, openList, readChoice, readLine } from "../terms/fields.ts";
import { Findings, type Problem } from "../terms/findings.ts";
import { readTermsNode } from "../terms/read.ts";
import { readYaml, type Node } from "../terms/yaml.ts";
import { ACTIONS, readAction, type ActionName, type Telling } from "./actions.ts";
import { REFUSALS, type Step, type Story } from "./step.ts";

export type { Step, Story } from "./step.ts";

export interface ReadScenario {
  /** Null when there is any problem. */
  readonly story: Story | null;
  readonly problems: readonly Problem[];
}

/** What the contract can refuse. The clock, deposits and expectations are the story's own. */
const REFUSABLE: readonly ActionName[] = ["enrol", "report", "settle", "challenge", "rule", "lapse", "withdraw"];

/** Reads a scenario and resolves its steps. Never throws on what the source says. */
export function readScenario(source: string): ReadScenario {
  const findings = new Findings();
  const node = readYaml(source, findings);
  const story = node === undefined ? null : resolveStory(node, findings);
  return { story: findings.clean ? story : null, problems: findings.problems };
}

function resolveStory(node: Node, findings: Findings): Story | null {
  const fields = openFields(
    node,
    ["scenario", "terms", "steps"],
    "a scenario: a map with scenario, terms and steps",
    findings,
  );
  if (fields === undefined) return null;
  const name = readLine(fields.need("scenario", "the scenario's name"), "the scenario's name", findings);
  const agreement = readTermsNode(fields.need("terms", "the scenario's term sheet"), false, findings);
  const list = openList(
    fields.need("steps", "a list of steps"),
    "a list of steps, such as [{ at: 2026-02-01 }]",
    findings,
  );
  // Steps name what the terms define: with a problem there, every step could seem wrong.
  if (agreement === null || list === undefined) return null;
  const telling: Telling = {
    agreement,
    findings,
    day: Math.min(...agreement.cohorts.map(({ opens }) => opens)),
    reports: new Map(),
  };
  const steps = list.items.map((item, k) => readStep(item, k + 1, telling));
  if (name === undefined) return null;
  return { name, agreement, steps: steps.filter((step) => step !== undefined) };
}

function readStep(node: Node, number: number, telling: Telling): Step | undefined {
  const { findings } = telling;
  const names = Object.keys(ACTIONS) as ActionName[];
  const fields = openFields(node, [...names, "fails"], "a step such as { at: 2026-02-01 }", findings);
  if (fields === undefined) return undefined;
  const [name, another] = names.filter((key) => fields.has(key));
  if (name === undefined) {
    // An unknown key has been reported: it may be the misspelt action.
    const known = node.kind === "map" && [...node.entries.keys()].every((key) => key === "fails");
    return known ? findings.expected(node, "no action", `one of ${names.join(", ")}`) : undefined;
  }
  if (another !== undefined) {
    return findings.expected(fields.at(another), `${another} beside ${name}`, "one action a step");
  }
  const fails = fields.has("fails") ? readChoice(fields.get("fails"), REFUSALS, findings) : null;
  if (fails && !REFUSABLE.includes(name)) {
    return findings.expected(
      fields.at("fails"),
      `fails on ${name}`,
      `none: only ${REFUSABLE.join(", ")} can be refused`,
    );
  }
  const action = readAction(name, fields.get(name), fails ?? null, telling);
  if (action === undefined || fails === undefined) return undefined;
  return { number, line: node.line, fails, ...action };
}
