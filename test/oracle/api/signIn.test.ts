import { expect } from "chai";
import { hashMessage, Wallet } from "ethers";
import { SiweMessage } from "siwe";

import { createSessions } from "../../../oracle/api/session.ts";
import { createSignIn } from "../../../oracle/api/signIn.ts";
import { createWorld, type World } from "../../../runner/world.ts";
import { Wallet1271__factory } from "../../../typechain-types/index.ts";
import { recordsOf, SHEET } from "../fixture.ts";
import { play, type Play } from "../passes.ts";
import { apiOf, signedMessage, URL_TEXT, type TestApi } from "./fixture.ts";

const AUDITOR = Wallet.createRandom();
const MINUTE = 60_000;

describe("signing in with a wallet", function () {
  this.timeout(60_000);
  let world: World;
  let story: Play;
  let api: TestApi;

  before(async () => {
    world = await createWorld();
    story = await play(world, SHEET, recordsOf([]));
    api = await apiOf(story, { auditors: [AUDITOR.address] });
  });

  after(() => world.close());

  const post = async (payload: object): Promise<number> =>
    (await api.server.inject({ method: "POST", url: "/v1/session", payload })).statusCode;
  const tried = async (overrides: Partial<SiweMessage>, signer = AUDITOR): Promise<number> =>
    post(await signedMessage(api.server, signer, api.clock.now, overrides));

  it("opens a session for an account with a role, from the API's own address or a page of its list", async () => {
    expect(await tried({})).to.equal(201);
    expect(await tried({ domain: new URL(URL_TEXT).host })).to.equal(201);
    const { status, body } = await api.get("/v1/session", await api.signIn(AUDITOR));
    expect(status).to.equal(200);
    expect(body).to.deep.include({ address: AUDITOR.address, roles: ["auditor"], parties: [] });
  });

  it("refuses a message for another place, chain or time", async () => {
    const at = (milliseconds: number): string => new Date(api.clock.now + milliseconds).toISOString();
    for (const overrides of [
      { domain: "evil.example" },
      { uri: "https://other-node.example/" },
      { chainId: 1 },
      { issuedAt: at(-6 * MINUTE) },
      { issuedAt: at(6 * MINUTE) },
      { expirationTime: at(0) },
      { notBefore: at(MINUTE) },
      { nonce: "madeup1234567890" },
    ]) {
      expect(await tried(overrides), JSON.stringify(overrides)).to.equal(401);
    }
  });

  it("takes a nonce once, and only for five minutes", async () => {
    const once = await signedMessage(api.server, AUDITOR, api.clock.now);
    expect(await post(once)).to.equal(201);
    expect(await post(once)).to.equal(401);
    const late = await signedMessage(api.server, AUDITOR, api.clock.now + 5 * MINUTE);
    api.clock.now += 5 * MINUTE + 1;
    expect(await post(late)).to.equal(401);
  });

  it("spends the nonce of a try that failed", async () => {
    const good = await signedMessage(api.server, AUDITOR, api.clock.now);
    expect(await post({ ...good, signature: await Wallet.createRandom().signMessage(good.message) })).to.equal(401);
    expect(await post(good)).to.equal(401);
  });

  it("refuses another account's signature, one over other words, and what is none", async () => {
    const { message } = await signedMessage(api.server, AUDITOR, api.clock.now);
    const other = await signedMessage(api.server, AUDITOR, api.clock.now);
    expect(await post({ message, signature: other.signature })).to.equal(401);
    for (const signature of ["0x00", `0x${"ff".repeat(65)}`]) {
      const fresh = await signedMessage(api.server, AUDITOR, api.clock.now);
      expect(await post({ ...fresh, signature })).to.equal(401);
    }
    expect(await post({ message: "let me in", signature: "0x00" })).to.equal(401);
    expect(await post({ message: "let me in", signature: "00" })).to.equal(400);
    expect(await post({})).to.equal(400);
  });

  it("opens no session for an account without a role", async () => {
    expect(await tried({}, Wallet.createRandom())).to.equal(403);
  });

  it("takes a contract's word for its signature (ERC-1271)", async () => {
    const owner = Wallet.createRandom();
    const wallet = await new Wallet1271__factory(story.stage.relayer).deploy(owner.address);
    await wallet.waitForDeployment();
    const address = await wallet.getAddress();
    const withWallet = await apiOf(story, { auditors: [address] });
    const asWallet = (signer: { signMessage: (message: string) => Promise<string> }) =>
      signedMessage(
        withWallet.server,
        { getAddress: () => Promise.resolve(address), signMessage: signer.signMessage.bind(signer) },
        withWallet.clock.now,
      );
    const sent = async (payload: object): Promise<number> =>
      (await withWallet.server.inject({ method: "POST", url: "/v1/session", payload })).statusCode;
    const good = await asWallet(owner);
    expect(await wallet.isValidSignature(hashMessage(good.message), good.signature)).to.equal("0x1626ba7e");
    expect(await sent(good)).to.equal(201);
    expect(await sent(await asWallet(Wallet.createRandom()))).to.equal(401);
    await withWallet.server.close();
  });

  it("ends a session when it is over and when it is given back", async () => {
    const token = await api.signIn(AUDITOR);
    const headers = { authorization: `Bearer ${token}` };
    expect((await api.server.inject({ method: "DELETE", url: "/v1/session", headers })).statusCode).to.equal(204);
    expect((await api.get("/v1/session", token)).status).to.equal(401);
    const second = await api.signIn(AUDITOR);
    api.clock.now += 3_599_000;
    expect((await api.get("/v1/session", second)).status).to.equal(200);
    api.clock.now += 2_000;
    expect((await api.get("/v1/session", second)).status).to.equal(401);
  });

  it("keeps sessions over a restart when their key stands in the environment, and not otherwise", async () => {
    const settings = { sessionKeyEnv: "SESSION" };
    const auditors = [AUDITOR.address];
    const before = await apiOf(story, { settings, auditors });
    const token = await before.signIn(AUDITOR);
    const after = await apiOf(story, { settings, auditors });
    expect((await after.get("/v1/session", token)).status).to.equal(200);
    const other = await apiOf(story, { auditors });
    expect((await other.get("/v1/session", token)).status).to.equal(401);
    await Promise.all([before, after, other].map(({ server }) => server.close()));
  });
});

describe("sessions and nonces", () => {
  const parts = {
    key: new Uint8Array(32).fill(1),
    audience: "1:0xA:0xB",
    length: 60,
    now: () => 1_000_000,
    drawId: () => "id",
  };

  it("are worth nothing to another node or agreement", async () => {
    const { token } = await createSessions(parts).open(AUDITOR.address);
    expect(await createSessions(parts).read(token)).to.include({ address: AUDITOR.address });
    expect(await createSessions({ ...parts, audience: "1:0xA:0xC" }).read(token)).to.equal(null);
    const [head, body] = token.split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await createSessions(parts).read(`${none}.${body}.`)).to.equal(null);
    expect(await createSessions(parts).read(`${head}.${body}.${"A".repeat(43)}`)).to.equal(null);
  });

  it("are bounded: whoever asks for many nonces makes the oldest go, and only those", async () => {
    let drawn = 0;
    const signIn = createSignIn({
      url: new URL(URL_TEXT),
      origins: [],
      chainId: 1n,
      now: () => 0,
      drawNonce: () => `nonce${String(drawn++).padStart(6, "0")}`,
      contractSigned: () => Promise.resolve(false),
    });
    const [oldest] = Array.from({ length: 10_002 }, () => signIn.offer());
    const newest = signIn.offer();
    const tried = async (nonce: string): Promise<string> => {
      const { domains, uri } = newest;
      const issuedAt = new Date(0).toISOString();
      const fields = { domain: domains[0] ?? "", uri, version: "1", chainId: 1, nonce, issuedAt };
      const message = new SiweMessage({ ...fields, address: AUDITOR.address }).prepareMessage();
      const signature = await AUDITOR.signMessage(message);
      return signIn.accept(message, signature).catch((error: unknown) => String(error));
    };
    expect(await tried(oldest?.nonce ?? "")).to.contain("SignInRefused: nonce");
    expect(await tried(newest.nonce)).to.equal(AUDITOR.address);
  });
});
