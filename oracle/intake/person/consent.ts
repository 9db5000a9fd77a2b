/** Whether the patient consents on the as-of date. */

import type { Person } from "./person.ts";

/** A refusal in force prevails, then a consent in force; one that has lapsed is no consent. Null when nothing is said. */
export function consentOf(person: Person): boolean | null {
  const stated = person.of("consent");
  for (const one of stated) person.use(one);
  const own = person.patient.fact.consent;
  const stances = new Set(stated.map(({ fact }) => fact.stance));
  if (own === false || stances.has("denied")) return false;
  if (own === true || stances.has("granted")) return true;
  return stances.has("lapsed") ? false : null;
}
