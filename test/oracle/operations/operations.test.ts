import { Writable } from "node:stream";

import { expect } from "chai";

import type { PassEvent } from "../../../oracle/node.ts";
import { createLog } from "../../../oracle/operations/log.ts";
import { createMetrics } from "../../../oracle/operations/metrics.ts";
import { checkReadiness, type Progress, type ReadinessParts } from "../../../oracle/operations/readiness.ts";
import { buildOperationsServer } from "../../../oracle/operations/server.ts";

const NOW = 1_800_000_000_000;
const DONE: Progress = { lastPass: { at: NOW, result: "done" }, lastReading: { at: NOW, readable: true } };

function partsOf(overrides: Partial<ReadinessParts> = {}): ReadinessParts {
  return {
    headTime: () => Promise.resolve(NOW / 1_000 - 12),
    headAge: 60,
    probeStore: () => Promise.resolve(),
    progress: () => DONE,
    readsRecords: true,
    passWithin: 600_000,
    now: () => NOW,
    timeout: 20,
    ...overrides,
  };
}

/** Names of the checks that fail. */
const failing = async (overrides: Partial<ReadinessParts>): Promise<string[]> =>
  (await checkReadiness(partsOf(overrides))).filter(({ ready }) => !ready).map(({ name }) => name);

const lastPass = (at: number, result: "done" | "behind" | "failed"): Partial<ReadinessParts> => ({
  progress: () => ({ ...DONE, lastPass: { at, result } }),
});

describe("a node's readiness", () => {
  it("is given when the chain is fresh, the store writable, the records readable and the last pass went well", async () => {
    expect(await failing({})).to.deep.equal([]);
  });

  it("is lost with the chain: unreachable, silent, or standing still", async () => {
    expect(await failing({ headTime: () => Promise.reject(new Error("down")) })).to.deep.equal(["chain"]);
    expect(await failing({ headTime: () => new Promise(() => undefined) })).to.deep.equal(["chain"]);
    expect(await failing({ headTime: () => Promise.resolve(NOW / 1_000 - 61) })).to.deep.equal(["chain"]);
    expect(await failing({ headTime: () => Promise.resolve(0), headAge: 0 })).to.deep.equal([]);
  });

  it("is lost with the store, with the records, and with passes that fail, fall behind or do not come", async () => {
    expect(await failing({ probeStore: () => Promise.reject(new Error("full")) })).to.deep.equal(["store"]);
    const unread = { ...DONE, lastReading: { at: NOW, readable: false } };
    expect(await failing({ progress: () => unread })).to.deep.equal(["records"]);
    expect(await failing({ progress: () => unread, readsRecords: false })).to.deep.equal([]);
    expect(await failing({ progress: () => ({ lastPass: null, lastReading: null }) })).to.deep.equal([
      "records",
      "passes",
    ]);
    expect(await failing(lastPass(NOW, "failed"))).to.deep.equal(["passes"]);
    expect(await failing(lastPass(NOW, "behind"))).to.deep.equal(["passes"]);
    expect(await failing(lastPass(NOW - 600_001, "done"))).to.deep.equal(["passes"]);
  });

  it("says nothing of what an error said: anyone may ask", async () => {
    const headTime = () => Promise.reject(new Error("https://rpc/secret-key"));
    const probeStore = () => Promise.reject(new Error("postgres://secret-key"));
    expect(JSON.stringify(await checkReadiness(partsOf({ headTime, probeStore })))).not.to.contain("secret-key");
  });
});

describe("the operations listener", () => {
  it("answers health at once, ready with every check, and metrics in Prometheus' format", async () => {
    const metrics = createMetrics();
    const server = buildOperationsServer({
      registry: metrics.registry,
      ready: () => checkReadiness(partsOf({ probeStore: () => Promise.reject(new Error("full")) })),
    });
    expect((await server.inject("/health")).statusCode).to.equal(200);
    const ready = await server.inject("/ready");
    expect(ready.statusCode).to.equal(503);
    expect(ready.json<{ checks: unknown[] }>().checks.length).to.equal(4);
    metrics.passed(2, [{ step: "enrol", result: "done" }]);
    metrics.outstanding("refund", "2026", 3, 1);
    const page = await server.inject("/metrics");
    expect(page.headers["content-type"]).to.contain("text/plain");
    expect(page.body).to.contain('outcomepay_events_total{step="enrol",result="done"} 1');
    expect(page.body).to.contain('outcomepay_patients_overdue{clause="refund",cohort="2026"} 1');
    expect((await server.inject("/v1/agreement")).statusCode).to.equal(404);
    await server.close();
  });
});

describe("the log", () => {
  function logged(write: (log: ReturnType<typeof createLog>) => void): string {
    let text = "";
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        text += chunk.toString("utf8");
        done();
      },
    });
    write(createLog({ level: "info", secrets: ["the-password"], stream }));
    return text;
  }

  it("is JSON, a line each, from the level on that is set", () => {
    const text = logged((log) => {
      log.debug("not this");
      log.info({ at: "http://x" }, "listening");
    });
    expect(JSON.parse(text)).to.include({ level: "info", at: "http://x", msg: "listening" });
  });

  it("hides secrets wherever they stand", () => {
    const text = logged((log) =>
      log.error({ error: "to postgres://u:the-password@h", the: ["the-password"] }, "the-password"),
    );
    expect(text).to.contain("[hidden]").and.not.to.contain("the-password");
  });

  it("keeps a patient's pseudonym and tier where operators differ, and no value, evidence or identifier", () => {
    const patientKey: `0x${string}` = `0x${"ab".repeat(32)}`;
    const event: PassEvent = {
      step: "report",
      clause: 1,
      cohort: 0,
      number: 1,
      result: "waiting",
      detail: "1 of 2 signatures",
      differences: [
        {
          operator: "0x01",
          patients: [{ patientKey, proposed: { tier: 0, value: "4711" }, computed: { tier: 1, value: "4712" } }],
        },
      ],
    };
    const more = { identifier: { value: "Jane" }, deep: [{ evidence: ["Observation/Jane"] }] };
    const text = logged((log) => log.error({ ...event, ...more }, "a report"));
    expect(text).to.contain(patientKey).and.to.contain('"tier":1');
    for (const word of ["4711", "4712", "Jane"]) expect(text).not.to.contain(word);
  });
});
