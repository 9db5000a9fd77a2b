/** OperationOutcome: what a server says about itself. */

import { get, isObject, objects, text } from "../fhir/json.ts";
import { plain } from "./errors.ts";

export interface Issue {
  readonly severity: string;
  readonly code: string;
  /** `severity code: what the server says`. */
  readonly words: string;
  /** The resource that it is about, as `Type/id`, where an expression tells. */
  readonly resource: string | null;
}

/** The issues of an OperationOutcome; none of anything else. */
export function issuesOf(value: unknown): readonly Issue[] {
  if (!isObject(value) || value["resourceType"] !== "OperationOutcome") return [];
  return objects(value["issue"]).map((issue) => {
    const severity = text(issue["severity"]) ?? "error";
    const code = text(issue["code"]) ?? "unknown";
    const details = text(issue["diagnostics"]) ?? text(get(issue, "details", "text")) ?? codeOf(issue["details"]);
    const words = plain(`${severity} ${code}${details === null ? "" : `: ${details}`}`);
    return { severity, code, words, resource: subjectOf(issue) };
  });
}

function codeOf(details: unknown): string | null {
  const [coding] = objects(get(details, "coding"));
  return text(coding?.["display"]) ?? text(coding?.["code"]);
}

function subjectOf(issue: Readonly<Record<string, unknown>>): string | null {
  const places = [issue["expression"], issue["location"]].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  const named = places.find(
    (place) => typeof place === "string" && /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(place),
  );
  return typeof named === "string" ? named : null;
}

/** Codes with which a server says that the same request may succeed later. */
const PASSING = new Set(["transient", "lock-error", "timeout", "incomplete", "throttled"]);

export const isPassing = (issues: readonly Issue[]): boolean => issues.some(({ code }) => PASSING.has(code));
