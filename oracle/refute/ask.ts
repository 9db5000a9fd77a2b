/** Asks operators' HTTP APIs for leaves, signed in as this node's account. What they answer is believed where it makes the root. */

import type { Signer } from "ethers";
import { SiweMessage } from "siwe";
import { z } from "zod";

import { RootMismatch } from "../audit/proof.ts";
import type { Hex } from "../report/bytes.ts";
import { ConfigError } from "../settings/read.ts";
import { Unavailable } from "../unavailable.ts";
import { readLeaves, type GivenLeaves } from "./leaves.ts";

/** Ids as in the term sheet. */
export type LeafPlace =
  | { readonly of: "report"; readonly clause: string; readonly cohort: string; readonly number: number }
  | { readonly of: "enrolment"; readonly cohort: string; readonly number: number };

/**
 * The leaves behind a root; null when they are not held there, or not shown to this account.
 * @throws RootMismatch when what is served makes another root; Unavailable; ConfigError when the account is not let in
 */
export type AskLeaves = (place: LeafPlace, root: Hex) => Promise<GivenLeaves | null>;

export interface AskParts {
  readonly account: Pick<Signer, "getAddress" | "signMessage">;
  readonly chainId: bigint;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Milliseconds for each request. */
  readonly timeout: number;
}

const offerSchema = z.object({ nonce: z.string().regex(/^[a-zA-Z0-9]{8,64}$/), uri: z.url(), chainId: z.int() });
const openedSchema = z.object({ token: z.string().regex(/^[\x21-\x7e]+$/) });
const pageSchema = z.object({ total: z.int().min(0), items: z.array(z.unknown()) });

/** The most that the API serves at once. */
const PAGE = 1_000;
/** Leaves that are taken from one answer: whoever serves more, endlessly perhaps, can send a file. */
const MOST = 2_000_000;
const STATEMENT = "Sign in to read leaves of an outcome-based agreement. This moves no money.";

/** @param base Where the API listens. */
export function httpAskLeaves(base: string, parts: AskParts): AskLeaves {
  let session: Promise<string> | null = null;
  return async (place, root) => {
    const token = await (session ??= signIn(base, parts));
    const pages: unknown[] = [];
    for (let offset = 0, total = 1; offset < total; offset += PAGE) {
      const path = `${pathOf(place)}?limit=${PAGE}&offset=${offset}`;
      const { status, text } = await request(base, path, { headers: { authorization: `Bearer ${token}` } }, parts);
      if (status === 404 || status === 403) return null;
      if (status !== 200) throw refused(base, status, text);
      const page = pageSchema.safeParse(parse(text));
      if (!page.success || page.data.total > MOST) {
        throw new Unavailable(`${base}${path}: expected a page of up to ${MOST} leaves, found ${text.slice(0, 200)}`);
      }
      pages.push(parse(text));
      ({ total } = page.data);
    }
    const found = readLeaves(JSON.stringify(pages));
    if (found.root === root) return found;
    const count = `${base}${pathOf(place)}: its ${found.leaves.length} leaves`;
    throw new RootMismatch(`${count} make the root ${found.root}, the chain has ${root}`);
  };
}

/** Asks one after the other. @throws what the last one that failed threw, when none has the leaves */
export function askAny(asks: readonly AskLeaves[]): AskLeaves {
  return async (place, root) => {
    let failure: { readonly error: unknown } | null = null;
    for (const ask of asks) {
      try {
        const found = await ask(place, root);
        if (found !== null) return found;
      } catch (error) {
        // Another may have what this one has not, or lies about.
        failure = { error };
      }
    }
    if (failure !== null) throw failure.error;
    return null;
  };
}

function pathOf(place: LeafPlace): string {
  const [cohort, number] = [encodeURIComponent(place.cohort), place.number];
  if (place.of === "enrolment") return `/v1/cohorts/${cohort}/enrolments/${number}/leaves`;
  return `/v1/reports/${encodeURIComponent(place.clause)}/${cohort}/${number}/leaves`;
}

/** @returns the session's token */
async function signIn(base: string, parts: AskParts): Promise<string> {
  const { account, chainId, now } = parts;
  const offered = await request(base, "/v1/session/nonce", { method: "POST" }, parts);
  const offer = offerSchema.safeParse(parse(offered.text));
  if (!offer.success) throw refused(base, offered.status, offered.text);
  const { nonce, uri } = offer.data;
  // Whoever passes another place's offer on would sign in there with what is signed here.
  if (new URL(uri).host !== new URL(base).host) {
    throw new ConfigError(`${base}: it asks to sign in to ${uri}, expected its own host`);
  }
  const message = new SiweMessage({
    domain: new URL(uri).host,
    address: await account.getAddress(),
    statement: STATEMENT,
    uri,
    version: "1",
    chainId: Number(chainId),
    nonce,
    issuedAt: new Date(now()).toISOString(),
  }).prepareMessage();
  const body = JSON.stringify({ message, signature: await account.signMessage(message) });
  const headers = { "content-type": "application/json" };
  const { status, text } = await request(base, "/v1/session", { method: "POST", headers, body }, parts);
  const opened = openedSchema.safeParse(parse(text));
  if (status === 201 && opened.success) return opened.data.token;
  throw refused(base, status, text);
}

async function request(
  base: string,
  path: string,
  init: RequestInit,
  { timeout }: AskParts,
): Promise<{ status: number; text: string }> {
  try {
    // A token goes to no other place.
    const own = { redirect: "error", signal: AbortSignal.timeout(timeout) } as const;
    const response = await fetch(new URL(path, base), { ...init, ...own });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new Unavailable(`${base} can't be reached: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(base: string, status: number, text: string): Error {
  const message = `${base}: ${status}: ${text.slice(0, 300)}`;
  return status >= 400 && status < 500 && status !== 429 ? new ConfigError(message) : new Unavailable(message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
