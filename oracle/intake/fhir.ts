/** FHIR R4 resources to facts. Whatever a resource looks like, it ends as a fact, a rejection or a count; nothing throws. */

import type { Interval, ResponseClass } from "../record.ts";
import {
  ACTIVITY,
  CANCER_MEDICATION_PROFILES,
  CANCER_PROCEDURE_PROFILES,
  DEATH_OBSERVATION,
  EVIDENCE_EXTENSIONS,
  FINAL,
  GIVEN,
  IMAGING,
  INTENT_EXTENSIONS,
  isAnticancer,
  isCancerDrug,
  isPrimaryCancer,
  ONLY_IF_NEW,
  PRIMARY_CANCER_PROFILES,
  RESPONSE_OBSERVATIONS,
  responseOf,
  VARIANT_ABSENT,
  VARIANT_OBSERVATION,
} from "./codes.ts";
import type { Collector } from "./collector.ts";
import { isoDay, isoInterval } from "./dates.ts";
import type { Entry, Fact } from "./facts.ts";
import { codings, get, isObject, objects, profiles, text, type Json } from "./json.ts";
import { resolveReference, type Urns } from "./references.ts";

/** Where a resource stands. */
export interface Place {
  readonly file: number;
  readonly line: number | null;
  /** What the enclosing Bundle's `fullUrl`s stand for. */
  readonly urns: Urns;
}

/** What was understood: a fact, a reason against, or both for a result that is only preliminary. */
interface Reading {
  readonly fact?: Fact;
  readonly reason?: string;
  /** Elements that could not be read, in a resource that is used without them. */
  readonly problems?: readonly string[];
}

const DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

export interface FhirSettings {
  readonly codes: ReadonlyMap<string, ResponseClass>;
  readonly responseCodes: ReadonlySet<string>;
  readonly identifierSystem: string | null;
}

export class FhirReader {
  readonly #collector: Collector;
  readonly #settings: FhirSettings;
  #lastReference = "";
  #lastSubject = "";

  constructor(collector: Collector, settings: FhirSettings) {
    this.#collector = collector;
    this.#settings = settings;
  }

  /** Takes in one resource; a Bundle counts as its entries, a list as its members. */
  read(value: unknown, place: Place): void {
    if (Array.isArray(value)) {
      for (const member of value) this.read(member, place);
      return;
    }
    const type = isObject(value) ? text(value["resourceType"]) : null;
    if (!isObject(value) || type === null) {
      this.#collector.counts.read++;
      this.#collector.reject(place.file, place.line, null, "not a FHIR resource: no resourceType");
      return;
    }
    if (type === "Bundle") {
      this.#bundle(value, place);
      return;
    }
    this.#collector.counts.read++;
    this.#resource(value, type, place);
  }

  #bundle(bundle: Json, place: Place): void {
    const entries = objects(bundle["entry"]);
    const urns = new Map<string, string>(place.urns);
    for (const entry of entries) {
      const [url, type] = [text(entry["fullUrl"]), text(get(entry, "resource", "resourceType"))];
      const id = text(get(entry, "resource", "id")) ?? (url?.startsWith("urn:uuid:") ? url.slice(9) : null);
      if (url !== null && type !== null && id !== null) urns.set(url, `${type}/${id}`);
    }
    for (const entry of entries) {
      const resource = entry["resource"];
      const url = text(entry["fullUrl"]);
      if (isObject(resource)) {
        const own = text(resource["id"]) ?? (url === null ? null : (urns.get(url)?.replace(/^.*\//, "") ?? null));
        this.read(own === null ? resource : { ...resource, id: own }, { ...place, urns });
        continue;
      }
      this.#collector.counts.read++;
      const deleted = text(get(entry, "request", "method")) === "DELETE" ? text(get(entry, "request", "url")) : null;
      if (deleted !== null) this.#withdraw(deleted, place, "deleted");
      else this.#collector.reject(place.file, place.line, null, "Bundle entry without a resource");
    }
  }

  #withdraw(id: string, { file, line }: Place, reason: string): void {
    this.#collector.withdrawals.add(id);
    const entry = { id, subject: "", fact: null, reason, updated: NaN, version: NaN, removed: true, file, line };
    this.#collector.add(entry);
  }

  #resource(resource: Json, type: string, place: Place): void {
    const id = text(resource["id"]);
    const name = id === null ? `${type}/` : `${type}/${id}`;
    const status = text(resource["status"]);
    if (status === "entered-in-error" && id !== null) this.#collector.withdrawals.add(name);
    const reading = this.#understand(resource, type, place.urns);
    const subject = this.#subject(resource, type, name, place.urns);
    if (reading === null) {
      this.#collector.ignore(type);
      if (subject.startsWith("Patient/")) this.#activity(resource, type, subject, name);
      return;
    }
    const problem = subject.startsWith("Patient/") ? undefined : subject;
    const updated = Date.parse(text(get(resource, "meta", "lastUpdated")) ?? "");
    const version = Number(text(get(resource, "meta", "versionId")) ?? NaN);
    const reason = problem ?? reading.reason ?? null;
    for (const part of reading.problems ?? []) this.#collector.note(place.file, place.line, name, part);
    const entry: Entry = {
      // Without an id there is nothing by which another version could be known.
      id: id === null ? `${type} at ${place.file}:${place.line ?? 0}:${this.#collector.counts.read}` : name,
      subject: problem === undefined ? subject : "",
      fact: problem === undefined ? (reading.fact ?? null) : null,
      reason,
      updated,
      version,
      removed: status === "entered-in-error",
      file: place.file,
      line: place.line,
    };
    this.#collector.add(entry);
  }

  /** `Patient/id`, or why there is none. */
  #subject(resource: Json, type: string, name: string, urns: Urns): string {
    if (type === "Patient") return name;
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

  #activity(resource: Json, type: string, subject: string, name: string): void {
    const rule = Object.hasOwn(ACTIVITY, type) ? ACTIVITY[type] : undefined;
    if (!rule?.statuses.has(text(resource["status"]) ?? "")) return;
    for (const element of rule.dates) {
      const value = resource[element];
      const date = text(value) ?? text(get(value, "end")) ?? text(get(value, "start"));
      const day = date === null ? null : isoDay(date);
      if (day !== null) this.#collector.alive(subject, day, name);
    }
  }

  /** Null: of no use to any endpoint. */
  #understand(resource: Json, type: string, urns: Urns): Reading | null {
    switch (type) {
      case "Patient":
        return this.#patient(resource);
      case "Observation":
        return this.#observation(resource, urns);
      case "MedicationAdministration":
      case "MedicationStatement":
        return this.#medication(resource, type, urns);
      case "Procedure":
        return this.#procedure(resource);
      case "Condition":
        return this.#condition(resource, urns);
      case "Consent":
        return this.#consent(resource);
      case "Medication": {
        const id = text(resource["id"]);
        if (id !== null) this.#collector.medications.set(`Medication/${id}`, codings(resource["code"]));
        return null;
      }
      default:
        return null;
    }
  }

  #patient(resource: Json): Reading {
    const id = text(resource["id"]);
    if (id === null) return { reason: "Patient without an id" };
    const problems: string[] = [];
    const date = (element: string): Interval | null => {
      const written = text(resource[element]);
      const found = written === null ? null : isoInterval(written);
      if (written !== null && found === null) problems.push(`${element} is no date: ${written}`);
      return found;
    };
    const birth = date("birthDate");
    // A date that can't be read is still a death.
    const dead = resource["deceasedBoolean"] === true || text(resource["deceasedDateTime"]) !== null;
    const death = date("deceasedDateTime") ?? (dead ? "unknown" : null);
    const identifier = this.#identifier(resource, id);
    if (identifier === null) return { reason: `no identifier of system ${this.#settings.identifierSystem ?? ""}` };
    const sex = text(resource["gender"]);
    const unstated = { index: null, lastAlive: null, followUp: null, consent: null };
    return { fact: { kind: "patient", identifier, birth, sex, death, ...unstated }, problems };
  }

  /** The declared system's identifier; else the medical record number, else the only one, else the resource's id. */
  #identifier(resource: Json, id: string): { system: string; value: string } | null {
    const all = objects(resource["identifier"]).flatMap((identifier) => {
      const value = text(identifier["value"]);
      const record = codings(identifier["type"]).some((code) => code.endsWith("|MR"));
      return value === null ? [] : [{ system: text(identifier["system"]) ?? "", value, record }];
    });
    const wanted = this.#settings.identifierSystem;
    const found = wanted === null ? undefined : all.find(({ system }) => system === wanted);
    if (wanted !== null && found === undefined) return null;
    const chosen = found ?? all.find(({ record }) => record) ?? (all.length === 1 ? all[0] : undefined);
    return chosen ? { system: chosen.system, value: chosen.value } : { system: "", value: id };
  }

  #observation(resource: Json, urns: Urns): Reading | null {
    const code = codings(resource["code"]);
    if (code.some((coding) => RESPONSE_OBSERVATIONS.has(coding) || this.#settings.responseCodes.has(coding))) {
      return this.#assessment(resource, urns);
    }
    const variant = code.includes(VARIANT_OBSERVATION);
    if (!variant && !code.includes(DEATH_OBSERVATION)) return null;
    if (variant && this.#collector.wanted.variants.size === 0) return null;
    const status = text(resource["status"]) ?? "missing";
    if (!FINAL.has(status)) return { reason: `status ${status}` };
    if (variant) {
      const value = codings(resource["valueCodeableConcept"]);
      const components = objects(resource["component"]).flatMap((part) => codings(part["valueCodeableConcept"]));
      const absent = value.some((coding) => VARIANT_ABSENT.has(coding));
      return { fact: { kind: "variant", codes: absent ? [] : [...value, ...components] } };
    }
    const date = effective(resource);
    return typeof date === "string" ? { reason: date } : { fact: { kind: "death", date } };
  }

  #assessment(resource: Json, urns: Urns): Reading {
    const status = text(resource["status"]) ?? "missing";
    if (!FINAL.has(status) && status !== "preliminary") return { reason: `status ${status}` };
    const date = effective(resource);
    if (typeof date === "string") return { reason: date };
    const response = this.#response(resource);
    if (typeof response !== "string") return response;
    const evidence = objects(resource["extension"]).filter(({ url }) => EVIDENCE_EXTENSIONS.has(String(url)));
    const types = evidence.flatMap((extension) => codings(extension["valueCodeableConcept"]));
    const imaging =
      types.length === 0 ? null : types.some((type) => IMAGING.has(type.slice(type.lastIndexOf("|") + 1)));
    const focus =
      resource["focus"] === undefined
        ? NO_FOCUS
        : objects(resource["focus"]).flatMap(({ reference }) => {
            const named = text(reference);
            return named === null ? [] : [resolveReference(named, urns, "Condition") ?? named];
          });
    const identifier = objects(resource["identifier"])[0];
    const value = text(get(identifier, "value"));
    const business = value === null ? null : `${text(get(identifier, "system")) ?? ""}|${value}`;
    const fact: Fact = { kind: "assessment", date, response, evaluator: null, imaging, focus, business };
    if (status !== "preliminary") return { fact };
    // Never an event, but a progression that may yet become final is worth knowing of.
    return response === "PD" ? { fact, reason: "status preliminary" } : { reason: "status preliminary" };
  }

  #response(resource: Json): ResponseClass | Reading {
    const value = resource["valueCodeableConcept"];
    const absent = objects(get(value, "extension")).some(({ url }) => url === DATA_ABSENT);
    if (absent || isObject(resource["dataAbsentReason"])) return "NE";
    if (!isObject(value)) {
      const other = Object.keys(resource).find((key) => /^value[A-Z]/.test(key));
      return { reason: other === undefined ? "no value" : `value is no CodeableConcept: ${other}` };
    }
    const codes = codings(value);
    if (codes.length === 0) return { reason: "unmapped: no code, only text" };
    const classes = new Set(codes.flatMap((code) => responseOf(code, this.#settings.codes) ?? []));
    const [response] = classes;
    if (classes.size > 1) return { reason: `codes contradict each other: ${codes.join(", ")}` };
    if (response !== undefined) return response;
    const onlyIfNew = codes.some((code) => ONLY_IF_NEW.has(code));
    return {
      reason: `unmapped code ${codes.join(", ")}${onlyIfNew ? ": progression only if new against baseline" : ""}`,
    };
  }

  #medication(resource: Json, type: string, urns: Urns): Reading | null {
    const reference = text(get(resource, "medicationReference", "reference"));
    const contained = reference?.startsWith("#")
      ? objects(resource["contained"]).find(({ id }) => `#${String(id)}` === reference)
      : undefined;
    const codes = codings(resource["medicationCodeableConcept"] ?? contained?.["code"]);
    const medication =
      reference === null || contained !== undefined ? null : resolveReference(reference, urns, "Medication");
    const claimed = profiles(resource).some((profile) => CANCER_MEDICATION_PROFILES.has(profile));
    const named = codes.some((code) => this.#collector.wanted.medications.has(code));
    if (!claimed && !named && medication === null && !codes.some(isCancerDrug)) return null;
    const status = text(resource["status"]) ?? "missing";
    const administered = type === "MedicationAdministration";
    // A statement is no administration: it shows that another treatment began, never that this one did.
    if (administered ? !GIVEN.has(status) : !["active", "completed", "stopped"].includes(status))
      return { reason: `status ${status}` };
    const cancer = claimed || codes.some(isCancerDrug);
    return this.#therapy(resource, ["effectiveDateTime", "effectivePeriod"], {
      codes,
      medication,
      given: administered,
      cancer: cancer || named,
    });
  }

  #procedure(resource: Json): Reading | null {
    if (!profiles(resource).some((profile) => CANCER_PROCEDURE_PROFILES.has(profile))) return null;
    const status = text(resource["status"]) ?? "missing";
    if (!GIVEN.has(status)) return { reason: `status ${status}` };
    const codes = codings(resource["code"]);
    return this.#therapy(resource, ["performedDateTime", "performedPeriod"], {
      codes,
      medication: null,
      given: false,
      cancer: true,
    });
  }

  #therapy(
    resource: Json,
    elements: readonly [string, string],
    about: { codes: readonly string[]; medication: string | null; given: boolean; cancer: boolean },
  ): Reading {
    const written = text(resource[elements[0]]) ?? text(get(resource, elements[1], "start"));
    if (written === null) return { reason: "no date" };
    const start = isoInterval(written);
    if (start === null) return { reason: `no date: ${written}` };
    const intents = objects(resource["extension"])
      .filter(({ url }) => INTENT_EXTENSIONS.has(String(url)))
      .flatMap((extension) => codings(extension["valueCodeableConcept"]));
    const unmapped = intents.find((intent) => isAnticancer(intent) === undefined);
    if (unmapped !== undefined) return { reason: `unmapped intent ${unmapped}` };
    const directed = intents.length === 0 || intents.some((intent) => isAnticancer(intent));
    return { fact: { kind: "therapy", start, ...about, cancer: about.cancer && directed } };
  }

  #condition(resource: Json, urns: Urns): Reading | null {
    const codes = codings(resource["code"]);
    const primary =
      profiles(resource).some((profile) => PRIMARY_CANCER_PROFILES.has(profile)) ||
      codes.some((code) => isPrimaryCancer(code));
    const named = codes.some((code) => this.#collector.wanted.conditions.has(code));
    const relation = objects(resource["extension"]).find(({ url }) => /related-?primary-?cancer/i.test(String(url)));
    const reference = text(get(relation, "valueReference", "reference"));
    if (!primary && !named && reference === null) return null;
    const verification = codings(resource["verificationStatus"]).map((code) => code.slice(code.lastIndexOf("|") + 1));
    const wrong = verification.find((status) => status === "entered-in-error" || status === "refuted");
    if (wrong !== undefined) return { reason: `verification status ${wrong}` };
    const related = reference === null ? null : resolveReference(reference, urns, "Condition");
    return { fact: { kind: "condition", codes, primary, related } };
  }

  #consent(resource: Json): Reading | null {
    const status = text(resource["status"]) ?? "missing";
    if (["draft", "proposed", "entered-in-error", "missing"].includes(status)) return { reason: `status ${status}` };
    const scopes = codings(resource["scope"]).map((code) => code.slice(code.lastIndexOf("|") + 1));
    if (!scopes.some((scope) => scope === "research" || scope === "patient-privacy")) return null;
    const denied = text(get(resource, "provision", "type")) === "deny";
    const [from, until] = ["start", "end"].map((end) =>
      isoInterval(text(get(resource, "provision", "period", end)) ?? ""),
    );
    const { asOf } = this.#collector;
    const inForce = (from?.first ?? asOf) <= asOf && (until?.last ?? asOf) >= asOf;
    const stance = status !== "active" || !inForce ? "lapsed" : denied ? "denied" : "granted";
    return { fact: { kind: "consent", stance } };
  }
}

const NO_FOCUS: readonly string[] = [];

/** When an observation holds: a period counts for its end. The text says why there is no date. */
function effective(resource: Json): Interval | string {
  const period = resource["effectivePeriod"];
  const end = text(get(period, "end"));
  if (isObject(period) && end === null) return "no date: a period without an end";
  const written = text(resource["effectiveDateTime"]) ?? text(resource["effectiveInstant"]) ?? end;
  if (written === null) return "no date";
  return isoInterval(written) ?? `no date: ${written}`;
}
