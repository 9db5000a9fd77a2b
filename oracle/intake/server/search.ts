/** Records by search: type by type, page by page, for all patients or those that the source asks for. */

import { get, isObject, objects, text, type Json } from "../fhir/json.ts";
import type { Rejected } from "../facts.ts";
import { ServerError, shown } from "./errors.ts";
import type { ServerHttp, Tokens } from "./http.ts";
import { issuesOf } from "./outcome.ts";
import type { ServerSettings } from "./settings.ts";
import type { LineFile, SnapshotWriter } from "./writer.ts";
import { DEFAULT_TYPES, patientParameter } from "./types.ts";

const FHIR_JSON = { accept: "application/fhir+json" };
/** Ids asked for in one search: keeps the URL within what every server and proxy takes. */
const IDS_AT_ONCE = 25;

/** What one page held. */
interface Page {
  readonly resources: readonly Json[];
  readonly issues: readonly Rejected[];
  readonly next: string | null;
}

/**
 * Writes one file a type.
 * @returns the server's time before the first page was asked for: all that was recorded until then is in the snapshot
 * @throws ServerError
 */
export async function searchRecords(
  settings: ServerSettings,
  http: ServerHttp,
  tokens: Tokens | null,
  writer: SnapshotWriter,
): Promise<string> {
  const { offered, time } = await readCapabilities(http, tokens);
  const types = (settings.types ?? DEFAULT_TYPES).filter((type) => {
    if (offered === null || offered.has(type)) return true;
    const reason = `the server offers no search for ${type}`;
    if (settings.types !== undefined || type === "Patient") throw new ServerError(`types: ${http.base}: ${reason}`);
    writer.issue({ file: new URL(type, http.base).href, line: null, resource: null, reason });
    return false;
  });
  const search = new Search(settings, http, tokens, writer);
  await search.patients();
  for (const type of types.filter((type) => type !== "Patient" && type !== "Medication")) await search.all(type);
  if (types.includes("Medication")) await search.medications();
  return time;
}

class Search {
  readonly #settings: ServerSettings;
  readonly #http: ServerHttp;
  readonly #tokens: Tokens | null;
  readonly #writer: SnapshotWriter;
  readonly #patients: string[] = [];
  readonly #medications = new Set<string>();

  constructor(settings: ServerSettings, http: ServerHttp, tokens: Tokens | null, writer: SnapshotWriter) {
    this.#settings = settings;
    this.#http = http;
    this.#tokens = tokens;
    this.#writer = writer;
  }

  /** Whole, whatever `since` says: results without their patient would be of no use. */
  async patients(): Promise<void> {
    const asked = Object.entries(this.#settings.patients ?? {});
    const query = asked.flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]));
    await this.#search("Patient", [query], (patient) => {
      const id = text(patient["id"]);
      if (id !== null) this.#patients.push(id);
    });
  }

  async all(type: string): Promise<void> {
    const { since, patients } = this.#settings;
    const recorded: [string, string][] = since === undefined ? [] : [["_lastUpdated", `ge${since}`]];
    const parameter = patientParameter(type);
    const prefix = parameter === "patient" ? "" : "Patient/";
    const queries =
      patients === undefined
        ? [recorded]
        : groups(this.#patients).map((ids): [string, string][] => [
            [parameter, ids.map((id) => prefix + id).join(",")],
            ...recorded,
          ]);
    await this.#search(type, queries, (resource) => this.#refersTo(resource));
  }

  /** Only those that something refers to: a server may hold its whole formulary. */
  async medications(): Promise<void> {
    const queries = groups([...this.#medications].sort()).map((ids): [string, string][] => [["_id", ids.join(",")]]);
    await this.#search("Medication", queries, () => undefined);
  }

  #refersTo(resource: Json): void {
    const reference = text(get(resource, "medicationReference", "reference"));
    const id =
      reference === null ? undefined : /(?:^|\/)Medication\/([A-Za-z0-9\-.]{1,64})(?:\/|$)/.exec(reference)?.[1];
    if (id !== undefined) this.#medications.add(id);
  }

  async #search(
    type: string,
    queries: readonly (readonly (readonly [string, string])[])[],
    each: (resource: Json) => void,
  ): Promise<void> {
    const place = new URL(type, this.#http.base).href;
    if (queries.length === 0) return;
    let file: LineFile | null = null;
    let pages = 0;
    const seen = new Set<string>();
    for (const query of queries) {
      const start = new URL(place);
      for (const [name, value] of query) start.searchParams.append(name, value);
      start.searchParams.set("_count", String(this.#settings.pageSize));
      for (let url: string | null = start.href; url !== null;) {
        if (seen.has(url))
          throw new ServerError(`${shown(url)}: page ${pages}: next leads to a page that was read already`);
        seen.add(url);
        if (++pages > this.#settings.maxPages)
          throw new ServerError(`${place}: more than ${this.#settings.maxPages} pages (maxPages)`);
        const page: Page = await this.#page(url, type);
        for (const resource of page.resources) {
          each(resource);
          file ??= await this.#writer.open(`${type}.ndjson`, { url: place, type, kind: "output" });
          await file.write(JSON.stringify(resource));
        }
        page.issues.forEach((issue) => this.#writer.issue(issue));
        this.#http.note(`${type}: page ${pages}, ${file?.count ?? 0} resources`);
        url = page.next;
      }
    }
    await file?.close();
  }

  #page(url: string, type: string): Promise<Page> {
    return this.#http.request(url, { headers: FHIR_JSON, tokens: this.#tokens }, async (response, last) =>
      this.#read(await this.#http.json(response, last), type, last),
    );
  }

  #read(bundle: unknown, type: string, url: string): Page {
    if (!isObject(bundle) || bundle["resourceType"] !== "Bundle" || bundle["type"] !== "searchset") {
      const [issue] = issuesOf(bundle);
      const found =
        issue?.words ?? (isObject(bundle) ? `${text(bundle["resourceType"]) ?? "no resource"}` : "no object");
      throw new ServerError(`${shown(url)}: found ${found}, expected a Bundle of type searchset`);
    }
    const resources: Json[] = [];
    const issues: Rejected[] = [];
    const reject = (reason: string, resource: string | null): void => {
      issues.push({ file: shown(url), line: null, resource, reason });
    };
    for (const entry of objects(bundle["entry"])) {
      const resource = entry["resource"];
      const mode = text(get(entry, "search", "mode")) ?? "match";
      const found = isObject(resource) ? text(resource["resourceType"]) : null;
      if (!isObject(resource) || found === null) {
        reject("entry without a resource", null);
      } else if (mode === "outcome" || found === "OperationOutcome") {
        for (const { words, resource: about } of issuesOf(resource)) reject(`the server says: ${words}`, about);
      } else if (mode === "match") {
        if (found === type) resources.push(resource);
        else reject(`${found} among the matches of ${type}`, `${found}/${text(resource["id"]) ?? ""}`);
      }
      // What is included was not asked for: were it read, a patient outside the search would come in.
    }
    const link = objects(bundle["link"]).find(({ relation }) => relation === "next");
    const next = link === undefined ? null : this.#http.resolve(link["url"], url, "the link to the next page");
    return { resources, issues, next };
  }
}

function groups(ids: readonly string[]): string[][] {
  const found: string[][] = [];
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) found.push(ids.slice(at, at + IDS_AT_ONCE));
  return found;
}

/** Types that can be searched, null when the server does not say; and its clock, which dates what it records. */
async function readCapabilities(
  http: ServerHttp,
  tokens: Tokens | null,
): Promise<{ offered: ReadonlySet<string> | null; time: string }> {
  const url = `${http.base}metadata`;
  try {
    return await http.request(url, { headers: FHIR_JSON, tokens }, async (response, last) => {
      const date = Date.parse(response.headers.get("date") ?? "");
      const statement = await http.json(response, last);
      return { offered: searchable(statement), time: instant(Number.isNaN(date) ? http.surroundings.now() : date) };
    });
  } catch (error) {
    if (!(error instanceof ServerError) || (error.status !== 404 && error.status !== 403)) throw error;
    http.note(`${shown(url)}: no CapabilityStatement; every type is asked for`);
    return { offered: null, time: instant(http.surroundings.now()) };
  }
}

const instant = (time: number): string => new Date(time).toISOString();

function searchable(statement: unknown): ReadonlySet<string> | null {
  const servers = objects(get(statement, "rest")).filter(({ mode }) => mode !== "client");
  const resources = servers.flatMap((rest) => objects(rest["resource"]));
  if (resources.length === 0) return null;
  const found = resources.filter((resource) => {
    const interactions = objects(resource["interaction"]);
    return interactions.length === 0 || interactions.some(({ code }) => code === "search-type");
  });
  return new Set(found.flatMap(({ type }) => text(type) ?? []));
}
