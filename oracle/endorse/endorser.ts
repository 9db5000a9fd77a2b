/**
 * An operator's word: it signs only what it computed itself, and never two contents for one place while the first may
 * still be used.
 */

import type { Day } from "../../terms/model.ts";
import type { Hex } from "../report/bytes.ts";
import { digestOf, placeOf, preimageOf, type AgreementId, type OracleMessage, type Place } from "../report/messages.ts";
import { differenceOf, type Difference, type PlacedPatient } from "./difference.ts";
import type { EndorseRequest } from "./request.ts";
import type { OperatorSigner } from "./signer.ts";

/** What an operator makes of a request, from its own records and its own view of the chain. */
export type Computation =
  | {
      readonly status: "computed";
      /** With the proposal's `number` and `lastDay`; everything else is the operator's own result. */
      readonly content: OracleMessage;
      readonly patients: readonly PlacedPatient[];
      /** Keeps the leaves, and the salts of an enrolment; called before signing. */
      readonly keep: () => Promise<void>;
    }
  | { readonly status: "declined"; readonly reason: string };

export type Compute = (request: EndorseRequest) => Promise<Computation>;

export type EndorseReply =
  | { readonly status: "endorsed"; readonly signer: string; readonly signature: Hex }
  | { readonly status: "different"; readonly difference: Difference }
  /** Another content for this place was endorsed and has not expired. */
  | { readonly status: "taken"; readonly by: EndorseRequest }
  | { readonly status: "declined"; readonly reason: string };

/** Remembers, durably, what was endorsed for each place. */
export interface EndorsementLog {
  /**
   * Claims a place for a request, unless another digest holds it whose last day is `today` or later.
   * @returns the request that holds the place after the call.
   */
  claim(agreement: AgreementId, place: Place, request: EndorseRequest, today: Day): Promise<EndorseRequest>;
}

export interface EndorserParts {
  readonly signer: OperatorSigner;
  readonly log: EndorsementLog;
  readonly compute: Compute;
  /** The chain's day: by it the contract lets endorsements expire. */
  readonly today: () => Promise<Day>;
}

/** Days from today that a last day may lie ahead: until then no other content can be endorsed for its place. */
export const MAX_VALIDITY = 7;

export interface Endorser {
  /** Recomputes, compares, claims the place and signs; a repeated request is signed again. */
  endorse(request: EndorseRequest): Promise<EndorseReply>;
  /** For what this operator computed and proposes itself. */
  endorseOwn(request: EndorseRequest): Promise<EndorseReply>;
}

export function createEndorser({ signer, log, compute, today }: EndorserParts): Endorser {
  async function claimAndSign(request: EndorseRequest): Promise<EndorseReply> {
    // Before the signature exists: after a crash in between nothing is signed, and the same request is let in again.
    const holder = await log.claim(request.agreement, placeOf(request.content), request, await today());
    if (holder.digest !== request.digest) return { status: "taken", by: holder };
    const signature = await signer.sign(preimageOf(request.agreement, request.content));
    return { status: "endorsed", signer: signer.address, signature };
  }

  async function checkForm(request: EndorseRequest): Promise<string | null> {
    if (request.digest !== digestOf(request.agreement, request.content)) return "the digest is not this message's";
    const day = await today();
    const { lastDay } = request.content.message;
    if (lastDay < day) return `the last day ${lastDay} is over: today is ${day}`;
    if (lastDay > day + MAX_VALIDITY) return `the last day ${lastDay} lies more than ${MAX_VALIDITY} days ahead`;
    return null;
  }

  return {
    async endorse(request) {
      const wrong = await checkForm(request);
      if (wrong !== null) return { status: "declined", reason: wrong };
      const own = await compute(request);
      if (own.status === "declined") return own;
      const difference = differenceOf(request.content, own.content, own.patients);
      if (difference !== null) return { status: "different", difference };
      if (digestOf(request.agreement, own.content) !== request.digest) {
        // Unreachable while every field is compared; the signature must never rest on that alone.
        return { status: "declined", reason: "the digest is not that of the message computed here" };
      }
      await own.keep();
      return claimAndSign(request);
    },
    async endorseOwn(request) {
      const wrong = await checkForm(request);
      return wrong === null ? claimAndSign(request) : { status: "declined", reason: wrong };
    },
  };
}
