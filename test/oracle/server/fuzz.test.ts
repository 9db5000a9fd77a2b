import { expect } from "chai";
import fc from "fast-check";

import { parseManifest } from "../../../oracle/intake/server/manifest.ts";
import { deletionLine, deletionsOf } from "../../../oracle/intake/server/deleted.ts";
import { parseLossless } from "../../../oracle/intake/server/lossless.ts";
import { issuesOf } from "../../../oracle/intake/server/outcome.ts";
import { BulkServer, ndjson } from "./bulkServer.ts";
import { Place } from "./setup.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300);
const URL_OF = "https://fhir.example.org/status/1";
const GOOD = {
  transactionTime: "2026-02-01T08:00:00Z",
  request: "https://fhir.example.org/$export",
  requiresAccessToken: false,
  output: [{ type: "Patient", url: "https://fhir.example.org/1.ndjson", count: 1 }],
  deleted: [],
  error: [],
};

const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "//elsewhere.test/x",
    "http://user:secret@127.0.0.1/",
    "",
    -1,
    1.5,
    Number.MAX_VALUE,
    null,
    [[]],
    { __proto__: null },
  ),
);

/** A good manifest with one to four places changed. */
const mutated = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "transactionTime",
        "requiresAccessToken",
        "output",
        "deleted",
        "error",
        "link",
        "file",
        "url",
        "type",
        "count",
      ),
      hostile,
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((changes) => {
    const manifest: Record<string, unknown> = structuredClone(GOOD);
    for (const [key, value] of changes) {
      const files = manifest["output"];
      if (key === "file" && Array.isArray(files)) files.push(value);
      else if (["url", "type", "count"].includes(key)) {
        if (Array.isArray(files) && typeof files[0] === "object" && files[0] !== null)
          Reflect.set(files[0], key, value);
      } else manifest[key] = value;
    }
    return manifest;
  });

const isServerError = (error: unknown): boolean => error instanceof Error && error.name === "ServerError";

describe("what a server may send", () => {
  it("as a manifest is one, or an error that says where", () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.jsonValue(), fc.constant(undefined)), (document) => {
        try {
          const manifest = parseManifest(document, URL_OF);
          expect(manifest.output.every(({ url }) => url.length > 0)).to.equal(true);
        } catch (error) {
          if (!isServerError(error)) throw error;
          expect((error as Error).message).to.match(/^https:\/\/fhir\.example\.org\/status\/1: /);
        }
      }),
      { numRuns: RUNS * 10 },
    );
  });

  it("as a manifest over HTTP gives a whole snapshot or none", async function () {
    this.timeout(60_000);
    const server = await new BulkServer().start();
    server.requiresAccessToken = false;
    const content = ndjson([{ resourceType: "Patient", id: "a" }]);
    server.exports = [{ transactionTime: GOOD.transactionTime, output: [{ type: "Patient", content }] }];
    try {
      await fc.assert(
        fc.asyncProperty(mutated, async (changed) => {
          const text = JSON.stringify(changed).replaceAll(
            "https://fhir.example.org/1.ndjson",
            `${server.url}/bulkfiles/0/output/0.ndjson`,
          );
          server.manifest = () => JSON.parse(text) as unknown;
          const place = new Place();
          const settings = { url: server.url, mode: "bulk", retries: "0" };
          try {
            await place.load(settings);
            expect(place.snapshots(settings)).to.have.length(1);
          } catch (error) {
            if (!isServerError(error)) throw error;
            expect(place.snapshots(settings)).to.be.empty;
          } finally {
            place.remove();
          }
        }),
        { numRuns: Math.min(RUNS, 2_000) / 5 },
      );
    } finally {
      await server.close();
    }
  });

  it("as an OperationOutcome never throws, and is one line without control characters", () => {
    const issue = fc.record(
      { severity: hostile, code: hostile, diagnostics: fc.oneof(fc.string(), hostile), expression: hostile },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.array(fc.oneof(issue, hostile)).map((list) => ({ resourceType: "OperationOutcome", issue: list })),
        ),
        (value) => {
          for (const { words } of issuesOf(value)) {
            expect(words).not.to.match(/\p{Cc}/u);
            expect(words).to.have.length.at.most(200);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("as deletions is understood or refused", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            request: fc.record({
              method: fc.constantFrom("DELETE", "GET", "PUT"),
              url: fc.oneof(fc.string(), fc.constant("Patient/a")),
            }),
          }),
        ),
        (entry) => {
          try {
            for (const id of deletionsOf({ resourceType: "Bundle", entry }, URL_OF, 1)) {
              expect(id).to.match(/^[A-Z][A-Za-z]*\/.+$/);
              expect(deletionsOf(JSON.parse(deletionLine(id)) as Record<string, unknown>, URL_OF, 1)).to.deep.equal([
                id,
              ]);
            }
          } catch (error) {
            if (!isServerError(error)) throw error;
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("as numbers is kept to the letter", () => {
    const number = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.stringMatching(/^(\.\d{1,20})?([eE][+-]?\d{1,3})?$/),
      )
      .map(([whole, rest]) => `${whole}${rest}`);
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        const text = `{"a":[${numbers.join(",")}]}`;
        expect(JSON.stringify(parseLossless(text))).to.equal(text);
      }),
      { numRuns: RUNS },
    );
  });
});
