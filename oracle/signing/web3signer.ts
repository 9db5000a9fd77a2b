/**
 * A key behind Web3Signer's API (`POST /api/v1/eth1/sign/{public key}`, body `{ data }`): the remote signer hashes the
 * data with Keccak-256, signs the hash and answers with the signature as text. What it answers is checked here against
 * the key: a signer that was pointed at the wrong key costs a message, not a rejected transaction.
 */

import { computeAddress, keccak256, recoverAddress, Signature } from "ethers";
import { Agent, errors, request } from "undici";

import type { OperatorSigner } from "../endorse/signer.ts";
import type { Hex } from "../report/bytes.ts";

/** The remote signer gave no signature, or a wrong one. */
export class SignerError extends Error {
  override readonly name = "SignerError";
  /** Whether the same may work later. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean) {
    super(`the remote signer ${message}`);
    this.retryable = retryable;
  }
}

export interface Web3SignerParts {
  readonly url: string;
  /** 65 bytes of hex, uncompressed. */
  readonly publicKey: string;
  /** Milliseconds for one answer. */
  readonly timeout: number;
  /** Tries in all. */
  readonly attempts: number;
  /** PEM; null for what Node trusts, and for none of its own. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null };
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Milliseconds before the second try; doubled for each further one. */
const PAUSE = 200;
/** An answer is a signature: 132 characters. */
const LONGEST_ANSWER = 4_096;

export function createWeb3Signer(parts: Web3SignerParts): {
  signer: OperatorSigner;
  readonly close: () => Promise<void>;
} {
  const address = computeAddress(parts.publicKey);
  // Web3Signer names a key by its 64 bytes, without the one that says `uncompressed`.
  const path = `api/v1/eth1/sign/0x${parts.publicKey.slice(4).toLowerCase()}`;
  const url = new URL(path, parts.url.endsWith("/") ? parts.url : `${parts.url}/`);
  const { ca, cert, key } = parts.tls;
  const dispatcher = new Agent({
    maxResponseSize: LONGEST_ANSWER,
    connect: { timeout: parts.timeout, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  });
  const headers: Record<string, string> = { "content-type": "application/json", accept: "text/plain" };
  if (parts.login !== null) {
    const { user, password } = parts.login;
    headers["authorization"] = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  }

  async function ask(preimage: Hex): Promise<string> {
    const signal = AbortSignal.timeout(parts.timeout);
    const body = JSON.stringify({ data: preimage });
    let answer: { status: number; text: string };
    try {
      const found = await request(url, { method: "POST", headers, body, dispatcher, signal });
      answer = { status: found.statusCode, text: (await found.body.text()).trim() };
    } catch (error) {
      if (error instanceof errors.ResponseExceededMaxSizeError)
        throw new SignerError("answered with no signature", false);
      if (signal.aborted) throw new SignerError(`did not answer within ${parts.timeout} ms`, true);
      throw new SignerError(`can't be reached: ${reasonOf(error)}`, true);
    }
    const { status, text } = answer;
    if (status === 200) return text;
    if (status === 404) throw new SignerError(`has no key for ${address}`, false);
    throw new SignerError(`answered ${status}`, status >= 500 || status === 429);
  }

  async function sign(preimage: Hex): Promise<Hex> {
    for (let attempt = 1; ; attempt++) {
      try {
        return checked(await ask(preimage), preimage, address);
      } catch (error) {
        if (!(error instanceof SignerError) || !error.retryable || attempt >= parts.attempts) throw error;
        await parts.sleep(PAUSE * 2 ** (attempt - 1));
      }
    }
  }

  return { signer: { address, sign }, close: () => dispatcher.close() };
}

/** The signature in its 65-byte form, with v 27 or 28. @throws SignerError when it is not this key's over the hash. */
function checked(text: string, preimage: Hex, address: string): Hex {
  let signature: Signature;
  try {
    signature = Signature.from(text);
    if (!signature.isValid()) throw new RangeError("a high s: contracts refuse it");
  } catch {
    throw new SignerError("answered with no signature", false);
  }
  const found = recoverAddress(keccak256(preimage), signature);
  if (found !== address) throw new SignerError(`signed as ${found}, expected ${address}`, false);
  return signature.serialized as Hex;
}

/** `ECONNREFUSED`; the message might repeat the URL with what is secret in it. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : "the connection failed";
}
