/** Consent to research or to the sharing of data, as it stands on the as-of date. */

import { isoInterval } from "../dates.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { codings, get, text, type Json } from "./json.ts";

const NEVER_GIVEN: ReadonlySet<string> = new Set(["draft", "proposed", "entered-in-error", "missing"]);

export function readConsent(resource: Json, { asOf }: FhirContext): FhirReading | null {
  const status = text(resource["status"]) ?? "missing";
  if (NEVER_GIVEN.has(status)) return { reason: `status ${status}` };
  const scopes = codings(resource["scope"]).map((code) => code.slice(code.lastIndexOf("|") + 1));
  if (!scopes.some((scope) => scope === "research" || scope === "patient-privacy")) return null;
  const denied = text(get(resource, "provision", "type")) === "deny";
  const [from, until] = ["start", "end"].map((end) =>
    isoInterval(text(get(resource, "provision", "period", end)) ?? ""),
  );
  const inForce = (from?.first ?? asOf) <= asOf && (until?.last ?? asOf) >= asOf;
  return {
    facts: [{ kind: "consent", stance: status !== "active" || !inForce ? "lapsed" : denied ? "denied" : "granted" }],
  };
}
