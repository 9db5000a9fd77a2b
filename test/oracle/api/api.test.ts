import { expect } from "chai";
import { Wallet } from "ethers";

import { ACCESS, mayShow, ROLES, type Resource, type Role } from "../../../oracle/api/access.ts";
import { evidenceClasses } from "../../../oracle/api/evidence.ts";
import { remembered } from "../../../oracle/api/source.ts";
import { hashReportLeaves } from "../../../oracle/report/leaf.ts";
import { toHex } from "../../../oracle/report/bytes.ts";
import { merkleRoot, verifyProof } from "../../../oracle/report/root.ts";
import { fromHex, type Hex } from "../../../oracle/report/bytes.ts";
import { SignerAccount } from "../../../oracle/signing/account.ts";
import { createWorld, type World } from "../../../runner/world.ts";
import { OPERATORS, patient, recordsOf, SHEET } from "../fixture.ts";
import { day, pendingMilestone, play, type Play } from "../passes.ts";
import { apiOf, PAGE, REJECTED, signedMessage, type TestApi } from "./fixture.ts";

const AUDITOR = Wallet.createRandom();
const WINDOWED = SHEET.replace("grace: 28d", "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter");

interface LeafBody {
  readonly patient: Hex;
  readonly tier: number;
  readonly batch: number;
  readonly value: string;
  readonly runningSum: string;
  readonly blind: Hex;
}

describe("the HTTP API of an operator's node", function () {
  this.timeout(120_000);
  let world: World;
  let story: Play;
  let api: TestApi;
  let tokens: Record<Role, string>;

  before(async () => {
    world = await createWorld();
    story = await play(
      world,
      WINDOWED,
      recordsOf([
        patient("Alice", day("2026-01-10"), 183),
        patient("Bob", day("2026-01-12"), 90),
        patient("Carol", day("2026-01-12"), null),
      ]),
    );
    const { stage, operators, pass } = story;
    await pass(operators[0], "2026-01-20");
    await pass(operators[0], "2026-08-11");
    api = await apiOf(story, { auditors: [AUDITOR.address] });
    const [payer] = stage.parties;
    const [operator] = OPERATORS;
    if (payer === undefined || operator === undefined) throw new Error("parties and operators");
    tokens = {
      party: await api.signIn(payer),
      arbiter: await api.signIn(stage.arbiter),
      auditor: await api.signIn(AUDITOR),
      operator: await api.signIn(new SignerAccount(operator)),
    };
  });

  after(() => world.close());

  const REPORT = "/v1/reports/refund/2026/1";
  const ENROLMENT = "/v1/cohorts/2026/enrolments/1";

  async function keyOf(tier: number): Promise<Hex> {
    const { body } = await api.get(`${REPORT}/patients`, tokens.party);
    const { items } = body as { items: { patient: Hex; tier: number }[] };
    return items.find((item) => item.tier === tier)?.patient ?? "0x";
  }

  /** Every route that shows something, by what it shows. */
  const routes = async (): Promise<[Resource, string][]> => [
    ["agreement", "/v1/agreement"],
    ["cohorts", "/v1/cohorts"],
    ["overdue", "/v1/overdue"],
    ["status", "/v1/status"],
    ["rejects", "/v1/rejects"],
    ["reports", "/v1/reports"],
    ["reports", REPORT],
    ["pseudonyms", `${REPORT}/patients`],
    ["pseudonyms", `${REPORT}/patients/${await keyOf(0)}/proof`],
    ["pseudonyms", `${ENROLMENT}/patients`],
    ["pseudonyms", `${ENROLMENT}/patients/${await keyOf(0)}/proof`],
    ["pending leaves", `${REPORT}/leaves`],
    ["pending leaves", `${ENROLMENT}/leaves`],
    ["evidence", `${REPORT}/evidence`],
  ];

  it("shows each role what the table says, on every route, and the public nothing", async () => {
    const asked = new Set<string>();
    for (const [resource, path] of await routes()) {
      asked.add(resource);
      for (const role of ROLES) {
        const { status } = await api.get(path, tokens[role]);
        expect(status, `${role} ${path}`).to.equal(mayShow([role], resource) ? 200 : 403);
      }
      expect((await api.get(path)).status, path).to.equal(401);
      expect((await api.get(path, "x.y.z")).status, path).to.equal(401);
    }
    // `leaves` is what `pending leaves` becomes, below.
    expect([...asked, "leaves"].sort()).to.deep.equal(Object.keys(ACCESS).sort());
    const paths = Object.entries(api.server.swagger().paths ?? {});
    const guarded = paths.flatMap(([path, methods]) => ("get" in (methods ?? {}) ? [path] : []));
    const open = ["/health", "/ready", "/v1/session"];
    expect(guarded.filter((path) => !open.includes(path)).length).to.equal((await routes()).length);
  });

  it("answers without signing in only whether it is up, its interface, and how to sign in", async () => {
    for (const path of ["/health", "/ready", "/openapi.json"]) expect((await api.get(path)).status).to.equal(200);
    expect((await api.get("/v1/session")).status).to.equal(401);
    expect((await api.get("/metrics")).status).to.equal(404);
  });

  it("shows a party what was tallied, and by pseudonym the tier and the class of evidence, and no more", async () => {
    const { body, text } = await api.get(REPORT, tokens.party);
    expect(body).to.deep.include({ clause: "refund", cohort: "2026", number: 1, standing: "pending", notEvaluable: 1 });
    expect(body).to.deep.nested.include({ "computed.reasons": { "no-adequate-assessment": 1 } });
    const patients = await api.get(`${REPORT}/patients`, tokens.party);
    const { items } = patients.body as { items: Record<string, unknown>[] };
    expect(items.map(({ tier }) => tier)).to.deep.equal([0, 1, 2]);
    for (const item of items) {
      expect(Object.keys(item).sort()).to.deep.equal(["erased", "evidence", "leafHash", "patient", "tier"]);
      expect(item["evidence"]).to.deep.equal(["Observation"]);
    }
    for (const name of ["Alice", "Bob", "Carol", "secret-name"]) expect(text + patients.text).not.to.contain(name);
  });

  it("lets a party recompute a pending report's root from its leaves, and prove each", async () => {
    const { body } = await api.get(`${REPORT}/leaves`, tokens.party);
    const leaves = (body as { items: LeafBody[] }).items.map(({ patient: patientKey, ...leaf }) => ({
      ...leaf,
      patientKey,
      value: BigInt(leaf.value),
      runningSum: BigInt(leaf.runningSum),
    }));
    const { root } = (await api.get(REPORT, tokens.party)).body as { root: Hex };
    expect(merkleRoot(hashReportLeaves(leaves))).to.equal(root);
    for (const leaf of leaves) {
      const proof = (await api.get(`${REPORT}/patients/${leaf.patientKey}/proof`, tokens.party)).body as {
        leafHash: Hex;
        index: number;
        leaves: number;
        siblings: Hex[];
      };
      expect(proof.leafHash).to.equal(toHex(hashReportLeaves([leaf])));
      expect(verifyProof(root, fromHex(proof.leafHash, 32), proof)).to.equal(true);
    }
  });

  it("shows resource ids and rejects to auditors and operators", async () => {
    const { text } = await api.get(`${REPORT}/evidence`, tokens.auditor);
    for (const name of ["Alice", "Bob", "Carol"]) expect(text).to.contain(`Observation/${name}`);
    expect((await api.get("/v1/rejects", tokens.operator)).body).to.deep.include({ total: 1, items: [REJECTED] });
    expect((await api.get("/v1/status", tokens.party)).text)
      .to.contain('"rejected":1')
      .and.not.to.contain("secret-name");
  });

  it("pages through long lists, and says what is not there or not understood", async () => {
    const page = (await api.get(`${REPORT}/patients?offset=1&limit=1`, tokens.party)).body;
    expect(page).to.deep.include({ total: 3, offset: 1 });
    expect((page as { items: unknown[] }).items.length).to.equal(1);
    for (const [path, status] of [
      ["/v1/reports/refund/2026/9", 404],
      ["/v1/reports/nothing/2026/1", 404],
      ["/v1/reports/refund/1999/1", 404],
      ["/v1/reports?clause=nothing", 404],
      ["/v1/cohorts/2026/enrolments/2/patients", 404],
      [`${REPORT}/patients/0x12/proof`, 400],
      [`${REPORT}/patients/0x${"00".repeat(32)}/proof`, 404],
      [`${REPORT}/patients?limit=100000`, 400],
      ["/v1/reports/refund/2026/one", 400],
    ] as const) {
      const response = await api.get(path, tokens.party);
      expect(response.status, path).to.equal(status);
      expect(response.body, path).to.include({ type: "about:blank", status }).and.have.property("detail");
    }
  });

  it("shows balances, locks, the overdue count and the terms as the chain has them", async () => {
    const { body } = await api.get("/v1/agreement", tokens.party);
    const { parties, clauses } = body as { parties: Record<string, string>[]; clauses: { id: string }[] };
    const { balance, locked } = await story.stage.contract.accountOf(0);
    expect(parties[0]).to.include({ balance: String(balance), locked: String(locked), group: "payer" });
    expect(clauses.map(({ id }) => id)).to.deep.equal(["treatment", "refund", "year", "bonus"]);
    expect((await api.get("/v1/cohorts", tokens.party)).body).to.have.nested.property("[0].patients", 3);
    expect((await api.get("/v1/overdue", tokens.party)).body).to.deep.include({
      clause: "refund",
      cohort: "2026",
      due: 0,
      late: 0,
    });
  });

  it("shows whole leaves of a report that is pending no more to auditors and operators alone", async () => {
    const { stage, must } = story;
    const [payer] = stage.parties;
    if (payer === undefined) throw new Error("two parties");
    await stage.setDay(day("2026-08-12"));
    await must((options) => stage.contract.connect(payer).challenge(1, 0, 1, 0, options));
    const report = await pendingMilestone(story, 1, 1);
    await must((options) => stage.contract.connect(stage.arbiter).ruleMilestone(report, true, options));
    api.clock.now += 6_000;
    for (const path of [`${REPORT}/leaves`, `${ENROLMENT}/leaves`]) {
      for (const role of ROLES) {
        const { status } = await api.get(path, tokens[role]);
        expect(status, `${role} ${path}`).to.equal(mayShow([role], "leaves") ? 200 : 403);
      }
    }
    expect((await api.get(REPORT, tokens.party)).body).to.include({ standing: "settled" });
    expect((await api.get(`${REPORT}/patients`, tokens.party)).status).to.equal(200);
  });

  it("follows an account to its new holder", async () => {
    const { stage, must } = story;
    const [, maker] = stage.parties;
    const heir = Wallet.createRandom();
    if (maker === undefined) throw new Error("two parties");
    const token = await api.signIn(maker);
    await stage.setDay(day("2026-08-13"));
    await must((options) => stage.contract.connect(maker).assign(1, heir.address, options));
    api.clock.now += 6_000;
    expect((await api.get("/v1/agreement", token)).status).to.equal(403);
    const session = await api.get("/v1/session", await api.signIn(heir));
    expect(session.body).to.deep.include({ roles: ["party"], parties: ["manufacturer/Maker"] });
  });

  it("tells nobody why something failed but the operator", async () => {
    const lost = await apiOf({
      ...story,
      chain: { ...story.chain, read: () => Promise.reject(new Error("https://rpc/secret-key")) },
    });
    const payload = await signedMessage(lost.server, AUDITOR, lost.clock.now);
    const response = await lost.server.inject({ method: "POST", url: "/v1/session", payload });
    expect(response.statusCode).to.equal(500);
    expect(response.body).not.to.contain("secret-key");
    expect(lost.errors.length).to.equal(1);
    await lost.server.close();
  });

  it("lets pages of its list read answers in a browser, and no others; and never lets an answer be kept", async () => {
    const asked = (origin: string, method: "GET" | "OPTIONS") =>
      api.server.inject({ method, url: "/v1/agreement", headers: { origin } });
    expect((await asked(PAGE, "OPTIONS")).headers).to.include({ "access-control-allow-origin": PAGE });
    expect((await asked(PAGE, "OPTIONS")).statusCode).to.equal(204);
    const good = await asked(PAGE, "GET");
    expect(good.headers).to.include({ "access-control-allow-origin": PAGE, "cache-control": "no-store" });
    const bad = await asked("https://evil.example", "GET");
    expect(bad.headers).not.to.have.property("access-control-allow-origin");
    expect(bad.headers["content-type"]).to.contain("application/problem+json");
    expect(bad.headers).to.include({ "x-content-type-options": "nosniff" });
  });

  it("limits the requests of one address in a minute, and the size of each", async () => {
    const busy = await apiOf(story, { settings: { requests: 3 } });
    const health = () => busy.server.inject({ url: "/health" });
    for (let i = 0; i < 3; i++) expect((await health()).statusCode).to.equal(200);
    const refused = await health();
    expect(refused.statusCode).to.equal(429);
    expect(Number(refused.headers["retry-after"])).to.be.within(1, 60);
    busy.clock.now += 20_000;
    expect((await health()).statusCode).to.equal(200);
    expect((await health()).statusCode).to.equal(429);
    await busy.server.close();
    const payload = { message: "x".repeat(70_000), signature: "0x00" };
    expect((await api.server.inject({ method: "POST", url: "/v1/session", payload })).statusCode).to.equal(413);
  });
});

describe("an operator's API", () => {
  it("names the class of evidence and nothing that names a resource", () => {
    expect(
      evidenceClasses(["Observation/Jane-1", "Observation/2", "statement/cost/file", "Jane.csv:4", "Jane/rs.csv:4"]),
    ).to.deep.equal(["Observation", "other", "statement"]);
  });

  it("asks once for all who ask meanwhile, again when its answer is old, and keeps no failure", async () => {
    let loads = 0;
    let now = 0;
    const load = remembered(
      () => {
        loads++;
        return loads === 3 ? Promise.reject(new Error("down")) : Promise.resolve(loads);
      },
      100,
      () => now,
    );
    expect(await Promise.all([load(), load()])).to.deep.equal([1, 1]);
    now = 100;
    expect(await load()).to.equal(2);
    now = 200;
    let failure: unknown;
    await load().catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(Error);
    expect(await load()).to.equal(4);
  });
});
