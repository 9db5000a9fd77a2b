/** Asks other operators' nodes over HTTP, each request signed. */

import { z } from "zod";

import type { AskErase } from "../erase/everywhere.ts";
import { readEraseAnswer, writeErase } from "../erase/request.ts";
import type { HeldEntry } from "../report/enrolment.ts";
import type { Hex } from "../report/bytes.ts";
import { uint32 } from "../report/wire.ts";
import { signCall } from "./auth.ts";
import type { Ask, Peer } from "./collect.ts";
import type { EndorseReply } from "./endorser.ts";
import { endorseRequestSchema, readEnrolment, writeRequest, type EntriesRequest } from "./request.ts";
import type { OperatorSigner } from "./signer.ts";

const tallyText = z.strictObject({ patients: uint32, sum: z.string() }).nullable();
const hex = z.custom<Hex>((found) => typeof found === "string" && /^0x([0-9a-f]{2})*$/.test(found));

const replySchema: z.ZodType<EndorseReply> = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("endorsed"), signer: z.string(), signature: hex }),
  z.strictObject({
    status: z.literal("different"),
    difference: z.strictObject({
      fields: z.array(z.strictObject({ field: z.string(), proposed: z.string(), computed: z.string() })),
      tiers: z.array(z.strictObject({ tier: uint32, proposed: tallyText, computed: tallyText })),
      patients: z.array(z.strictObject({ patientKey: hex, tier: uint32, value: z.string() })),
    }),
  }),
  z.strictObject({ status: z.literal("taken"), by: endorseRequestSchema }),
  z.strictObject({ status: z.literal("declined"), reason: z.string() }),
]);

/** @param now Milliseconds since 1970-01-01 UTC. */
export function httpAsk(signer: OperatorSigner, now: () => number): Ask {
  return async (peer, request, signal) => {
    const { status, text } = await post(peer, "/endorse", writeRequest(request), { signer, now, signal });
    const found = replySchema.safeParse(parse(text));
    if (found.success) return found.data;
    throw new Error(`${status}: ${text.slice(0, 200)}`);
  };
}

/** The patients of an enrolment that a peer holds; null when it does not. The caller checks them against the root. */
export type AskEntries = (peer: Peer, request: EntriesRequest, signal: AbortSignal) => Promise<HeldEnrolment | null>;

/** What an operator holds of an enrolment. */
export interface HeldEnrolment {
  readonly entries: readonly HeldEntry[];
  /** Marks of patients who were enrolled in the agreement and erased. */
  readonly marks: readonly Hex[];
}

/** @param now Milliseconds since 1970-01-01 UTC. */
export function httpAskErase(signer: OperatorSigner, now: () => number): AskErase {
  return async (peer, request, signal) => {
    const { status, text } = await post(peer, "/erase", writeErase(request), { signer, now, signal });
    if (status === 200) return readEraseAnswer(text);
    throw new Error(`${status}: ${text.slice(0, 200)}`);
  };
}

/** @param now Milliseconds since 1970-01-01 UTC. */
export function httpAskEntries(signer: OperatorSigner, now: () => number): AskEntries {
  return async (peer, request, signal) => {
    const { status, text } = await post(peer, "/entries", writeRequest(request), { signer, now, signal });
    if (status === 200) return readEnrolment(text);
    if (status === 404) return null;
    throw new Error(`${status}: ${text.slice(0, 200)}`);
  };
}

interface PostParts {
  readonly signer: OperatorSigner;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

async function post(
  peer: Peer,
  route: string,
  text: string,
  { signer, now, signal }: PostParts,
): Promise<{ status: number; text: string }> {
  // A node behind a proxy sees the path that it serves, so the address of a peer is that of its root.
  const url = new URL(route, peer.url);
  const body = Buffer.from(text, "utf8");
  const auth = await signCall({ method: "POST", path: url.pathname, to: peer.address }, body, now(), signer);
  const headers = { "content-type": "application/json", ...auth };
  const response = await fetch(url, { method: "POST", headers, body, signal });
  return { status: response.status, text: await response.text() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
