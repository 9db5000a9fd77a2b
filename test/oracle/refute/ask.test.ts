import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { Wallet } from "ethers";

import { RootMismatch } from "../../../oracle/audit/proof.ts";
import { askAny, httpAskLeaves, type AskLeaves, type LeafPlace } from "../../../oracle/refute/ask.ts";
import { refuteReports, type JudgedReport } from "../../../oracle/refute/refute.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { ConfigError } from "../../../oracle/settings/read.ts";
import { SignerAccount } from "../../../oracle/signing/account.ts";
import { openStores } from "../../../oracle/store/stores.ts";
import { Unavailable } from "../../../oracle/unavailable.ts";
import { createWorld, type World } from "../../../runner/world.ts";
import { apiOf } from "../api/fixture.ts";
import { OPERATORS, patient, recordsOf, SHEET } from "../fixture.ts";
import { day, play, type Play } from "../passes.ts";

const WINDOWED = SHEET.replace("grace: 28d", "grace: 28d, challengeWindow: 7d, challengeBond: 10, arbiter: Arbiter");
const REPORT: LeafPlace = { of: "report", clause: "refund", cohort: "2026", number: 1 };
const ENROLMENT: LeafPlace = { of: "enrolment", cohort: "2026", number: 1 };

describe("asking another operator's API for leaves", function () {
  this.timeout(120_000);
  let world: World;
  let story: Play;
  let node: Server;
  let base: string;
  /** What the node's answers are turned into on their way. */
  let change: (body: string, path: string) => string;
  let roots: { readonly report: Hex; readonly enrolment: Hex };

  before(async () => {
    world = await createWorld();
    const patients = Array.from({ length: 3 }, (_, i) => patient(`P${i}`, day("2026-01-10"), i * 100));
    story = await play(world, WINDOWED, recordsOf(patients));
    await story.pass(story.operators[0], "2026-01-20");
    await story.pass(story.operators[0], "2026-08-11");
    const state = await story.chain.read();
    const report = state.clause(1, 0).reports[0]?.report.root ?? "0x";
    roots = { report, enrolment: state.cohorts[0]?.enrolments[0]?.root ?? "0x" };
    node = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => node.once("listening", resolve));
    base = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const { server, clock } = await apiOf(story, { settings: { url: base } });
    clock.now = Date.now();
    node.on("request", (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { url = "", method = "GET", headers } = incoming;
        const payload = Buffer.concat(chunks);
        void server
          .inject({ method: method as "GET", url, headers: headers as Record<string, string>, payload })
          .then(({ statusCode, body }) => {
            response.writeHead(statusCode, { "content-type": "application/json" }).end(change(body, url));
          });
      });
    });
  });
  after(async () => {
    node.closeAllConnections();
    node.close();
    await world.close();
  });
  beforeEach(() => (change = (body) => body));

  const asking = (account: AskAccount = new SignerAccount(OPERATORS[1]!), url = base): AskLeaves =>
    httpAskLeaves(url, { account, chainId: story.operators[0].parts.id.chainId, now: Date.now, timeout: 5_000 });
  type AskAccount = Parameters<typeof httpAskLeaves>[1]["account"];
  const failure = (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      () => null,
      (error: unknown) => error,
    );

  it("given they make the root, then they are taken, of reports and enrolments", async () => {
    const ask = asking();
    expect((await ask(REPORT, roots.report))?.leaves).to.have.length(3);
    expect((await ask(ENROLMENT, roots.enrolment))?.of).to.equal("enrolment");
    expect(await ask({ ...REPORT, number: 7 }, roots.report)).to.equal(null);
  });

  it("given others are served, then it is said which root they make", async () => {
    change = (body, path) => (path.includes("leaves") ? body.replace('"value":"100"', '"value":"101"') : body);
    const error = await failure(asking()(REPORT, roots.report));
    expect(error).to.be.instanceOf(RootMismatch);
    expect((error as Error).message).to.contain(`the chain has ${roots.report}`);
  });

  it("given the account has no role there, nobody answers, or the answer is no page, then that is said", async () => {
    expect(await failure(asking(Wallet.createRandom())(REPORT, roots.report))).to.be.instanceOf(ConfigError);
    const nobody = asking(undefined, "http://127.0.0.1:1");
    expect(await failure(nobody(REPORT, roots.report))).to.be.instanceOf(Unavailable);
    change = (body, path) => (path.includes("leaves") ? '{"total":99999999999,"items":[]}' : body);
    expect(await failure(asking()(REPORT, roots.report))).to.be.instanceOf(Unavailable);
  });

  it("given it passes on another place's offer to sign in, then nothing is signed", async () => {
    change = (body) => body.replace(base, "https://bank.example/");
    const account = new SignerAccount(OPERATORS[1]!);
    let signed = 0;
    const watched: AskAccount = {
      getAddress: () => account.getAddress(),
      signMessage: (message) => {
        signed += 1;
        return account.signMessage(message);
      },
    };
    expect(await failure(asking(watched)(REPORT, roots.report))).to.be.instanceOf(ConfigError);
    expect(signed).to.equal(0);
  });

  it("given one of several serves wrong leaves or none, then another's are taken; given none has them, then why is said", async () => {
    const lies: AskLeaves = () => Promise.reject(new RootMismatch("wrong"));
    const lacks: AskLeaves = () => Promise.resolve(null);
    expect((await askAny([lies, lacks, asking()])(REPORT, roots.report))?.leaves).to.have.length(3);
    expect(await failure(askAny([lies, lacks])(REPORT, roots.report))).to.be.instanceOf(RootMismatch);
    expect(await askAny([lacks])(REPORT, roots.report)).to.equal(null);
  });

  it("given a node holds nothing itself, then it judges by what is served, and says what came of asking in vain", async () => {
    const parts = { ...story.operators[0].parts, stores: await openStores(":memory:", "test") };
    const judged = async (ask: AskLeaves): Promise<JudgedReport[]> => {
      const found: JudgedReport[] = [];
      const options = { filter: {}, given: new Map<string, never>(), ask, dryRun: true };
      for await (const report of refuteReports(parts, options)) found.push(report);
      return found;
    };
    const [sound] = await judged(asking());
    expect(sound).to.deep.include({ result: "sound", leaves: { from: "given", count: 3 }, detail: null });
    const [unknown] = await judged(asking(Wallet.createRandom()));
    expect(unknown).to.deep.include({ result: "unknown", leaves: null });
    expect(unknown?.detail).to.match(/403.*is no party/);
  });
});
