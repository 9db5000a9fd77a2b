/** FHIR references: relative, absolute, or `urn:uuid` of the same Bundle, to one `Type/id`. */

/** What the `fullUrl`s of a Bundle stand for, as `Type/id`. */
export type Urns = ReadonlyMap<string, string>;

/**
 * The `Type/id` that a reference means; null when it can't be told. A `urn:uuid` outside a Bundle is taken for the id of a
 * resource of the type expected there, as servers that export without Bundles write it.
 */
export function resolveReference(reference: string, urns: Urns, expected: string): string | null {
  // By far the most common form, and the one that needs no pattern.
  if (reference.startsWith("Patient/") && reference.indexOf("/", 8) < 0 && reference.length > 8) return reference;
  const known = urns.get(reference);
  if (known !== undefined) return known;
  const urn = /^urn:uuid:([A-Za-z0-9\-.]{1,128})$/.exec(reference);
  if (urn?.[1] !== undefined) return `${expected}/${urn[1]}`;
  const match = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-._]{1,128})(?:\/_history\/[^/]+)?$/.exec(reference);
  return match ? `${match[1]}/${match[2]}` : null;
}
