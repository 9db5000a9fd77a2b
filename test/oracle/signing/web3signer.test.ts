import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { id, keccak256, recoverAddress, SigningKey } from "ethers";

import { keySigner } from "../../../oracle/endorse/signer.ts";
import { preimageOf } from "../../../oracle/report/messages.ts";
import { ConfigError, parseConfig } from "../../../oracle/settings/read.ts";
import { openSigner } from "../../../oracle/signing/open.ts";
import { SignerError } from "../../../oracle/signing/web3signer.ts";
import { milestone, requestFor } from "../endorse/fixture.ts";
import { withFiles } from "../support.ts";
import { startWeb3Signer, type RemoteSigner } from "./web3signer.ts";

const key = new SigningKey(id("behind a remote signer"));
const request = requestFor(milestone().content);
const preimage = preimageOf(request.agreement, request.content);

/** The settings' way to a signer. */
function open(settings: object, env: Record<string, string> = {}, base = ".") {
  const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  const files = { terms: "t", source: "s", secret: "x", store: "d" };
  const web3signer = { publicKey: key.compressedPublicKey, timeout: 1, ...settings };
  const config = parseConfig({ ...files, rpc: "http://r", agreement: ADDRESS, key: { web3signer } }, base);
  return openSigner(config.key, env, () => Promise.resolve());
}

async function failure(work: Promise<unknown>): Promise<{ retryable: boolean; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SignerError) return error;
    throw error;
  }
  throw new Error("it signed");
}

describe("a key behind Web3Signer's API", () => {
  let remote: RemoteSigner;

  beforeEach(async () => {
    remote = await startWeb3Signer(key);
  });

  afterEach(() => remote.close());

  it("signs a report's preimage: the signature is over its digest, and the same that the key itself gives", async () => {
    const { signer, close } = await open({ url: remote.url });
    const signature = await signer.sign(preimage);
    expect(recoverAddress(request.digest, signature)).to.equal(signer.address);
    expect(signature).to.equal(await keySigner(key.privateKey).sign(preimage));
    expect(remote.signed).to.deep.equal([preimage]);
    expect(keccak256(preimage)).to.equal(request.digest);
    await close();
  });

  it("takes no signature of another key, none that contracts refuse, and nothing else", async () => {
    const { signer, close } = await open({ url: remote.url });
    for (const fault of ["wrong key", "nonsense", "high s", "flood"] as const) {
      remote.faults.push(fault);
      expect((await failure(signer.sign(preimage))).retryable, fault).to.equal(false);
      expect(remote.faults, fault).to.deep.equal([]);
    }
    expect(remote.requests).to.equal(4);
    await close();
  });

  it("asks again after a silence and an overload, and no oftener than the settings say", async () => {
    const { signer, close } = await open({ url: remote.url });
    remote.faults.push("silence", "overload");
    expect(recoverAddress(request.digest, await signer.sign(preimage))).to.equal(signer.address);
    expect(remote.requests).to.equal(3);
    remote.faults.push("overload", "overload", "overload");
    expect((await failure(signer.sign(preimage))).retryable).to.equal(true);
    expect(remote.requests).to.equal(6);
    await close();
  });

  it("says that it has no such key, and that it can't be reached, without its URL", async () => {
    const other = new SigningKey(id("another"));
    const wrong = await open({ url: remote.url, publicKey: other.publicKey });
    expect(await failure(wrong.signer.sign(preimage))).to.include({ retryable: false });
    expect(remote.requests).to.equal(1);
    const gone = await open({ url: "http://user:hidden-word@127.0.0.1:1/with/path" });
    const { retryable, message } = await failure(gone.signer.sign(preimage));
    expect(retryable).to.equal(true);
    expect(message).not.to.contain("hidden-word");
    await Promise.all([wrong.close(), gone.close()]);
  });

  it("is asked with a user's name and password, below whatever path a proxy puts it", async () => {
    const { signer, close } = await open({ url: `${remote.url}/`, user: "node", passwordEnv: "P" }, { P: "pass:word" });
    await signer.sign(preimage);
    expect(remote.authorization).to.equal(`Basic ${Buffer.from("node:pass:word").toString("base64")}`);
    await close();
    let refusal: unknown;
    await open({ url: remote.url, user: "node", passwordEnv: "P" }).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(ConfigError);
  });

  it("shows a client certificate, and trusts no other authority than the one it is given", async () => {
    await withFiles({}, async (folder) => {
      const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
      const subject = ["-nodes", "-days", "1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
      const named = ["-addext", "subjectAltName=IP:127.0.0.1"];
      for (const name of ["server", "client"]) {
        openssl(
          "req",
          "-x509",
          ...subject,
          ...named,
          "-subj",
          `/CN=${name}`,
          "-keyout",
          `${name}.key`,
          "-out",
          `${name}.pem`,
        );
      }
      const read = (name: string): string => readFileSync(join(folder, name), "utf8");
      const tls = { key: read("server.key"), cert: read("server.pem"), ca: read("client.pem") };
      const secure = await startWeb3Signer(key, tls);
      try {
        const client = { certificate: "client.pem", certificateKey: "client.key" };
        const good = await open({ url: secure.url, ca: "server.pem", ...client }, {}, folder);
        expect(recoverAddress(request.digest, await good.signer.sign(preimage))).to.equal(good.signer.address);
        for (const lacking of [{ ca: "server.pem" }, client]) {
          const bad = await open({ url: secure.url, attempts: 1, ...lacking }, {}, folder);
          expect((await failure(bad.signer.sign(preimage))).retryable).to.equal(true);
          await bad.close();
        }
        expect(secure.requests).to.equal(1);
        await good.close();
      } finally {
        await secure.close();
      }
    });
  });
});
