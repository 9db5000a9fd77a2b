/** Web3Signer's API as a server of this process: it hashes the data with Keccak-256, signs, and answers with text. */

import fastify from "fastify";
import { isHexString, keccak256, SigningKey, toBeHex } from "ethers";

/** How the server misbehaves. */
export type Fault = "wrong key" | "nonsense" | "high s" | "silence" | "overload" | "flood";

export interface RemoteSigner {
  readonly url: string;
  /** In the order of requests; none left: it works. */
  readonly faults: Fault[];
  /** What it was asked to sign. */
  readonly signed: string[];
  requests: number;
  /** Of the last request. */
  authorization: string | undefined;
  close(): Promise<void>;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const STRANGER = new SigningKey(keccak256("0x01"));

/** @param tls Null: plain HTTP. */
export async function startWeb3Signer(
  key: SigningKey,
  tls: { readonly key: string; readonly cert: string; readonly ca?: string } | null = null,
): Promise<RemoteSigner> {
  const https = tls === null ? null : { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true };
  const server = fastify({ https, forceCloseConnections: true, routerOptions: { maxParamLength: 200 } });
  const remote = { faults: [] as Fault[], signed: [] as string[], requests: 0, authorization: undefined };
  const found: Omit<RemoteSigner, "url" | "close"> = remote;
  const identifier = `0x${key.publicKey.slice(4)}`;

  server.post("/api/v1/eth1/sign/:identifier", async (request, reply) => {
    found.requests++;
    found.authorization = request.headers.authorization;
    const { data } = request.body as { data?: unknown };
    if (typeof data !== "string" || !isHexString(data)) return reply.code(400).send();
    if ((request.params as { identifier: string }).identifier.toLowerCase() !== identifier)
      return reply.code(404).send();
    found.signed.push(data);
    reply.type("text/plain; charset=utf-8");
    const { r, s, v, serialized } = key.sign(keccak256(data));
    switch (found.faults.shift()) {
      case "wrong key":
        return STRANGER.sign(keccak256(data)).serialized;
      case "nonsense":
        return "signed";
      case "high s":
        return `${r}${toBeHex(ORDER - BigInt(s), 32).slice(2)}${v === 27 ? "1c" : "1b"}`;
      case "silence":
        await new Promise((resolve) => setTimeout(resolve, 2_000).unref());
        return serialized;
      case "overload":
        return reply.code(503).send("busy");
      case "flood":
        return "0x".padEnd(1_000_000, "0");
      default:
        return serialized;
    }
  });

  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return Object.assign(found, { url, close: async () => void (await server.close()) });
}
