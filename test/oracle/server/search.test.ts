import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import type { FastifyReply } from "fastify";

import { loadFolder, on } from "../support.ts";
import { mcodeExamples, MCODE_EXAMPLES, startFhirServer, type FhirServer } from "./fhirServer.ts";
import { failure, LATER, Place, unversioned } from "./setup.ts";

const outcome = (reply: FastifyReply, status: number, code: string, diagnostics: string): unknown => {
  void reply.code(status).type("application/fhir+json");
  return { resourceType: "OperationOutcome", issue: [{ severity: "error", code, diagnostics }] };
};

const page = (link: readonly unknown[], entry: readonly unknown[] = []): unknown => ({
  resourceType: "Bundle",
  type: "searchset",
  link,
  entry,
});

describe("records of a FHIR server by search", () => {
  let server: FhirServer;
  let place: Place;
  const settings = (more: Readonly<Record<string, unknown>> = {}) => ({ url: server.url, mode: "search", ...more });

  before(async function () {
    this.timeout(30_000);
    server = await startFhirServer(mcodeExamples());
  });
  after(() => server.close());
  beforeEach(() => {
    place = new Place();
    server.requests.length = 0;
    server.intercept = null;
    server.saysWhenRecorded = true;
  });
  afterEach(() => place.remove());

  describe("pages", () => {
    it("give the same records and rejections as the same resources in files", async () => {
      // The guide's examples don't say, and some patients share an identifier.
      server.saysWhenRecorded = false;
      const fromServer = await place.load(settings({ pageSize: "7" }));
      const fromFiles = await loadFolder(MCODE_EXAMPLES, LATER);
      expect(fromFiles.patients.length).to.be.greaterThan(3);
      expect(unversioned(fromServer.patients)).to.deep.equal(unversioned(fromFiles.patients));
      const said = (loaded: typeof fromFiles) =>
        unversioned(loaded.rejected).map(({ resource, reason }) => [resource, reason]);
      expect(said(fromServer)).to.deep.equal(said(fromFiles));
      expect(fromServer.rejected.map(({ file }) => file)).to.deep.equal([`${server.url}/Observation`]);
      const { ignored, read, ...rest } = fromServer.counts;
      const passed = Object.values(ignored).reduce((sum, n) => sum + n, 0);
      expect(rest.used + rest.rejected + rest.superseded + rest.duplicates + passed).to.equal(read);
    });

    it("are followed as the server links them, whatever their size", async () => {
      const patients = Array.from({ length: 23 }, (_, i): Resource => ({ resourceType: "Patient", id: `p-${i}` }));
      const small = await startFhirServer(patients);
      try {
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (pageSize) => {
            const own = new Place();
            const { patients: found } = await own.load({ url: small.url, mode: "search", pageSize: String(pageSize) });
            own.remove();
            expect(found).to.have.length(23);
          }),
          { numRuns: 8 },
        );
      } finally {
        await small.close();
      }
    });

    it("that lead back to one that was read end in an error", async () => {
      server.intercept = ({ url }) =>
        url.startsWith("/fhir/Patient")
          ? page([{ relation: "next", url: `${server.url}/Patient?again=1` }])
          : undefined;
      const error = await failure(place.load(settings()));
      expect(error.name).to.equal("ServerError");
      expect(error.message).to.include("was read already");
      expect(place.snapshots(settings())).to.be.empty;
    });

    it("on another origin are not followed, and no token goes there, unless the source lists it", async () => {
      const other = await startFhirServer([{ resourceType: "Patient", id: "elsewhere" }]);
      place.surroundings.env["TOKEN"] = "secret-token";
      const auth = { type: "bearer", token: { env: "TOKEN" } };
      server.intercept = ({ url }) =>
        url.startsWith("/fhir/Patient") ? page([{ relation: "next", url: `${other.url}/Patient` }]) : undefined;
      let authorization: string | undefined;
      other.intercept = ({ headers }) => {
        authorization = headers.authorization;
        return undefined;
      };
      const error = await failure(place.load(settings({ auth })));
      expect(error.message).to.include(new URL(other.url).origin).and.to.include("list it under origins");
      expect(error.message).not.to.include("secret-token");
      expect(other.requests).to.be.empty;
      const { patients } = await place.load(settings({ auth, origins: [other.url] }));
      expect(patients.map(({ identifier: { value } }) => value)).to.deep.equal(["elsewhere"]);
      expect(authorization).to.equal("Bearer secret-token");
      await other.close();
    });

    it("ignore the total, and take no entry that is no match", async () => {
      server.intercept = ({ url }) =>
        url.startsWith("/fhir/Patient")
          ? {
              ...(page(
                [],
                [
                  { search: { mode: "match" }, resource: { resourceType: "Patient", id: "a" } },
                  { search: { mode: "include" }, resource: { resourceType: "Patient", id: "b" } },
                  {
                    search: { mode: "outcome" },
                    resource: {
                      resourceType: "OperationOutcome",
                      issue: [{ severity: "warning", code: "not-supported", diagnostics: "no\n\u001b[31m_sort" }],
                    },
                  },
                  { resource: { resourceType: "Basic", id: "c" } },
                  { fullUrl: "urn:nothing" },
                ],
              ) as object),
              total: 4711,
            }
          : undefined;
      const { patients, rejected } = await place.load(settings());
      expect(patients.map(({ identifier: { value } }) => value)).to.deep.equal(["a"]);
      const ofPatient = rejected.filter(({ file }) => file === `${server.url}/Patient`);
      expect(ofPatient.map(({ resource, reason }) => `${resource ?? "–"}: ${reason}`)).to.have.members([
        "Basic/c: Basic among the matches of Patient",
        "–: entry without a resource",
        "–: the server says: warning not-supported: no [31m_sort",
      ]);
    });

    it("beyond the limits of pages and bytes end in an error", async () => {
      const pages = await failure(place.load(settings({ pageSize: "2", maxPages: "3" })));
      expect(pages.message).to.include("more than 3 pages");
      const bytes = await failure(place.load(settings({ maxBytes: "10000" })));
      expect(bytes.message).to.include("more than 10000 bytes");
      const large = await failure(place.load(settings({ maxPageBytes: "2000" })));
      expect(large.message).to.include("more than 2000 bytes");
    });

    it("keep numbers as the server wrote them", async () => {
      const patient = '{"resourceType":"Patient","id":"a","extension":[{"url":"u","valueDecimal":5.40}]}';
      server.intercept = ({ url }, reply) => {
        if (!url.startsWith("/fhir/Patient")) return undefined;
        void reply.type("application/fhir+json");
        return `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":${patient}}]}`;
      };
      await place.load(settings());
      const [id] = place.snapshots(settings());
      const { config } = place.source(settings());
      expect(config.kind).to.equal("fhir-server");
      expect(readFileSync(join(place.store(settings()), id ?? "", "data", "Patient.ndjson"), "utf8")).to.equal(
        `${patient}\n`,
      );
    });
  });

  describe("the patients asked for", () => {
    it("are the only ones fetched, with their records", async () => {
      const all = await place.load(settings());
      const some = await place.load(settings({ patients: { _id: ["cancer-patient-jenny-m,nobody"] } }));
      expect(some.patients).to.have.length.greaterThan(0).and.lessThan(all.patients.length);
      const wanted = all.patients.filter(({ identifier: { value } }) =>
        some.patients.some(({ identifier }) => identifier.value === value),
      );
      expect(some.patients).to.deep.equal(wanted);
      const asked = server.requests.filter((request) => request.includes("Observation?patient="));
      expect(asked).not.to.be.empty;
    });

    it("come whole when only what was recorded since a day is fetched", async () => {
      const { patients } = await place.load(settings({ since: "2100-01-01T00:00:00Z" }));
      const all = await place.load(settings());
      expect(patients).to.have.length(all.patients.length);
      expect(patients.every(({ assessments }) => assessments.length === 0)).to.equal(true);
    });
  });

  describe("a server that has trouble", () => {
    it("is tried again after the time that it asks for, in seconds or as a date", async () => {
      let times = 0;
      server.intercept = ({ url }, reply) => {
        if (!url.startsWith("/fhir/Patient")) return undefined;
        times++;
        const until = new Date(place.surroundings.time + 90_000).toUTCString();
        if (times === 1) return outcome(reply.header("retry-after", "7"), 429, "throttled", "slow down");
        if (times === 2) return outcome(reply.header("retry-after", until), 503, "transient", "busy");
        return undefined;
      };
      const { patients } = await place.load(settings());
      expect(patients).not.to.be.empty;
      expect(place.surroundings.waits).to.deep.equal([7_000, 90_000]);
      expect(place.surroundings.notes.join("\n")).to.include("slow down");
    });

    it("is given up after the retries, or when it asks for more patience than allowed", async () => {
      server.intercept = (_, reply) => outcome(reply, 503, "transient", "busy");
      const busy = await failure(place.load(settings({ retries: "2" })));
      expect(busy.message).to.include("status 503").and.to.include("busy");
      expect(server.requests).to.have.length(3);
      server.intercept = (_, reply) => outcome(reply.header("retry-after", "3600"), 429, "throttled", "tomorrow");
      const late = await failure(place.load(settings({ maxWait: "10m" })));
      expect(late.message).to.include("asks to wait 3600 s");
    });

    it("has its refusal told plainly, and nothing of it kept", async () => {
      server.intercept = ({ url }, reply) =>
        url.startsWith("/fhir/Observation") ? outcome(reply, 403, "forbidden", "not your patients") : undefined;
      const error = await failure(place.load(settings()));
      expect(error.name).to.equal("ServerError");
      expect(error.message).to.include(`${server.url}/Observation: status 403: error forbidden: not your patients`);
      expect(place.snapshots(settings())).to.be.empty;
    });

    it("whose token has run out gets the same one no second time", async () => {
      place.surroundings.env["TOKEN"] = "old";
      server.intercept = (_, reply) => outcome(reply, 401, "login", "expired");
      const auth = { type: "bearer", token: { env: "TOKEN" } };
      const error = await failure(place.load(settings({ auth })));
      expect(error.message).to.include("status 401").and.to.include("check auth");
      expect(server.requests).to.have.length(1);
    });

    it("that answers with a page of HTML is named", async () => {
      server.intercept = (_, reply) => reply.type("text/html").send("<html>log in</html>");
      const error = await failure(place.load(settings({ retries: "0" })));
      expect(error.message).to.include("found text/html");
    });

    it("that can't be reached is named, with what to check", async () => {
      const gone = await startFhirServer([]);
      await gone.close();
      const error = await failure(place.load({ url: gone.url, mode: "search", retries: "1" }));
      expect(error.name).to.equal("ServerError");
      expect(error.message).to.include("ECONNREFUSED").and.to.include("check url");
      expect(place.surroundings.waits).to.deep.equal([1_000]);
    });

    it("that offers no search for a type: listed, or an error when the source asks for that type", async () => {
      server.intercept = ({ url }) =>
        url === "/fhir/metadata"
          ? {
              resourceType: "CapabilityStatement",
              rest: [{ mode: "server", resource: [{ type: "Patient", interaction: [{ code: "search-type" }] }] }],
            }
          : undefined;
      const { patients, rejected } = await place.load(settings());
      expect(patients).not.to.be.empty;
      expect(rejected.map(({ reason }) => reason)).to.include("the server offers no search for Observation");
      const error = await failure(place.load(settings({ types: ["Patient", "Observation"] })));
      expect(error.message).to.include("offers no search for Observation");
    });
  });

  describe("a redirect", () => {
    it("is followed on the same origin, never to another that is not listed", async () => {
      let moved = false;
      server.intercept = ({ url }, reply) => {
        if (moved || !url.startsWith("/fhir/Patient?")) return undefined;
        moved = true;
        return reply.redirect(url, 307);
      };
      expect((await place.load(settings())).patients).not.to.be.empty;
      server.intercept = ({ url }, reply) =>
        url.startsWith("/fhir/Patient?") ? reply.redirect("http://169.254.169.254/latest/meta-data") : undefined;
      const error = await failure(place.load(settings({ pageSize: "3", snapshots: "others" })));
      expect(error.message).to.include("http://169.254.169.254");
    });
  });

  describe("a snapshot", () => {
    it("serves a day that has not ended while it is young, and is fetched anew after that", async () => {
      const time = Date.now();
      place.surroundings.time = time;
      await place.load(settings());
      const fetched = server.requests.length;
      await place.load(settings());
      expect(server.requests).to.have.length(fetched);
      place.surroundings.time = time + 61_000;
      await place.load(settings());
      expect(server.requests).to.have.length(2 * fetched);
    });

    it("taken after a day had ended serves it for ever", async () => {
      place.surroundings.time = Date.now();
      const asOf = on("2026-01-01");
      await place.load(settings(), asOf);
      const fetched = server.requests.length;
      place.surroundings.time += 400 * 86_400_000;
      await place.load(settings(), asOf);
      expect(server.requests).to.have.length(fetched);
    });

    it("named by the source is read without a server; another is an error", async () => {
      const { patients } = await place.load(settings());
      const [id] = place.snapshots(settings());
      server.requests.length = 0;
      expect((await place.load(settings({ snapshot: id }))).patients).to.deep.equal(patients);
      expect(server.requests).to.be.empty;
      const error = await failure(place.load(settings({ snapshot: "none" })));
      expect(error.message)
        .to.include(`expected one of those`)
        .and.to.include(id ?? "?");
    });

    it("is fetched once when several ask at the same time", async () => {
      await Promise.all([place.load(settings()), place.load(settings()), place.load(settings())]);
      expect(server.requests.filter((request) => request.includes("metadata"))).to.have.length(1);
    });

    it("is not there when the fetch was stopped in the middle", async () => {
      server.intercept = ({ url }) => {
        if (url.startsWith("/fhir/Observation")) place.surroundings.stop();
        return undefined;
      };
      const error = await failure(place.load(settings({ pageSize: "5" })));
      expect(error.message).to.include("stopped");
      expect(place.snapshots(settings())).to.be.empty;
    });
  });
});
