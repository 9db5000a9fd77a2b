/** Forgets a patient on every operator's node. Can be repeated until all have: what is done stays done. */

import { catchUp, type CatchUpParts } from "../catchUp.ts";
import type { AgreementChain } from "../chain/agreementChain.ts";
import type { Peer } from "../endorse/collect.ts";
import type { Hex } from "../report/bytes.ts";
import { eraseHere, type EraseParts } from "./here.ts";
import { markOf } from "./mark.ts";
import { placeOfPatient } from "./place.ts";
import type { EraseAnswer, EraseRequest } from "./request.ts";

/** Asks one peer. Rejects when the peer can't be reached or answers nonsense. */
export type AskErase = (peer: Peer, request: EraseRequest, signal: AbortSignal) => Promise<EraseAnswer>;

export interface EverywhereParts extends EraseParts, CatchUpParts {
  readonly chain: Pick<AgreementChain, "read">;
  /** This operator's address. */
  readonly own: string;
  readonly askErase: AskErase;
  /** Random bytes. */
  readonly draw: (bytes: number) => Uint8Array;
}

export interface OperatorErasure {
  readonly operator: string;
  readonly answer: EraseAnswer | { readonly status: "failed"; readonly reason: string };
}

export interface ErasedEverywhere {
  /** Whether every operator has answered that it is done. */
  readonly complete: boolean;
  /** This operator first. Peers are not asked before it has erased itself. */
  readonly operators: readonly OperatorErasure[];
}

/** @throws ChainError when the chain can't be read. */
export async function eraseEverywhere(parts: EverywhereParts, patientKey: Hex): Promise<ErasedEverywhere> {
  const { id, secret, stores, peers, own, peerTimeout } = parts;
  const state = await parts.chain.read();
  // An enrolment that landed while this node was away may be the one that names her.
  await catchUp(parts, state);
  const entries = await stores.patients.byRoot(id);
  const mark = markOf(secret, patientKey);
  const place =
    placeOfPatient({ state, entries }, patientKey, parts.draw) ?? (await stores.erasures.outstanding(id, mark));
  if (place !== null) await stores.erasures.begin(id, mark, place);

  const request = { agreement: id, patientKey, place };
  const answer = await eraseHere(parts, state, request, own);
  const here = { operator: own, answer };
  if (answer.status !== "erased") return { complete: false, operators: [here] };
  const others = await Promise.all(
    peers.map(async (peer): Promise<OperatorErasure> => {
      try {
        const found = await parts.askErase(peer, request, AbortSignal.timeout(peerTimeout));
        return { operator: peer.address, answer: found };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { operator: peer.address, answer: { status: "failed", reason } };
      }
    }),
  );
  const complete = others.every((other) => other.answer.status === "erased");
  if (complete) await stores.erasures.end(id, mark);
  return { complete, operators: [here, ...others] };
}
