/**
 * Requests between operators carry the asking operator's signature over method, path, body, time and the operator who is
 * asked: a request can't be altered, sent on to another operator, or sent again later.
 */

import { TypedDataEncoder, getAddress, isAddress, keccak256, recoverAddress } from "ethers";

import type { Hex } from "../report/bytes.ts";
import type { OperatorSigner } from "./signer.ts";

/** What is signed, apart from the body. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** The operator who is asked. */
  readonly to: string;
}

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export const AUTH_HEADERS = {
  operator: "x-outcomepay-operator",
  time: "x-outcomepay-time",
  signature: "x-outcomepay-signature",
} as const;

/** Milliseconds that clocks of two operators may differ, the way of the request included. */
export const CLOCK_TOLERANCE = 60_000;

/** Why a request is not let in. */
export class NotAuthenticated extends Error {
  override readonly name = "NotAuthenticated";
}

// Apart from the domain of agreements, so that no request can pass for a report.
const DOMAIN = { name: "outcomepay operators", version: "1" };
const TYPES = {
  Call: [
    { name: "method", type: "string" },
    { name: "path", type: "string" },
    { name: "to", type: "address" },
    { name: "time", type: "uint64" },
    { name: "body", type: "bytes32" },
  ],
};

function callPreimage(call: Call, time: number, body: Uint8Array): Hex {
  return TypedDataEncoder.encode(DOMAIN, TYPES, { ...call, time, body: keccak256(body) }) as Hex;
}

/** @param time Milliseconds since 1970-01-01 UTC. */
export async function signCall(
  call: Call,
  body: Uint8Array,
  time: number,
  signer: OperatorSigner,
): Promise<Record<string, string>> {
  return {
    [AUTH_HEADERS.operator]: signer.address,
    [AUTH_HEADERS.time]: String(time),
    [AUTH_HEADERS.signature]: await signer.sign(callPreimage(call, time, body)),
  };
}

/** Checks calls against an allow-list; remembers signatures for as long as their time would let them in again. */
export class CallGuard {
  readonly #allowed: ReadonlySet<string>;
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();

  /**
   * @param allowed Addresses of the operators who may ask.
   * @param now Milliseconds since 1970-01-01 UTC.
   */
  constructor(allowed: readonly string[], now: () => number) {
    this.#allowed = new Set(allowed.map((address) => getAddress(address)));
    this.#now = now;
  }

  /** What can be told before the body is read: who asks, and when. @throws NotAuthenticated */
  checkHeaders(headers: Headers): { operator: string; time: number; signature: string } {
    const operator = single(headers, AUTH_HEADERS.operator);
    const time = Number(single(headers, AUTH_HEADERS.time));
    const signature = single(headers, AUTH_HEADERS.signature);
    if (!isAddress(operator) || !this.#allowed.has(getAddress(operator))) {
      throw new NotAuthenticated("this operator may not ask here");
    }
    if (!Number.isSafeInteger(time) || Math.abs(this.#now() - time) > CLOCK_TOLERANCE) {
      throw new NotAuthenticated(`the request's time is not within ${CLOCK_TOLERANCE / 1000} s of this node's clock`);
    }
    return { operator: getAddress(operator), time, signature };
  }

  /** @returns the address of the operator who asks. @throws NotAuthenticated */
  check(call: Call, headers: Headers, body: Uint8Array): string {
    const { operator, time, signature } = this.checkHeaders(headers);
    const digest = keccak256(callPreimage(call, time, body));
    let signed: string;
    try {
      signed = recoverAddress(digest, signature);
    } catch {
      throw new NotAuthenticated("the signature is malformed");
    }
    if (signed !== operator) throw new NotAuthenticated("the signature is not this operator's over this request");
    this.#forget();
    // The digest, not the signature: one digest can be signed in more than one way.
    const seen = `${operator} ${digest}`;
    if (this.#seen.has(seen)) throw new NotAuthenticated("this request was made before");
    this.#seen.set(seen, time);
    return operator;
  }

  #forget(): void {
    for (const [seen, time] of this.#seen) {
      if (Math.abs(this.#now() - time) > CLOCK_TOLERANCE) this.#seen.delete(seen);
    }
  }
}

function single(headers: Headers, name: string): string {
  const value = headers[name];
  if (typeof value !== "string") throw new NotAuthenticated(`the header ${name} is missing`);
  return value;
}
