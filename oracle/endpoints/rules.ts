/**
 * Rules by name, for what no key of a term sheet can say: `rule: death@1`. A rule that is corrected is a new version; the old one
 * stays for the agreements that were signed with it. Whoever runs an oracle may add rules here; one that lacks a rule refuses to
 * start.
 */

import type { Metric, MetricKind } from "../../terms/model.ts";
import { agreedValue } from "./agree.ts";
import { alive } from "./alive.ts";
import { notEvaluable, type Endpoint } from "./endpoint.ts";
import { os } from "./os.ts";

interface NamedRule {
  readonly kind: MetricKind;
  readonly endpoint: Endpoint;
}

/** 1 when the patient died by the due day, else 0: `alive` the other way round, a stop event for `unless`. */
const death: Endpoint = {
  id: "death@1",
  description: "died by the due date: 0 or 1",
  value: (record, question) => {
    const outcome = alive.value(record, question);
    return "value" in outcome ? { ...outcome, value: 1n - outcome.value } : outcome;
  },
};

/**
 * 1 when another treatment of the disease began after the index day and by the due day, else 0; 0 needs a sign of life or a death
 * as `alive` does, since somebody lost from sight may have been switched.
 */
const newTherapy: Endpoint = {
  id: "new-therapy@1",
  description: "another treatment of the disease began by the due date: 0 or 1",
  value: (record, question) =>
    agreedValue(record, question, ({ newTherapy: start, lastAlive, death: died }, due) => {
      if (start !== null && start.day <= due) return { value: 1n, day: start.day, event: true, evidence: [start.id] };
      const seen = lastAlive !== null && lastAlive.day >= due - question.options.window ? lastAlive : died;
      if (seen === null) return notEvaluable("unknown-at-due");
      return { value: 0n, day: null, event: false, evidence: [seen.id] };
    }),
};

const RULES: ReadonlyMap<string, NamedRule> = new Map([
  ["death@1", { kind: "number", endpoint: death }],
  ["new-therapy@1", { kind: "number", endpoint: newTherapy }],
  // Overall survival in days is no built-in metric of a term sheet.
  ["overall-survival@1", { kind: "days", endpoint: os }],
]);

/** `name@version` of every rule. */
export function ruleNames(): readonly string[] {
  return [...RULES.keys()];
}

/** The endpoint of a named rule; undefined when there is no such rule, or it gives another kind of value than the metric has. */
export function namedRule(metric: Metric, name: string, version: string): Endpoint | undefined {
  const rule = RULES.get(`${name}@${version}`);
  return rule?.kind === metric.kind && metric.decimals === 0 ? { ...rule.endpoint, id: metric.id } : undefined;
}
