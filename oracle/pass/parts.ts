/** What one operator's node is made of: everything that a pass reads, asks and writes. */

import type { Agreement, Day } from "../../terms/model.ts";
import type { AgreementChain } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { AskEntries } from "../endorse/client.ts";
import type { Ask, Peer } from "../endorse/collect.ts";
import type { Endorser } from "../endorse/endorser.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import type { Hex } from "../report/bytes.ts";
import type { AgreementId, Enrolment } from "../report/messages.ts";
import type { Stores } from "../store/stores.ts";
import type { Turns } from "../turns.ts";

/** How far a node goes in bringing an agreement's clauses to their end. */
export interface KeeperPolicy {
  /** Days after the contract first allows a lapse; null: this node never lapses. A lapse costs a party money. */
  readonly lapseAfter: number | null;
}

/** When records were read: once a day at least, so that a source that fails is noticed before anything is due. */
export interface LastReading {
  /** The chain's day; null: not by this process. */
  day: Day | null;
}

export interface NodeParts<P extends SourcePatient> {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly secret: Uint8Array;
  /** This operator's address. */
  readonly own: string;
  readonly peers: readonly Peer[];
  readonly chain: AgreementChain;
  /** Reads the records as of a day. */
  readonly openRecords: (asOfDay: Day) => Promise<Outcomes<P>>;
  readonly endorser: Endorser;
  readonly stores: Stores;
  readonly ask: Ask;
  readonly askEntries: AskEntries;
  /** Milliseconds for one peer to answer. */
  readonly peerTimeout: number;
  /** 32 random bytes. */
  readonly drawSalt: () => Hex;
  /** The authorising party's signature of an enrolment; null while it has not signed. Asked only if the terms name one. */
  readonly authorise: (enrolment: Enrolment, digest: Hex) => Promise<Hex | null>;
  /** Days after today on which endorsements still count. */
  readonly validity: number;
  /** Null: this operator never waits for its turn. */
  readonly turns: Turns | null;
  readonly keeper: KeeperPolicy;
  /** Remembered from pass to pass. */
  readonly reading: LastReading;
  /** Told at the end of every pass how the agreement stands: for gauges. */
  readonly onState?: (state: AgreementState) => void;
}
