/**
 * Rules by name, for what no key of a term sheet can say: `rule: death@1`. A rule that is corrected is a new version; the old one
 * stays for the agreements that were signed with it. Whoever runs an oracle may add rules here; one that lacks a rule refuses to
 * start.
 */

import type { Metric, MetricKind } from "../../terms/model.ts";
import { alive } from "./alive.ts";
import { observedUntil, onCourses } from "./course.ts";
import type { Endpoint } from "./endpoint.ts";
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
  value: (record, question) => {
    const others = record.therapies.filter(({ contract }) => !contract);
    const dates = others.map(({ start }) => start);
    return onCourses(record, question, dates, (course) => {
      const begun = others
        .flatMap(({ start, id }) => {
          const day = course.dayOf(start);
          return day === null || day <= course.index || day > course.due ? [] : [{ day, id }];
        })
        .sort((x, y) => x.day - y.day || (x.id < y.id ? -1 : 1));
      const [first] = begun;
      if (first !== undefined) return { value: 1n, day: first.day, event: true, evidence: [first.id] };
      const observed = observedUntil(course, course.due, question.options.window);
      if ("notEvaluable" in observed) return observed;
      return { value: 0n, day: null, event: false, evidence: observed.ids };
    });
  },
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
