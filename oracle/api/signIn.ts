/** Signing in with a wallet (EIP-4361): a message of known form, for this place, used once, signed by the account. */

import { hashMessage, verifyMessage } from "ethers";
import { SiweMessage } from "siwe";

/** A message that opens no session: why, in words that help whoever wrote it. */
export class SignInRefused extends Error {
  override readonly name = "SignInRefused";
}

export interface SignInParts {
  /** The API as its callers reach it. */
  readonly url: URL;
  /** Pages from which somebody may sign in: a wallet shows the page's host as the message's domain. */
  readonly origins: readonly string[];
  readonly chainId: bigint;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Letters and digits, hard to guess. */
  readonly drawNonce: () => string;
  /** Whether the contract at an address takes a signature of a digest (ERC-1271); false without a contract. */
  readonly contractSigned: (address: string, digest: string, signature: string) => Promise<boolean>;
}

export interface SignIn {
  /** What a message must say. `expires` in seconds since 1970-01-01 UTC. */
  offer(): SignInOffer;
  /** @returns the account. @throws SignInRefused */
  accept(message: string, signature: string): Promise<string>;
}

export interface SignInOffer {
  readonly nonce: string;
  readonly domains: readonly string[];
  readonly uri: string;
  readonly chainId: number;
  readonly version: "1";
  readonly statement: string;
  readonly expires: number;
}

/** Milliseconds that a nonce can be used, and that a message's time may differ from this node's clock. */
const NONCE_LIFE = 5 * 60_000;
const CLOCK_TOLERANCE = 5 * 60_000;
/** Nonces that are remembered at once; the oldest goes first. */
const MOST_NONCES = 10_000;

const STATEMENT = "Sign in to an operator's node of an outcome-based agreement. This moves no money.";

export function createSignIn(parts: SignInParts): SignIn {
  const { url, origins, chainId, now, drawNonce, contractSigned } = parts;
  const nonces = new Map<string, number>();
  const domains = [...new Set([url.host, ...origins.map((origin) => new URL(origin).host)])];

  function spend(nonce: string): boolean {
    const until = nonces.get(nonce);
    nonces.delete(nonce);
    return until !== undefined && until >= now();
  }

  return {
    offer() {
      const nonce = drawNonce();
      const until = now() + NONCE_LIFE;
      nonces.set(nonce, until);
      for (const [old, life] of nonces) {
        if (life >= now() && nonces.size <= MOST_NONCES) break;
        nonces.delete(old);
      }
      const expires = Math.floor(until / 1_000);
      return { nonce, domains, uri: url.href, chainId: Number(chainId), version: "1", statement: STATEMENT, expires };
    },

    async accept(text, signature) {
      const message = parse(text);
      const time = now();
      const refuse = (why: string): never => {
        throw new SignInRefused(why);
      };
      // Spent first, so that no second try can be made with it.
      if (!spend(message.nonce)) refuse("nonce: expected one that this node gave within five minutes, and once");
      if (!domains.includes(message.domain)) refuse(`domain: expected ${domains.join(" or ")}`);
      if (message.scheme !== undefined && !/^https?$/.test(message.scheme)) refuse("scheme: expected http or https");
      if (URL.parse(message.uri)?.href !== url.href) refuse(`URI: expected ${url.href}`);
      if (message.version !== "1") refuse("Version: expected 1");
      if (BigInt(message.chainId) !== chainId) refuse(`Chain ID: expected ${chainId}`);
      const issued = timeOf(message.issuedAt);
      if (issued === null || Math.abs(issued - time) > CLOCK_TOLERANCE) refuse("Issued At: expected a time about now");
      const isOver = message.expirationTime !== undefined && (timeOf(message.expirationTime) ?? 0) <= time;
      if (isOver) refuse("Expiration Time: it is over");
      const isEarly = message.notBefore !== undefined && (timeOf(message.notBefore) ?? Infinity) > time;
      if (isEarly) refuse("Not Before: it has not come");
      const isSigned =
        signerOf(text, signature) === message.address ||
        (await contractSigned(message.address, hashMessage(text), signature));
      if (!isSigned) refuse(`the signature is not ${message.address}'s`);
      return message.address;
    },
  };
}

/** @throws SignInRefused */
function parse(text: string): SiweMessage {
  try {
    return new SiweMessage(text);
  } catch {
    throw new SignInRefused("the message does not have the form of EIP-4361");
  }
}

/** Null when the signature is none of a key: a contract's, or nonsense. */
function signerOf(text: string, signature: string): string | null {
  try {
    return verifyMessage(text, signature);
  } catch {
    return null;
  }
}

function timeOf(text: string | undefined): number | null {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
