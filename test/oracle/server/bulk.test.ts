import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { loadFolder, on } from "../support.ts";
import { BulkServer, ndjson, outcome, type Exported } from "./bulkServer.ts";
import { mcodeExamples, MCODE_EXAMPLES } from "./fhirServer.ts";
import { failure, LATER, Place, unversioned } from "./setup.ts";

const T1 = "2026-02-01T08:00:00.000Z";
const T2 = "2026-03-01T08:00:00.000Z";

const patient = (id: string, version = 1) => ({
  resourceType: "Patient",
  id,
  meta: { versionId: String(version), lastUpdated: `2026-01-0${version}T00:00:00Z` },
});
const status = (id: string, of: string, code: string, version = 1) => ({
  resourceType: "Observation",
  id,
  meta: { versionId: String(version), lastUpdated: `2026-01-0${version}T00:00:00Z` },
  status: version === 1 ? "final" : "amended",
  code: { coding: [{ system: "http://loinc.org", code: "97509-4" }] },
  subject: { reference: `Patient/${of}` },
  effectiveDateTime: "2025-12-01",
  valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code }] },
});
const STABLE = "359746009";
const WORSE = "271299001";
const deletion = (...ids: string[]) => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: ids.map((url) => ({ request: { method: "DELETE", url } })),
});
const file = (type: string, ...resources: unknown[]) => ({ type, content: ndjson(resources) });

const ONE: Exported = {
  transactionTime: T1,
  output: [
    file("Patient", patient("a"), patient("b")),
    file("Observation", status("1", "a", STABLE), status("2", "b", STABLE)),
  ],
};

describe("records of a FHIR server by Bulk Data export", () => {
  let server: BulkServer;
  let place: Place;
  const others: BulkServer[] = [];
  const settings = (more: Readonly<Record<string, unknown>> = {}) => ({ url: server.url, mode: "bulk", ...more });
  const responses = async (more: Readonly<Record<string, unknown>> = {}, asOf = LATER) =>
    (await place.load(settings(more), asOf)).patients.map(({ id, assessments }) => [
      unversioned(id),
      ...assessments.map(({ response }) => response),
    ]);

  beforeEach(async () => {
    place = new Place();
    server = await new BulkServer().start();
    server.exports = [ONE];
  });
  afterEach(async () => {
    place.remove();
    for (const one of [server, ...others.splice(0)]) await one.close();
  });

  describe("a whole export", () => {
    it("gives the same records as the same resources in files", async () => {
      const all = mcodeExamples();
      const types = [...new Set(all.map(({ resourceType }) => resourceType))];
      const output = types.map((type) => file(type, ...all.filter(({ resourceType }) => resourceType === type)));
      server.exports = [{ transactionTime: T1, output }];
      const fromServer = await place.load(settings());
      const fromFiles = await loadFolder(MCODE_EXAMPLES, LATER);
      expect(fromServer.patients).to.deep.equal(fromFiles.patients);
      expect(fromServer.rejected.map(({ reason }) => reason)).to.deep.equal(
        fromFiles.rejected.map(({ reason }) => reason),
      );
      const [rejected] = fromServer.rejected;
      expect(rejected?.file).to.match(/\/fhir\/bulkfiles\/0\/output\/\d+\.ndjson$/);
      expect(rejected?.line).to.be.greaterThan(0);
    });

    it("is asked for as the source says, and cleaned up", async () => {
      const more = { group: "g-1", types: ["Patient", "Observation"], typeFilter: ["Observation?status=final"] };
      await place.load(settings({ ...more, since: "2020-01-01T00:00:00Z" }));
      const kickOff = new URL(server.requests[0]?.url ?? "", server.url);
      expect(kickOff.pathname).to.equal("/fhir/Group/g-1/$export");
      expect(Object.fromEntries(kickOff.searchParams)).to.deep.equal({
        _type: "Patient,Observation",
        _since: "2020-01-01T00:00:00Z",
        _typeFilter: "Observation?status=final",
      });
      expect(server.deletedExports).to.equal(1);
      await place.load(settings({ level: "system" }));
      expect(server.count("GET", "/fhir/$export")).to.equal(1);
    });

    it("is waited for as the server asks, with its progress", async () => {
      server.polls = 3;
      await place.load(settings());
      expect(place.surroundings.waits).to.deep.equal([20_000, 20_000, 20_000]);
      expect(place.surroundings.notes).to.include("export: 1 to go; asking again in 20 s");
    });

    it("that takes longer than allowed ends in an error and is cleaned up", async () => {
      server.polls = 1_000;
      const error = await failure(place.load(settings({ exportTimeout: "5m" })));
      expect(error.message).to.include("exportTimeout");
      expect(server.deletedExports).to.equal(1);
    });

    it("in several manifests is fetched from all of them", async () => {
      server.exports = [
        { transactionTime: T1, output: [file("Patient", patient("a"))] },
        { transactionTime: T1, output: [file("Patient", patient("b"))] },
      ];
      expect(await responses({ partialManifests: "true" })).to.deep.equal([["Patient/a"], ["Patient/b"]]);
      expect(server.requests[0]?.url).to.include("allowPartialManifests=true");
    });

    it("whose files hold several types is read too", async () => {
      const content = ndjson([patient("a"), status("1", "a", STABLE)]);
      server.exports = [{ transactionTime: T1, output: [{ content }] }];
      expect(await responses()).to.deep.equal([["Patient/a", "SD"]]);
    });

    it("names its snapshot by the server's transaction time, and keeps where each file came from", async () => {
      await place.load(settings());
      const [id] = place.snapshots(settings());
      expect(id).to.match(/^20260201T080000000Z-[0-9a-f]{8}$/);
      const written = readFileSync(join(place.store(settings()), id ?? "", "manifest.json"), "utf8");
      expect(written).not.to.include("signature");
      const manifest = JSON.parse(written) as { transactionTime: string; files: { url: string; count: number }[] };
      expect(manifest.transactionTime).to.equal(T1);
      expect(manifest.files.map(({ url, count }) => [url.slice(server.url.length), count])).to.deep.equal([
        ["/bulkfiles/0/output/0.ndjson", 2],
        ["/bulkfiles/0/output/1.ndjson", 2],
      ]);
    });
  });

  describe("what went wrong on the server", () => {
    it("is listed among what was not used", async () => {
      const errors = {
        resourceType: "OperationOutcome",
        issue: [{ severity: "error", code: "exception", diagnostics: "can't read it", expression: ["Observation/9"] }],
      };
      server.exports = [{ ...ONE, error: [file("OperationOutcome", errors)] }];
      const { rejected } = await place.load(settings());
      expect(rejected).to.deep.equal([
        {
          file: `${server.url}/bulkfiles/0/error/0.ndjson`,
          line: 1,
          resource: "Observation/9",
          reason: "the server says: error exception: can't read it",
        },
      ]);
    });

    it("is told when the export fails as a whole, and tried again when it says that it may pass", async () => {
      server.intercept = ({ url }, reply) =>
        url.includes("bulkstatus") ? outcome(reply, 500, "exception", "out of disk") : undefined;
      const error = await failure(place.load(settings()));
      expect(error.message).to.include("status 500: error exception: out of disk");
      let times = 0;
      server.intercept = ({ url, method }, reply) =>
        url.includes("bulkstatus") && method === "GET" && times++ < 2
          ? outcome(reply.header("retry-after", "3"), times === 1 ? 500 : 429, "transient", "later")
          : undefined;
      expect((await place.load(settings())).patients).to.have.length(2);
      expect(place.surroundings.waits).to.deep.equal([3_000, 3_000]);
    });

    it("is told with advice when the server offers no export", async () => {
      server.intercept = (_, reply) => outcome(reply, 404, "not-supported", "no $export");
      const error = await failure(place.load(settings()));
      expect(error.message).to.include("try mode: search");
    });
  });

  describe("a file", () => {
    const faulty = (content: string, count?: number | null): Exported => ({
      transactionTime: T1,
      output: [
        file("Patient", patient("a")),
        { type: "Observation", content, ...(count === undefined ? {} : { count }) },
      ],
    });
    const second = { ...status("2", "a", STABLE), effectiveDateTime: "2025-12-15" };
    const whole = ndjson([status("1", "a", STABLE), second]);

    it("that is cut off is fetched again, then an error that names file and line", async () => {
      server.exports = [faulty(whole.slice(0, -40), null)];
      const error = await failure(place.load(settings({ retries: "2" })));
      expect(error.message).to.include("bulkfiles/0/output/1.ndjson: line 2: found broken JSON");
      expect(error.message).not.to.include("signature");
      expect(server.count("GET", "output/1.ndjson")).to.equal(3);
      expect(place.snapshots(settings())).to.be.empty;
      expect(server.deletedExports).to.equal(1);
    });

    it("that was cut off by a broken connection is fetched again", async () => {
      let times = 0;
      server.exports = [faulty(whole)];
      server.intercept = ({ url }, reply) => {
        if (!url.includes("output/1.ndjson") || times++ > 0) return undefined;
        reply.hijack();
        reply.raw.writeHead(200, { "content-length": whole.length });
        reply.raw.write(whole.slice(0, 300), () => reply.raw.destroy());
        return undefined;
      };
      expect(await responses()).to.deep.equal([["Patient/a", "SD", "SD"]]);
    });

    it("with fewer or more resources than the manifest says is an error", async () => {
      for (const count of [1, 3]) {
        server.exports = [faulty(whole, count)];
        const error = await failure(place.load(settings({ retries: "0" })));
        expect(error.message).to.include(`found 2 resources, the manifest says ${count}`);
      }
    });

    it("of another type than the manifest says, or not UTF-8, is an error", async () => {
      server.exports = [faulty(ndjson([patient("x")]))];
      const type = await failure(place.load(settings({ retries: "0" })));
      expect(type.message).to.include("line 1: found Patient, expected Observation");
      server.exports = [faulty(whole)];
      server.intercept = ({ url }) =>
        url.includes("output/1.ndjson") ? Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]) : undefined;
      const bytes = await failure(place.load(settings({ retries: "0" })));
      expect(bytes.message).to.include("line 1: found bytes that are not UTF-8");
    });

    it("on another host is not fetched, nor by a redirect, unless the source lists the host", async () => {
      const storage = await new BulkServer().start();
      others.push(storage);
      storage.exports = [faulty(whole)];
      const elsewhere = `${storage.url}/bulkfiles/0/output/1.ndjson`;
      server.exports = [
        {
          transactionTime: T1,
          output: [file("Patient", patient("a")), { type: "Observation", content: whole, url: elsewhere }],
        },
      ];
      const listed = await failure(place.load(settings()));
      expect(listed.message).to.include("a file of the export leads to").and.to.include("list it under origins");
      server.exports = [faulty(whole)];
      server.intercept = ({ url }, reply) => (url.includes("output/1") ? reply.redirect(elsewhere) : undefined);
      const redirected = await failure(place.load(settings()));
      expect(redirected.message).to.include("a redirect leads to");
      expect(storage.requests).to.be.empty;
      place.surroundings.env["TOKEN"] = "secret-token";
      const auth = { type: "bearer", token: { env: "TOKEN" } };
      expect(await responses({ origins: [storage.url], auth })).to.deep.equal([["Patient/a", "SD", "SD"]]);
      expect(storage.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
    });

    it("that needs no token gets none", async () => {
      place.surroundings.env["TOKEN"] = "secret-token";
      server.requiresAccessToken = false;
      await place.load(settings({ auth: { type: "bearer", token: { env: "TOKEN" } } }));
      for (const { url, headers } of server.requests)
        expect(headers.authorization === undefined, url).to.equal(url.includes("bulkfiles"));
    });
  });

  describe("an incremental fetch", () => {
    const more = { incremental: "true", maxAge: "1s" };
    const later = (next: Exported): void => {
      server.exports = [next];
      place.surroundings.time += 3_600_000;
    };

    it("asks for what changed since the one before, and the newer version counts", async () => {
      expect(await responses(more)).to.deep.equal([
        ["Patient/a", "SD"],
        ["Patient/b", "SD"],
      ]);
      later({ transactionTime: T2, output: [file("Observation", status("2", "b", WORSE, 2))] });
      expect(await responses(more)).to.deep.equal([
        ["Patient/a", "SD"],
        ["Patient/b", "PD"],
      ]);
      const since = server.requests.flatMap(({ url }) => new URL(url, server.url).searchParams.get("_since") ?? []);
      expect(since).to.deep.equal([T1]);
    });

    it("withdraws what was deleted, until the server has it again", async () => {
      await responses(more);
      later({ transactionTime: T2, output: [], deleted: [file("Bundle", deletion("Observation/1", "Patient/b"))] });
      const { patients, rejected } = await place.load(settings(more));
      expect(unversioned(patients).map(({ id, assessments }) => [id, assessments.length])).to.deep.equal([
        ["Patient/a", 0],
      ]);
      expect(rejected.map(({ resource, reason }) => `${resource ?? ""}: ${reason}`)).to.include(
        "Observation/1: deleted",
      );
      later({ transactionTime: "2026-03-02T00:00:00Z", output: [file("Patient", patient("b", 3))] });
      expect(await responses(more)).to.deep.equal([["Patient/a"], ["Patient/b", "SD"]]);
    });

    it("still gives an earlier day what was known then", async () => {
      await responses(more);
      later({ transactionTime: T2, output: [file("Observation", status("2", "b", WORSE, 2))] });
      await responses(more);
      expect(await responses(more, on("2026-01-01"))).to.deep.equal([
        ["Patient/a", "SD"],
        ["Patient/b", "SD"],
      ]);
    });

    it("keeps the problems of the one before", async () => {
      const errors = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "exception" }] };
      server.exports = [{ ...ONE, error: [file("OperationOutcome", errors)] }];
      await responses(more);
      later({ transactionTime: T2, output: [] });
      const { rejected } = await place.load(settings(more));
      expect(rejected.map(({ reason }) => reason)).to.deep.equal(["the server says: error exception"]);
    });

    it("fails on a deletion that is not understood", async () => {
      await responses(more);
      later({
        transactionTime: T2,
        output: [],
        deleted: [file("Bundle", { ...deletion(), entry: [{ request: { method: "PUT", url: "Patient/a" } }] })],
      });
      const error = await failure(responses(more));
      expect(error.message).to.include("deleted/0.ndjson: line 1: found an entry that is no deletion");
    });
  });

  describe("a snapshot", () => {
    it("is not there when the fetch was stopped in the middle, and the export is cleaned up", async () => {
      server.intercept = ({ url }) => {
        if (url.includes("output/1.ndjson")) place.surroundings.stop();
        return undefined;
      };
      const error = await failure(place.load(settings()));
      expect(error.message).to.include("stopped");
      expect(place.snapshots(settings())).to.be.empty;
      expect(server.deletedExports).to.equal(1);
    });

    it("that is the same as the one before is as young as the newest fetch", async () => {
      await place.load(settings());
      place.surroundings.time += 2 * 3_600_000;
      await place.load(settings());
      await place.load(settings());
      expect(server.count("GET", "$export")).to.equal(2);
      expect(place.snapshots(settings())).to.have.length(1);
    });

    it("whose file was changed is refused", async () => {
      await place.load(settings());
      const [id = ""] = place.snapshots(settings());
      const target = join(place.store(settings()), id, "data/0001/000002.Observation.ndjson");
      writeFileSync(target, readFileSync(target, "utf8").replace(STABLE, WORSE));
      const error = await failure(place.load(settings({ snapshot: id })));
      expect(error.name).to.equal("SourceError");
      expect(error.message).to.include("expected the");
    });

    it("gives two operators the same records, whatever the order of the server's files", async () => {
      const own = await place.load(settings());
      const other = new Place();
      server.exports = [{ transactionTime: T1, output: [...ONE.output].reverse() }];
      const { patients } = await other.load(settings());
      other.remove();
      expect(patients).to.deep.equal(own.patients);
    });
  });
});
