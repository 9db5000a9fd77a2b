import { resolve } from "node:path";

import { expect } from "chai";

import { rowsOf } from "../../../oracle/settings/rows.ts";
import { ConfigError, parseConfig, readConfig } from "../../../oracle/settings/read.ts";
import { hide, secretsOf } from "../../../oracle/settings/secrets.ts";
import { settingsMarkdown } from "../../../oracle/settings/markdown.ts";
import { storeLocation } from "../../../oracle/settings/store.ts";
import { settings } from "../../../oracle/settings/table.ts";
import { withFiles } from "../support.ts";

const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const SECRET_KEY = `0x${"12".repeat(32)}`;

const WHOLE = {
  key: { env: "KEY" },
  rpc: "http://127.0.0.1:8545",
  agreement: ADDRESS,
  terms: "terms.yaml",
  source: "source.yaml",
  secret: "secret",
  store: "store.sqlite",
};

/** The words of the refusal; null when there is none. */
function refusal(overrides: object): string | null {
  try {
    parseConfig({ ...WHOLE, ...overrides }, ".");
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

describe("an operator's settings", () => {
  it("stand on their defaults, with files beside their own", () => {
    const config = parseConfig(WHOLE, "/etc/outcomepay");
    expect(config).to.include({ poll: 60, terms: "/etc/outcomepay/terms.yaml", store: "/etc/outcomepay/store.sqlite" });
    expect(config.listen).to.deep.equal({ host: "127.0.0.1", port: 8080 });
    expect(config.api).to.equal(undefined);
    const api = parseConfig({ ...WHOLE, api: {}, metrics: {}, store: ":memory:" }, ".");
    expect(api.api).to.include({ port: 8081, session: 3_600 });
    expect(api.metrics?.port).to.equal(9_464);
    expect(api.store).to.equal(":memory:");
  });

  it("name every problem with its path, and never show a key", () => {
    const found = refusal({
      key: SECRET_KEY,
      rpc: "ftp://user:password@x",
      peers: [{ url: "http://a", address: "0x12" }],
      api: { port: "x", origins: ["https://a.example/path"] },
      poll: 0,
      agreement: undefined,
      other: 1,
    });
    for (const path of ["key", "rpc", "peers.0.address", "api.port", "api.origins.0", "poll", "agreement", "other"]) {
      expect(found).to.contain(path);
    }
    expect(found).to.contain("poll: found 0, expected 1 or more seconds");
    expect(found).to.contain("agreement: found nothing, expected an address");
    expect(found).not.to.contain(SECRET_KEY).and.not.to.contain("password@");
  });

  it("show no key that stands where the name of a setting belongs", () => {
    const found = refusal({ key: { [SECRET_KEY]: null } });
    expect(found).to.contain("key: found unknown keys, expected env, keystore, passwordEnv, web3signer");
    expect(found).not.to.contain(SECRET_KEY.slice(2));
  });

  it("take one form of key", () => {
    const publicKey = `0x${"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"}${"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"}`;
    expect(refusal({ key: { keystore: "a", passwordEnv: "B" } })).to.equal(null);
    expect(refusal({ key: { web3signer: { url: "http://signer", publicKey } } })).to.equal(null);
    expect(refusal({ key: { web3signer: { url: "http://signer", publicKey: publicKey.slice(2) } } })).to.equal(null);
    for (const key of [
      {},
      { keystore: "a" },
      { env: "A", passwordEnv: "B" },
      { env: "A", keystore: "b", passwordEnv: "C" },
    ]) {
      expect(refusal({ key }), JSON.stringify(key)).to.contain("key: found something else, expected { env: NAME }");
    }
    const half = { url: "http://signer", publicKey, certificate: "a.pem", user: "me" };
    expect(refusal({ key: { web3signer: half } }))
      .to.contain("key.web3signer.certificateKey")
      .and.contain("passwordEnv");
    expect(refusal({ key: { web3signer: { url: "http://signer", publicKey: "0x04" } } })).to.contain("publicKey");
  });

  it("say so when the file is not there or no YAML", async () => {
    expect(() => readConfig("/nowhere/oracle.yaml")).to.throw(ConfigError);
    await withFiles({ "oracle.yaml": `key: "${SECRET_KEY}` }, (folder) => {
      let message = "";
      try {
        readConfig(resolve(folder, "oracle.yaml"));
      } catch (error) {
        message = String(error);
      }
      expect(message).to.contain("ConfigError").and.not.to.contain(SECRET_KEY);
      return Promise.resolve();
    });
  });

  it("name the store by a file or by a variable with a postgres URL", () => {
    const { store } = parseConfig({ ...WHOLE, store: { env: "DB" } }, ".");
    expect(storeLocation(store, { DB: "postgres://u:p@h/d" })).to.equal("postgres://u:p@h/d");
    expect(() => storeLocation(store, {})).to.throw(ConfigError);
    let message = "";
    try {
      storeLocation(store, { DB: "mysql://u:secret-word@h/d" });
    } catch (error) {
      message = String(error);
    }
    expect(message).to.contain("DB").and.not.to.contain("secret-word");
  });

  it("are all described, and those in the docs are those of the table", () => {
    const rows = rowsOf(settings);
    const names = rows.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const { name } of rows) expect(settingsMarkdown()).to.contain(`| \`${name}\` |`);
    const top = Object.keys(settings.shape);
    expect(names.filter((name) => /^\w+$/.test(name))).to.deep.equal(top);
    // One entry a setting: a validator that two of them share must not carry the words of the other.
    expect(rows.find(({ name }) => name === "rpc")).to.include({ sensitive: true });
    expect(rows.find(({ name }) => name === "terms")?.description).to.contain("term sheet");
  });
});

describe("secrets in text", () => {
  it("are hidden by value: keys, passwords, and what follows the host of the RPC's URL", () => {
    const config = parseConfig(
      {
        ...WHOLE,
        key: { keystore: "k.json", passwordEnv: "PASSWORD" },
        rpc: "https://rpc.example.org/v3/0123456789abcdef",
        store: { env: "DB" },
        api: { sessionKeyEnv: "SESSION" },
      },
      ".",
    );
    const env = { PASSWORD: "correct horse", DB: "postgres://me:s%23cret-word@db/x", SESSION: SECRET_KEY };
    const text = [
      "can't reach https://rpc.example.org/v3/0123456789abcdef?x=1",
      "correct horse",
      "postgres://me:s%23cret-word@db/x",
      "s#cret-word",
      SECRET_KEY,
      SECRET_KEY.slice(2),
    ].join(" | ");
    const hidden = hide(secretsOf(config, env))(text);
    expect(hidden).to.contain("https://rpc.example.org/");
    for (const secret of ["0123456789abcdef", "horse", "cret-word", "1212"]) expect(hidden).not.to.contain(secret);
  });
});
