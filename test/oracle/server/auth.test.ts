import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { decodeJwt, decodeProtectedHeader } from "jose";

import { readClientKey, signAssertion } from "../../../oracle/intake/server/assertion.ts";
import { BulkServer, ndjson } from "./bulkServer.ts";
import { failure, Place } from "./setup.ts";

const CLIENT = "oracle-1";
const EC = generateKeyPairSync("ec", { namedCurve: "P-384" });
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const OTHER = generateKeyPairSync("ec", { namedCurve: "P-384" });
const P256 = generateKeyPairSync("ec", { namedCurve: "P-256" });

const jwk = (key: KeyObject, kid: string, alg: string) => ({ ...key.export({ format: "jwk" }), kid, alg });
const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

describe("SMART Backend Services", () => {
  let server: BulkServer;
  let place: Place;

  beforeEach(async () => {
    place = new Place();
    server = await new BulkServer().start();
    server.now = () => place.surroundings.time / 1_000;
    server.client = {
      clientId: CLIENT,
      jwks: { keys: [jwk(EC.publicKey, "ec-1", "ES384"), jwk(RSA.publicKey, "rsa-1", "RS384")] },
      scopes: ["system/*.rs", "system/Patient.rs"],
    };
    server.exports = [
      {
        transactionTime: "2026-02-01T08:00:00Z",
        output: [{ type: "Patient", content: ndjson([{ resourceType: "Patient", id: "a" }]) }],
      },
    ];
    writeFileSync(join(place.folder, "key.json"), JSON.stringify(jwk(EC.privateKey, "ec-1", "ES384")));
  });
  afterEach(async () => {
    place.remove();
    await server.close();
  });

  const load = (auth: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}) =>
    place.load({
      url: server.url,
      mode: "bulk",
      auth: { type: "smart-backend", clientId: CLIENT, key: { file: "key.json" }, ...auth },
      ...more,
    });

  describe("with a key that the server knows", () => {
    it("gets a token with an EC key as JWK, at the token URL that the server announces", async () => {
      expect((await load()).patients).to.have.length(1);
      expect(server.tokensIssued).to.equal(1);
      expect(server.scopesAsked).to.deep.equal(["system/*.rs"]);
    });

    it("gets a token with an RSA key as PEM, at the token URL that the source states", async () => {
      writeFileSync(join(place.folder, "key.pem"), pem(RSA.privateKey));
      const tokenUrl = server.url.replace(/fhir$/, "auth/token");
      const { patients } = await load({ key: { file: "key.pem" }, kid: "rsa-1", tokenUrl, scope: "system/Patient.rs" });
      expect(patients).to.have.length(1);
      expect(server.count("GET", "well-known")).to.equal(0);
    });

    it("takes the key from the environment, and the stated one of a set", async () => {
      const keys = [jwk(OTHER.privateKey, "other", "ES384"), jwk(EC.privateKey, "ec-1", "ES384")];
      place.surroundings.env["SMART_KEY"] = JSON.stringify({ keys });
      expect((await load({ key: { env: "SMART_KEY" }, kid: "ec-1" })).patients).to.have.length(1);
    });
  });

  describe("a token", () => {
    it("is used until shortly before its end, then another is asked for", async () => {
      server.polls = 30; // Ten minutes at 20 s each.
      await load();
      expect(server.tokensIssued).to.equal(3);
      expect(server.requests.filter(({ url }) => url.includes("bulkstatus"))).to.have.length(32);
    });

    it("that the server no longer knows is replaced once", async () => {
      server.polls = 2;
      let forgotten = false;
      server.intercept = ({ url }) => {
        if (url.includes("bulkstatus") && !forgotten) server.forgetTokens();
        if (url.includes("bulkstatus")) forgotten = true;
        return undefined;
      };
      expect((await load()).patients).to.have.length(1);
      expect(server.tokensIssued).to.equal(2);
    });

    it("that is refused for good ends in an error", async () => {
      server.intercept = ({ url }) => {
        if (url.includes("export")) server.forgetTokens();
        return undefined;
      };
      const error = await failure(load());
      expect(error.message).to.include("status 401").and.to.include("check auth");
      expect(server.tokensIssued).to.equal(2);
    });

    it("is asked for again, with a new assertion, when the server is busy", async () => {
      let times = 0;
      server.intercept = ({ url }, reply) =>
        url.includes("token") && times++ === 0 ? reply.code(503).header("retry-after", "4").send() : undefined;
      expect((await load()).patients).to.have.length(1);
      expect(place.surroundings.waits).to.deep.equal([4_000]);
    });
  });

  describe("an assertion", () => {
    it("names the client, the exact token URL, its key and a few minutes, and never twice the same id", async () => {
      const key = readClientKey(JSON.stringify(jwk(EC.privateKey, "ec-1", "ES384")), {});
      const now = Date.parse("2026-03-01T00:00:00Z");
      const signed = await Promise.all([1, 2].map(() => signAssertion(key, CLIENT, "https://x.test/token?a=1", now)));
      const [claims, again] = signed.map((jwt) => decodeJwt(jwt));
      expect(decodeProtectedHeader(signed[0] ?? "")).to.deep.equal({ alg: "ES384", kid: "ec-1", typ: "JWT" });
      expect(claims).to.include({ iss: CLIENT, sub: CLIENT, aud: "https://x.test/token?a=1", iat: now / 1_000 });
      expect((claims?.exp ?? 0) - now / 1_000).to.be.within(60, 300);
      expect(claims?.jti).not.to.equal(again?.jti);
    });
  });

  describe("what the token endpoint refuses is told with what to do", () => {
    const refusals: readonly [string, string, () => Promise<unknown>][] = [
      [
        "a key that is not registered",
        "Unable to verify",
        () => {
          place.surroundings.env["K"] = JSON.stringify(jwk(OTHER.privateKey, "ec-1", "ES384"));
          return load({ key: { env: "K" } });
        },
      ],
      [
        "a kid that is not registered",
        "kid",
        () => {
          place.surroundings.env["K"] = pem(EC.privateKey);
          return load({ key: { env: "K" }, kid: "ec-2" });
        },
      ],
      ["another client", "Invalid token issuer", () => load({ clientId: "someone" })],
      ["another audience", "'aud'", () => load({ tokenUrl: server.url.replace("fhir", "auth/token?x=1") })],
      [
        "a clock that is wrong",
        "clock",
        () => {
          server.now = () => place.surroundings.time / 1_000 + 3_600;
          return load();
        },
      ],
      ["a scope that was not granted", "auth.scope", () => load({ scope: "system/*.*" })],
    ];
    for (const [title, words, attempt] of refusals) {
      it(title, async () => {
        const error = await failure(attempt());
        expect(error.name).to.equal("ServerError");
        expect(error.message).to.include("no token: status 400").and.to.include(words);
        expect(error.message).to.match(/; (check|ask) /);
        expect(error.message).not.to.match(/eyJ/);
        expect(server.count("GET", "export")).to.equal(0);
      });
    }

    it("an id used before, which a repeated request would be", async () => {
      const key = readClientKey(JSON.stringify(jwk(EC.privateKey, "ec-1", "ES384")), {});
      const endpoint = server.url.replace(/fhir$/, "auth/token");
      const assertion = await signAssertion(key, CLIENT, endpoint, place.surroundings.time);
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        scope: "system/*.rs",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
      });
      const send = async () => (await fetch(endpoint, { method: "POST", body })).status;
      expect([await send(), await send()]).to.deep.equal([200, 400]);
    });

    it("an answer that is no token", async () => {
      server.intercept = ({ url }) => (url.includes("token") ? { access_token: "x", token_type: "mac" } : undefined);
      const error = await failure(load());
      expect(error.message).to.include("found no token (token_type)");
    });
  });

  describe("what is wrong before anything is sent", () => {
    it("is told by path, and never shows the key", async () => {
      const secret = jwk(P256.privateKey, "p", "ES256");
      place.surroundings.env["P256"] = JSON.stringify(secret);
      place.surroundings.env["BROKEN"] = `{"d": "${String(EC.privateKey.export({ format: "jwk" }).d)}`;
      place.surroundings.env["PEM"] = pem(EC.privateKey);
      place.surroundings.env["PUBLIC"] = JSON.stringify(jwk(EC.publicKey, "ec-1", "ES384"));
      const cases: readonly [Record<string, unknown>, string][] = [
        [{ key: { file: "nowhere.json" } }, "auth.key: the file nowhere.json can't be read (ENOENT"],
        [{ key: { env: "NOTHING" } }, "auth.key: the environment variable NOTHING is not set"],
        [{ key: { env: "P256" } }, "auth.key: found a key of another kind (EC P-256)"],
        [{ key: { env: "BROKEN" } }, "auth.key: found broken JSON"],
        [{ key: { env: "PUBLIC" } }, "auth.key: found no private key"],
        [{ key: { env: "PEM" } }, "auth.kid: found nothing"],
        [{ alg: "RS384" }, "auth.alg: found RS384, expected ES384"],
      ];
      for (const [auth, words] of cases) {
        const error = await failure(load(auth));
        expect(error.name).to.equal("SourceError");
        expect(error.message).to.include(words);
        expect(error.message).not.to.include(String(secret.d)).and.not.to.include("BEGIN");
      }
      expect(server.requests).to.be.empty;
    });

    it("a server that announces no token URL asks for one in the source", async () => {
      server.intercept = ({ url }, reply) => (url.includes("well-known") ? reply.code(404).send() : undefined);
      const error = await failure(load());
      expect(error.message).to.include("state auth.tokenUrl");
    });
  });
});
