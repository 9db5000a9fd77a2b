import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";

import { dose, patient, SCT, status } from "../support.ts";
import { startFhirServer, type FhirServer } from "./fhirServer.ts";
import { Place } from "./setup.ts";

const BIN = fileURLToPath(new URL("../../../bin/outcomepay.mjs", import.meta.url));
const RESOURCES = [
  patient(),
  dose("d", "2024-01-01"),
  status("a", "2024-02-26", SCT.stable),
  status("b", "2024-04-22", SCT.worsened),
] as unknown as Resource[];

const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties: { payer: [{ name: Basic }], manufacturer: [{ name: Maker }] }
oracle: { reportWithin: 60d, grace: 28d }
cohorts: { 2024: { price: 1000, opens: 2024-01-01, closes: 2025-01-01, maxPatients: 10 } }
clauses:
  refund:
    type: milestone
    metric: pfs
    due: 6mo
    from: manufacturer
    to: payer
    pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }]
    notEvaluable: 50%
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe("commands on a server's records", function () {
  this.timeout(60_000);
  let server: FhirServer;
  let place: Place;

  before(async () => {
    server = await startFhirServer(RESOURCES);
  });
  after(() => server.close());
  beforeEach(() => {
    place = new Place();
    server.intercept = null;
    server.requests.length = 0;
    writeSource(server.url);
    writeFileSync(join(place.folder, "terms.yaml"), SHEET);
  });
  afterEach(() => place.remove());

  const writeSource = (url: string): void =>
    writeFileSync(join(place.folder, "source.yaml"), `kind: fhir-server\nurl: ${url}\nmode: search\nretries: 1\n`);

  const start = (...args: string[]) =>
    spawn(process.execPath, [BIN, ...args, "--source", "source.yaml"], {
      cwd: place.folder,
      env: { ...process.env, NODE_OPTIONS: "" },
    });

  function end(child: ReturnType<typeof start>): Promise<Ended> {
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
  }

  const run = (...args: string[]): Promise<Ended> => end(start(...args));

  it("endpoint: prints what it finds, with progress on standard error when it takes time", async () => {
    server.intercept = async ({ url }) => {
      if (url.includes("Observation")) await delay(1_500);
      return undefined;
    };
    const { code, out, err } = await run("endpoint", "pfs", "--as-of", "2030-01-01", "--json");
    expect(err).to.match(/Observation: page 1, 2 resources/);
    expect(code).to.equal(0);
    const { patients } = JSON.parse(out) as { patients: { days: number; event: boolean }[] };
    expect(patients.map(({ days, event }) => ({ days, event }))).to.deep.equal([{ days: 112, event: true }]);
  });

  it("evaluate: gives a clause's tallies", async () => {
    const { code, out, err } = await run("evaluate", "--terms", "terms.yaml", "--as-of", "2030-01-01", "--json");
    expect(code, err).to.equal(0);
    const { clauses } = JSON.parse(out) as { clauses: { clause: string; due: number; tallies: unknown[] }[] };
    expect(clauses.map(({ clause, due }) => [clause, due])).to.deep.equal([["refund", 1]]);
    expect(clauses[0]?.tallies).to.deep.include({ from: null, patients: 1, sum: "0" });
  });

  it("end with exit code 2 and what to check when the server can't be reached", async () => {
    const gone = await startFhirServer([]);
    await gone.close();
    writeSource(gone.url);
    for (const args of [
      ["endpoint", "pfs", "--as-of", "2030-01-01"],
      ["evaluate", "--terms", "terms.yaml", "--as-of", "2030-01-01"],
    ]) {
      const { code, out, err } = await run(...args);
      expect(code).to.equal(2);
      expect(out).to.equal("");
      expect(err).to.match(/error: http:\/\/127\.0\.0\.1:\d+\/fhir\/metadata: can't be reached: .*check url/);
      expect(err).to.include("trying again in 1 s");
    }
  });

  it("killed in the middle of a fetch leave no snapshot, and the next run fetches all", async () => {
    let reached = (): void => undefined;
    const inTheMiddle = new Promise<void>((resolve) => (reached = resolve));
    server.intercept = async ({ url }) => {
      if (!url.includes("Observation")) return undefined;
      reached();
      await delay(2_000);
      return undefined;
    };
    const child = start("endpoint", "pfs", "--as-of", "2030-01-01");
    const ended = end(child);
    await inTheMiddle;
    child.kill("SIGKILL");
    await ended;
    const settings = { url: server.url, mode: "search" };
    const left = readdirSync(place.store(settings));
    expect(left).to.have.length(1);
    expect(left[0]).to.match(/^\.unfinished-/);
    expect(existsSync(join(place.store(settings), left[0] ?? "", "manifest.json"))).to.equal(false);
    server.intercept = null;
    const { code, out, err } = await run("endpoint", "pfs", "--as-of", "2030-01-01", "--json");
    expect(code, err).to.equal(0);
    expect((JSON.parse(out) as { patients: unknown[] }).patients).to.have.length(1);
  });
});
