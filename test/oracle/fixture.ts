/** An agreement, records in memory, and operators' nodes that ask each other directly. */

import { id as keccakOfText, randomBytes } from "ethers";

import { heldEnrolment } from "../../oracle/catchUp.ts";
import type { AgreementChain } from "../../oracle/chain/agreementChain.ts";
import { createEndorser } from "../../oracle/endorse/endorser.ts";
import { recomputing } from "../../oracle/endorse/recompute.ts";
import type { EverywhereParts } from "../../oracle/erase/everywhere.ts";
import { eraseHere } from "../../oracle/erase/here.ts";
import { keySigner, type OperatorSigner } from "../../oracle/endorse/signer.ts";
import type { NodeParts } from "../../oracle/node.ts";
import type { Outcomes, SourcePatient } from "../../oracle/outcomes.ts";
import { toHex, type Hex } from "../../oracle/report/bytes.ts";
import type { AgreementId, Enrolment } from "../../oracle/report/messages.ts";
import type { Database } from "../../oracle/store/database.ts";
import { openStores } from "../../oracle/store/stores.ts";
import { loadView } from "../../oracle/view.ts";
import type { Agreement, Day } from "../../terms/model.ts";
import { readTerms } from "../../terms/read.ts";

/** The keys of the committee of the scenarios' world. */
export const OPERATORS: readonly OperatorSigner[] = [1, 2, 3, 4, 5].map((i) =>
  keySigner(keccakOfText(`operator ${i}`)),
);

/** Address of somebody who is no operator. */
export const STRANGER = keySigner(keccakOfText("stranger")).address;

export const ZERO_ROOT: Hex = `0x${"00".repeat(32)}`;

/** A first enrolment of so many patients whom nobody names. */
export const enrolmentOf = (patients: number, indexedDay: Day): Enrolment => ({
  cohort: 0,
  number: 1,
  patients,
  indexedDay,
  root: ZERO_ROOT,
  lastDay: indexedDay + 1,
});

export const SECRET = new Uint8Array(32).fill(9);

export interface TestPatient extends SourcePatient {
  readonly index: Day;
  /** Days free of progression; null when nothing is known. */
  readonly pfs: number | null;
}

export const patient = (name: string, index: Day, pfs: number | null): TestPatient => ({
  identifier: { system: "urn:test", value: name },
  index,
  pfs,
});

/** Records that can be added to. `pfs` is taken as it is; a cohort's value is the share of patients with 183 days. */
export function recordsOf(patients: readonly TestPatient[], snapshot = "snapshot 1"): Outcomes<TestPatient> {
  return {
    snapshot,
    patients,
    rejected: [],
    indexDay: ({ index }) => index,
    milestone: ({ patient: { identifier, pfs } }) => ({
      outcome: pfs === null ? { notEvaluable: "no-adequate-assessment" } : { value: BigInt(pfs) },
      evidence: [`Observation/${identifier.value}`],
    }),
    wager: (subjects) => {
      const known = subjects.filter(({ patient: { pfs } }) => pfs !== null);
      const well = known.filter(({ patient: { pfs } }) => (pfs ?? 0) >= 183);
      return {
        outcome:
          known.length === 0
            ? { notEvaluable: "too few" }
            : { value: BigInt(Math.floor((well.length * 1_000_000) / known.length)) },
        evidence: [],
        parts: new Map(
          subjects.map(({ patient: it }) => [
            it,
            {
              outcome: it.pfs === null ? { notEvaluable: "no-adequate-assessment" } : { value: BigInt(it.pfs) },
              evidence: [`Observation/${it.identifier.value}`],
            },
          ]),
        ),
      };
    },
  };
}

export const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Basic }]
  manufacturer: [{ name: Maker }]
oracle: { reportWithin: 60d, grace: 28d }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
  year: { type: milestone, due: 1y, from: payer, to: manufacturer, pays: 10 }
  bonus: { type: wager, metric: attainment-rate, endpoint: { metric: alive, atLeast: 1 }, due: 1y, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: 60%, pays: 100 }], notEvaluable: 0 }
`;

/** @throws Error with every problem of the sheet */
export function agreementOf(source: string): Agreement {
  const { agreement, problems } = readTerms(source);
  if (agreement === null) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return agreement;
}

/** One operator with a store in memory. Its records can be replaced; while it is down it answers nobody. */
export interface TestOperator {
  readonly parts: NodeParts<TestPatient>;
  readonly erasing: EverywhereParts & { readonly database: Database };
  records: Outcomes<TestPatient>;
  down: boolean;
}

/**
 * @param chainFor The chain as one operator reaches it.
 * @param storeFor Location of one operator's store.
 */
export async function operatorsOf(
  agreement: Agreement,
  id: AgreementId,
  chainFor: (operator: number) => AgreementChain,
  records: Outcomes<TestPatient>,
  storeFor: (operator: number) => string = () => ":memory:",
): Promise<TestOperator[]> {
  const operators: TestOperator[] = [];
  const byAddress = (address: string): TestOperator => {
    const found = operators.find(({ parts }) => parts.own === address);
    if (found === undefined || found.down) throw new Error(`${address} can't be reached`);
    return found;
  };
  for (const [i, signer] of OPERATORS.entries()) {
    const { database, ...stores } = await openStores(storeFor(i), "test");
    const chain = chainFor(i);
    const endorser = createEndorser({
      signer,
      log: stores.endorsements,
      compute: recomputing(async () => loadView(parts, await chain.read(), operator.records)),
      today: async () => (await chain.read()).today,
    });
    const parts: NodeParts<TestPatient> = {
      agreement,
      id,
      secret: SECRET,
      own: signer.address,
      peers: OPERATORS.filter((other) => other !== signer).map(({ address }) => ({ url: "", address })),
      chain,
      openRecords: () => Promise.resolve(operator.records),
      endorser,
      stores,
      ask: async (peer, request) => byAddress(peer.address).parts.endorser.endorse(request),
      askEntries: (peer, { root }) => heldEnrolment(byAddress(peer.address).parts.stores, id, root),
      peerTimeout: 5_000,
      drawSalt: () => toHex(randomBytes(32)),
      authorise: () => Promise.resolve(null),
      validity: 1,
      turns: null,
      keeper: { lapseAfter: 0 },
      reading: { day: null },
    };
    const erasing: TestOperator["erasing"] = {
      ...parts,
      database,
      draw: randomBytes,
      askErase: async (peer, request) => {
        const { erasing: theirs } = byAddress(peer.address);
        return eraseHere(theirs, await theirs.chain.read(), request, signer.address);
      },
    };
    const operator: TestOperator = { parts, erasing, records, down: false };
    operators.push(operator);
  }
  return operators;
}
