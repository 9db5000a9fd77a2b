/** From a proposal to what the agreement takes for the oracle's endorsement. */

import type { OracleAccount } from "./chain/agreementChain.ts";
import type { Proposal } from "./compute.ts";
import { collect, type CollectOptions, type Refusal } from "./endorse/collect.ts";
import { encodeEndorsements } from "./endorse/encode.ts";
import type { Endorser } from "./endorse/endorser.ts";
import type { EndorseRequest } from "./endorse/request.ts";
import type { Day } from "../terms/model.ts";
import type { Hex } from "./report/bytes.ts";
import { digestOf, type AgreementId } from "./report/messages.ts";

export type Proposed =
  | {
      readonly status: "endorsed";
      readonly endorsement: Hex;
      /** Grows while peers that were not needed still answer, until `stop` is called. */
      readonly refusals: readonly Refusal[];
      readonly stop: () => void;
    }
  /** Fewer operators signed than must. */
  | {
      readonly status: "short";
      readonly signed: number;
      readonly needed: number;
      readonly refusals: readonly Refusal[];
    }
  /** This operator itself can't sign: another content holds the place, or it is no member. */
  | { readonly status: "own signature missing"; readonly reason: string };

/** What this operator asks of the others. */
export function requestOf(
  agreement: AgreementId,
  { content, entries }: Pick<Proposal, "content" | "entries">,
  asOfDay: Day,
  snapshot: string,
): EndorseRequest {
  return { agreement, content, digest: digestOf(agreement, content), asOfDay, snapshot, entries };
}

/** Signs, asks the other members, and encodes their signatures for the oracle's address. */
export async function gatherEndorsement(
  request: EndorseRequest,
  oracle: OracleAccount,
  endorser: Endorser,
  ask: Pick<CollectOptions, "peers" | "ask" | "timeout">,
): Promise<Proposed> {
  const own = await endorser.endorseOwn(request);
  if (own.status !== "endorsed") {
    const reason = own.status === "declined" ? own.reason : "another content was endorsed and has not expired";
    return { status: "own signature missing", reason };
  }
  if (oracle.type === "key") {
    return own.signer === oracle.address
      ? { status: "endorsed", endorsement: own.signature, refusals: [], stop: () => undefined }
      : { status: "own signature missing", reason: `the oracle is ${oracle.address}, this operator ${own.signer}` };
  }
  if (oracle.type === "contract") {
    return { status: "own signature missing", reason: `the oracle ${oracle.address} is no committee of operators` };
  }
  const isMember = (address: string): boolean => oracle.members.includes(address);
  if (!isMember(own.signer)) {
    return { status: "own signature missing", reason: `${own.signer} is no member of the committee` };
  }
  const { complete, endorsements, refusals, stop } = await collect(request, {
    ...ask,
    peers: ask.peers.filter(({ address }) => isMember(address)),
    own: [{ signer: own.signer, signature: own.signature }],
    threshold: oracle.threshold,
  });
  if (!complete) return { status: "short", signed: endorsements.length, needed: oracle.threshold, refusals };
  return { status: "endorsed", endorsement: encodeEndorsements(endorsements), refusals, stop };
}
