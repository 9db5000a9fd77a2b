/** Gathers enough operators' signatures for a message, and says what the others found. */

import { Signature, getAddress, recoverAddress } from "ethers";

import type { Hex } from "../report/bytes.ts";
import type { Endorsement } from "./encode.ts";
import type { EndorseReply } from "./endorser.ts";
import type { EndorseRequest } from "./request.ts";

/** Another operator's node; its address is a member of the committee. */
export interface Peer {
  readonly url: string;
  readonly address: string;
}

/** Asks one peer. Rejects when the peer can't be reached or answers nonsense, and when the signal says so. */
export type Ask = (peer: Peer, request: EndorseRequest, signal: AbortSignal) => Promise<EndorseReply>;

/** Why a peer's signature is not there. */
export interface Refusal {
  readonly peer: Peer;
  readonly reply:
    Exclude<EndorseReply, { status: "endorsed" }> | { readonly status: "failed"; readonly reason: string };
}

export interface Collected {
  /** Whether the threshold was reached. */
  readonly complete: boolean;
  readonly endorsements: readonly Endorsement[];
  /** Grows while peers that were not needed still answer: whoever differs is heard, also when it decides nothing. */
  readonly refusals: readonly Refusal[];
  /** Stops listening to them. */
  readonly stop: () => void;
}

export interface CollectOptions {
  readonly peers: readonly Peer[];
  /** What the proposer itself signed. */
  readonly own: readonly Endorsement[];
  /** How many operators must sign. */
  readonly threshold: number;
  readonly ask: Ask;
  /** Milliseconds for one peer. */
  readonly timeout: number;
}

/** Asks all peers at once and goes on at the threshold. A peer that answers late or wrongly never spoils the rest. */
export async function collect(request: EndorseRequest, options: CollectOptions): Promise<Collected> {
  const { peers, threshold, ask, timeout } = options;
  const endorsements = new Map<string, Endorsement>(options.own.map((own) => [getAddress(own.signer), own]));
  const refusals: Refusal[] = [];
  const isComplete = (): boolean => endorsements.size >= threshold;
  const stopping = new AbortController();
  const collected = (): Collected => ({
    complete: isComplete(),
    endorsements: [...endorsements.values()].slice(0, threshold),
    refusals,
    stop: () => stopping.abort(),
  });
  if (isComplete()) return collected();

  const others = peers.filter(({ address }) => !endorsements.has(getAddress(address)));
  await new Promise<void>((goOn) => {
    const answers = others.map(async (peer) => {
      try {
        const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeout)]);
        const reply = await untilAborted(ask(peer, request, signal), signal);
        if (stopping.signal.aborted) return;
        if (reply.status !== "endorsed") {
          refusals.push({ peer, reply });
          return;
        }
        const signer = getAddress(peer.address);
        endorsements.set(signer, { signer, signature: checked(request.digest, reply.signature, signer) });
        if (isComplete()) goOn();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        refusals.push({ peer, reply: { status: "failed", reason } });
      }
    });
    void Promise.all(answers).then(() => goOn());
  });
  return collected();
}

/** The signature in its 65-byte form. @throws Error when it is not this operator's over the digest. */
function checked(digest: Hex, signature: string, signer: string): Hex {
  const { serialized } = Signature.from(signature);
  const found = recoverAddress(digest, serialized);
  if (found !== signer) throw new Error(`the signature is ${found}'s, expected ${signer}'s`);
  return serialized as Hex;
}

/** Rejects with the signal, also when what is waited for takes no notice of it. */
async function untilAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
