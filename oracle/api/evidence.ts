/** The class of evidence: what kind of resource an outcome rests on, and nothing that names one. */

/** A FHIR resource is named `Observation/ID`; rows of a table and statements have names of their own. */
const FHIR = /^([A-Z][A-Za-z]{1,40})\//;
const STATEMENT = /^statement\//;

/** In alphabetical order, each once. */
export function evidenceClasses(resources: readonly string[]): string[] {
  const classes = resources.map((name) => FHIR.exec(name)?.[1] ?? (STATEMENT.test(name) ? "statement" : "row"));
  return [...new Set(classes)].sort();
}
