/** FHIR R4 resources to facts. Whatever a resource looks like, it ends as a fact, a rejection or a count; nothing throws. */

import { ACTIVITY } from "../codes.ts";
import type { Collector } from "../collector.ts";
import { isoDay } from "../dates.ts";
import { NO_FACTS } from "../facts.ts";
import { Interner } from "../intern.ts";
import { InexactNumber, JsonText } from "../numbers.ts";
import { isTakenBack, readAdverseEvent } from "./adverseEvent.ts";
import { readCondition } from "./condition.ts";
import { readConsent } from "./consent.ts";
import type { FhirContext, FhirReading, FhirSettings, ResourceReader } from "./context.ts";
import { readExplanationOfBenefit, readInvoice } from "./cost.ts";
import { readEncounter } from "./encounter.ts";
import { readQuestionnaireResponse } from "./eq5d.ts";
import { codings, get, isObject, text, type Json } from "./json.ts";
import { observedCodes, readObservation } from "./observation.ts";
import { readPatient } from "./patient.ts";
import { resolveReference, type Urns } from "./references.ts";
import { instant } from "./times.ts";
import { readAdministration, readMedicationStatement, readProcedure } from "./treatment.ts";

/** Where a resource stands. */
interface Place {
  readonly file: number;
  readonly line: number | null;
  /** What the enclosing Bundle's `fullUrl`s stand for. */
  readonly urns: Urns;
  /** From the document's root to here. */
  readonly path: readonly (string | number)[];
}

const READERS: ReadonlyMap<string, ResourceReader> = new Map<string, ResourceReader>([
  ["Patient", readPatient],
  ["Observation", readObservation],
  ["MedicationAdministration", readAdministration],
  ["MedicationStatement", readMedicationStatement],
  ["Procedure", readProcedure],
  ["Condition", readCondition],
  ["Encounter", readEncounter],
  ["AdverseEvent", readAdverseEvent],
  ["QuestionnaireResponse", readQuestionnaireResponse],
  ["ExplanationOfBenefit", readExplanationOfBenefit],
  ["Invoice", readInvoice],
  ["Consent", readConsent],
]);

/** Resource types that say anything to an endpoint, by themselves or as a sign of life. */
export const READ_TYPES: readonly string[] = [...new Set([...READERS.keys(), ...ACTIVITY.keys(), "Medication"])].sort();

const NO_URNS: Urns = new Map();
const NO_PATH: readonly (string | number)[] = [];
/** Bundles in Bundles, lists in lists: deeper is no record. */
const DEEPEST = 8;

export class FhirReader {
  readonly #collector: Collector;
  readonly #source = new JsonText();
  readonly #context: Omit<FhirContext, "urns"> & { urns: Urns };
  readonly #lists = new Interner<readonly string[]>();
  #lastReference = "";
  #lastSubject = "";

  constructor(collector: Collector, settings: FhirSettings) {
    this.#collector = collector;
    this.#context = {
      settings,
      asOf: collector.asOf,
      needs: collector.needs,
      wanted: collector.wanted,
      urns: NO_URNS,
      source: this.#source,
      observed: observedCodes(settings, collector.needs),
      intern: (codes) => this.#intern(codes),
    };
  }

  /** Takes in a JSON text: one resource; a Bundle counts as its entries, a list as its members. */
  readText(json: string, file: number, line: number | null): void {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      // The parser's message quotes the line, which may hold what must not be printed.
      this.#collector.unreadable(file, line, "broken JSON");
      return;
    }
    this.#source.set(json);
    this.#read(value, { file, line, urns: NO_URNS, path: NO_PATH });
  }

  #read(value: unknown, place: Place): void {
    if (Array.isArray(value) && place.path.length < DEEPEST) {
      value.forEach((member, k) => {
        this.#read(member, { ...place, path: [...place.path, k] });
      });
      return;
    }
    const type = isObject(value) ? text(value["resourceType"]) : null;
    if (!isObject(value) || type === null || !(READERS.has(type) || /^[A-Z][A-Za-z]{1,50}$/.test(type))) {
      this.#collector.unreadable(place.file, place.line, "not a FHIR resource: no resourceType");
      return;
    }
    if (type === "Bundle" && place.path.length < DEEPEST) {
      this.#bundle(value, place);
      return;
    }
    this.#collector.counts.read++;
    this.#resource(value, type, place);
  }

  #bundle(bundle: Json, place: Place): void {
    const members = bundle["entry"];
    const entries: readonly unknown[] = Array.isArray(members) ? members : [];
    const urns = new Map<string, string>(place.urns);
    for (const entry of entries) {
      const [url, type] = [text(get(entry, "fullUrl")), text(get(entry, "resource", "resourceType"))];
      const id = text(get(entry, "resource", "id")) ?? (url?.startsWith("urn:uuid:") ? url.slice(9) : null);
      if (url !== null && type !== null && id !== null) urns.set(url, `${type}/${id}`);
    }
    entries.forEach((entry, k) => {
      const resource = get(entry, "resource");
      const url = text(get(entry, "fullUrl"));
      if (isObject(resource)) {
        const own = text(resource["id"]) ?? (url === null ? null : (urns.get(url)?.replace(/^.*\//, "") ?? null));
        const path = [...place.path, "entry", k, "resource"];
        this.#read(own === null ? resource : { ...resource, id: own }, { ...place, urns, path });
        return;
      }
      const deleted = text(get(entry, "request", "method")) === "DELETE" ? text(get(entry, "request", "url")) : null;
      const target = deleted === null ? null : resolveReference(deleted, urns, "");
      if (target === null) {
        this.#collector.unreadable(place.file, place.line, "Bundle entry without a resource");
        return;
      }
      this.#collector.counts.read++;
      this.#withdraw(target, place, instant(get(entry, "response", "lastModified")));
    });
  }

  #withdraw(key: string, { file, line }: Place, updated: number | null): void {
    this.#collector.withdrawals.add(key);
    const nothing = { rows: null, version: null, subject: "", facts: NO_FACTS, unmapped: false, business: null };
    this.#collector.add({ key, ...nothing, reason: "deleted", updated, removed: true, file, line });
  }

  #resource(resource: Json, type: string, place: Place): void {
    if (type === "Medication") this.#medication(resource);
    const reading = this.#understand(resource, type, place);
    const id = text(resource["id"]);
    const removed =
      text(resource["status"]) === "entered-in-error" || (type === "AdverseEvent" && isTakenBack(resource));
    if (removed && id !== null) this.#collector.withdrawals.add(`${type}/${id}`);
    const subject = this.#subject(resource, type, id, place.urns);
    const isKnown = subject.startsWith("Patient/");
    if (isKnown && (reading === null || reading.activity === true)) this.#activity(resource, type, subject, id);
    if (reading === null) {
      this.#collector.ignore(type);
      return;
    }
    const name = `${type}/${id ?? ""}`;
    for (const part of reading.problems ?? []) this.#collector.note(place.file, place.line, name, part);
    const takenBack = removed && reading.reason === undefined ? "taken back" : null;
    const version = text(get(resource, "meta", "versionId"));
    this.#collector.add({
      // Without an id there is nothing by which another version could be known.
      key: id === null ? this.#unnamed(type, place) : name,
      rows: null,
      version: version !== null && /^[A-Za-z0-9\-.]{1,64}$/.test(version) ? version : null,
      subject: isKnown ? subject : "",
      facts: isKnown && takenBack === null ? (reading.facts ?? NO_FACTS) : NO_FACTS,
      reason: isKnown ? (reading.reason ?? takenBack) : subject,
      unmapped: isKnown && reading.unmapped === true,
      business: reading.business ?? null,
      updated: instant(get(resource, "meta", "lastUpdated")),
      removed,
      file: place.file,
      line: place.line,
    });
  }

  #unnamed(type: string, { file, line }: Place): string {
    const { files, counts } = this.#collector;
    return `${type} at ${files[file]?.file ?? ""}:${line ?? "-"}:${counts.read}`;
  }

  /** A number that a float can't hold is read again from the text. */
  #understand(resource: Json, type: string, { path, urns }: Place): FhirReading | null {
    const reader = READERS.get(type);
    if (reader === undefined) return null;
    this.#context.urns = urns;
    try {
      return reader(resource, this.#context);
    } catch (error) {
      if (!(error instanceof InexactNumber)) throw error;
      let exact: unknown = this.#source.exact();
      for (const key of path)
        exact = Array.isArray(exact) ? (exact as unknown[])[Number(key)] : get(exact, String(key));
      return isObject(exact) ? reader(exact, this.#context) : { reason: "a number can't be read exactly" };
    }
  }

  /** `Patient/id`, or why there is none. */
  #subject(resource: Json, type: string, id: string | null, urns: Urns): string {
    if (type === "Patient") return `Patient/${id ?? ""}`;
    const reference = text(get(resource["subject"] ?? resource["patient"], "reference"));
    if (reference === null) return "no subject reference";
    if (reference === this.#lastReference && urns.size === 0) return this.#lastSubject;
    const target = resolveReference(reference, urns, "Patient");
    if (target?.startsWith("Patient/") && urns.size === 0) {
      // Resources of one patient mostly stand together: remembering the last saves the time and the copies of its name.
      this.#lastReference = reference;
      this.#lastSubject = this.#collector.subject(target);
      return this.#lastSubject;
    }
    if (target === null) return `subject can't be resolved: ${reference}`;
    return target.startsWith("Patient/") ? target : `subject is no patient: ${reference}`;
  }

  #activity(resource: Json, type: string, subject: string, id: string | null): void {
    const rule = ACTIVITY.get(type);
    if (!rule?.statuses.has(text(resource["status"]) ?? "")) return;
    for (const element of rule.dates) {
      const value = resource[element];
      if (value === undefined) continue;
      const date = text(value) ?? text(get(value, "end")) ?? text(get(value, "start"));
      const day = date === null ? null : isoDay(date);
      if (day === null || !this.#collector.isNews(subject, day)) continue;
      if (!this.#isRecordedLater(resource)) this.#collector.alive(subject, day, type, id ?? "");
    }
  }

  /** Recorded after the as-of date, hence unknown on it. */
  #isRecordedLater(resource: Json): boolean {
    const updated = instant(get(resource, "meta", "lastUpdated"));
    return updated !== null && this.#collector.isLater(updated);
  }

  #medication(resource: Json): void {
    const id = text(resource["id"]);
    if (id !== null) this.#collector.medications.set(`Medication/${id}`, this.#intern(codings(resource["code"])));
  }

  #intern(codes: readonly string[]): readonly string[] {
    return this.#lists.of(codes.join("\n"), codes);
  }
}
