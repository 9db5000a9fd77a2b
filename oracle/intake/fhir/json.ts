/** Reading JSON that nobody has validated: every accessor answers null or an empty list instead of throwing. */

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** The objects of a list; a lone object counts as a list of one. */
export function objects(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
}

export function get(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (!isObject(at)) return undefined;
    at = at[key];
  }
  return at;
}

/** The codings of a CodeableConcept as `system|code`. */
export function codings(concept: unknown): readonly string[] {
  const found: string[] = [];
  for (const coding of objects(get(concept, "coding"))) {
    const code = text(coding["code"]);
    if (code !== null) found.push(`${text(coding["system"]) ?? ""}|${code}`);
  }
  return found;
}

/** The last part of each profile URL that the resource claims, without a version. */
export function profiles(resource: Json): readonly string[] {
  const claimed = get(resource, "meta", "profile");
  if (!Array.isArray(claimed)) return [];
  return claimed.filter((url) => typeof url === "string").map((url) => url.replace(/\|.*$/, "").replace(/^.*\//, ""));
}

/** The resource's first identifier, by which two sources may mean the same thing; null without one. */
export function businessKey(resource: Json): string | null {
  if (resource["identifier"] === undefined) return null;
  const identifier = objects(resource["identifier"])[0];
  const value = text(get(identifier, "value"));
  return value === null ? null : `${text(get(identifier, "system")) ?? ""}|${value}`;
}
