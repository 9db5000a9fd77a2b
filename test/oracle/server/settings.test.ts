import { expect } from "chai";

import { parseSource } from "../../../oracle/intake/config.ts";
import type { FhirServerConfig } from "../../../oracle/intake/server/config.ts";
import { snapshotFolder } from "../../../oracle/intake/server/snapshot.ts";

const BASE = { kind: "fhir-server", url: "https://fhir.example.org/r4", mode: "search" };

function parse(more: Readonly<Record<string, unknown>>): FhirServerConfig {
  const { config } = parseSource({ ...BASE, ...more }, "/");
  if (config.kind !== "fhir-server") throw new TypeError("no server");
  return config;
}

function problem(more: Readonly<Record<string, unknown>>): string {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof Error && error.name === "SourceError") return error.message;
    throw error;
  }
  throw new Error("expected a SourceError, found none");
}

describe("a source of kind fhir-server", () => {
  it("reads numbers, spans and flags from the text that was written", () => {
    const config = parse({ pageSize: "50", timeout: "2m", maxAge: "1d", insecureHttp: "true" });
    expect(config).to.include({ pageSize: 50, timeout: 120_000, maxAge: 86_400_000, insecureHttp: true });
  });

  it("has a default for everything but url and mode", () => {
    expect(parse({})).to.deep.include({ pageSize: 500, retries: 4, auth: { type: "none" }, codes: {}, origins: [] });
    expect(problem({ mode: undefined })).to.include("mode: found nothing, expected bulk");
    expect(problem({ url: undefined })).to.include("url: found nothing, expected an http or https URL");
  });

  const wrong: readonly [Record<string, unknown>, string][] = [
    [{ url: "ftp://x" }, 'url: found "ftp://x", expected an http or https URL'],
    [{ url: "http://fhir.example.org" }, 'url: found "http://fhir.example.org", expected https'],
    [{ url: "https://x/?a=1" }, "expected the server's base URL, without ?"],
    [{ mode: "auto" }, 'mode: found "auto", expected bulk'],
    [{ group: "1" }, 'group: found "1", expected mode: bulk'],
    [{ group: "../x", mode: "bulk" }, 'group: found "../x", expected the id of a Group'],
    [{ incremental: "true" }, "expected mode: bulk with it; a search can't tell what was deleted"],
    [{ mode: "bulk", patients: { gender: "female" } }, 'patients: found {"gender":"female"}, expected mode: search'],
    [{ types: ["Observation"] }, 'types: found ["Observation"], expected Patient among them'],
    [{ types: ["Patient", "a b"] }, 'types.1: found "a b", expected the name of a resource type'],
    [{ since: "2026-01-01" }, 'since: found "2026-01-01", expected an instant'],
    [{ timeout: "5" }, 'timeout: found "5", expected a span of time'],
    [{ timeout: "9d" }, "at most 1h"],
    [{ pageSize: "0" }, 'pageSize: found "0", expected 1 or more resources'],
    [{ retries: "many" }, 'retries: found "many", expected a whole number of times'],
    [{ insecureHttp: "maybe" }, 'insecureHttp: found "maybe", expected true or false'],
    [{ auth: { type: "basic" } }, "expected a type: none, bearer or smart-backend"],
    [{ auth: { type: "bearer", token: "abc" } }, "expected { file: FILE } or { env: NAME }"],
    [{ auth: { type: "smart-backend", key: { file: "k" } } }, "auth.clientId: found nothing"],
    [
      { auth: { type: "smart-backend", clientId: "c", key: { file: "k" }, tokenUrl: "http://auth.example.org" } },
      "auth.tokenUrl: found something else, expected https",
    ],
    [{ mode: "bulk", typeFilter: ["Device?x=1"] }, "expected queries such as Observation?code=…"],
    [{ path: "data" }, "found unknown path"],
  ];
  for (const [more, words] of wrong) {
    it(`with ${JSON.stringify(more)} is an error that says what was expected`, () => {
      expect(problem(more)).to.include(words);
    });
  }

  it("never shows a secret that was written where its place should be", () => {
    expect(problem({ url: "https://user:hunter2@x" })).not.to.include("hunter2");
    expect(problem({ auth: { type: "bearer", token: "hunter2" } })).not.to.include("hunter2");
  });

  it("keeps plain http within this machine unless the source says so", () => {
    for (const url of ["http://localhost:1/x", "http://127.0.0.1", "http://[::1]:8080"])
      expect(parse({ url }).url).to.equal(url);
    expect(parse({ url: "http://fhir.intranet", insecureHttp: "true" }).url).to.equal("http://fhir.intranet");
  });

  it("has snapshots of its own for whatever it asks the server, and shares them for how they are read", () => {
    const folder = snapshotFolder(parse({}));
    expect(folder).to.match(/^fhir\.example\.org-[0-9a-f]{12}$/);
    expect(snapshotFolder(parse({ retries: "1", codes: { "x|y": "stable" } }))).to.equal(folder);
    expect(snapshotFolder(parse({ patients: { gender: "female" } }))).not.to.equal(folder);
  });
});
