/**
 * The fixture of all tests of agreements: a term sheet, created on a fresh chain, and builders of every message it takes.
 * A message is in order but for its `overrides`, and signed by whoever should sign but for its `signing`.
 */

import { id, TypedDataEncoder, type Addressable, type ContractTransactionResponse } from "ethers";

import type { Hex } from "../../../oracle/report/bytes.ts";
import { domainOf, MESSAGE_TYPES, type Enrolment, type WagerReport } from "../../../oracle/report/messages.ts";
import type { Tally } from "../../../terms/payoff.ts";
import { OutcomeAgreement__factory, type OutcomeAgreement, type PlainToken } from "../../../typechain-types/index.ts";
import { byCommittee, chainId, today, type Account } from "./chain.ts";
import { draft, type Cast, type Draft } from "./draft.ts";
import { JOINT_TYPES, type JointActs } from "../../../terms/onchain/jointActs.ts";

export { at, ethers, midnight, nextCallAt, today } from "./chain.ts";

/** A milestone report as the contract takes it. */
export interface MilestoneReport {
  clause: number;
  cohort: number;
  number: number;
  asOfDay: number;
  tallies: Tally[];
  notEvaluable: number;
  root: Hex;
  lastDay: number;
}

/** How a message is signed: every part of it can be the wrong one. */
export interface Signing {
  readonly endorse?: (digest: string) => string;
  readonly chainId?: bigint;
  readonly address?: string;
  /** Signs in place of the party that authorises enrolments. */
  readonly authoriser?: Account;
  readonly hint?: bigint;
}

export interface Forged<M> {
  readonly message: M;
  readonly digest: string;
  readonly endorsement: string;
}

export interface ForgedAct<M> {
  readonly act: M;
  readonly digest: string;
  readonly signatures: string[];
}

export interface ActSigning {
  readonly signers?: readonly Account[];
  readonly chainId?: bigint;
  readonly address?: string;
}

type Sent = Promise<ContractTransactionResponse>;

export interface Stage<T extends Addressable = PlainToken> extends Draft<T> {
  /** Connected to somebody who is no party. */
  readonly agreement: OutcomeAgreement;
  readonly address: string;
  /** The agreement as a party calls it. */
  readonly as: (account: number) => OutcomeAgreement;
  readonly party: (account: number) => Account;
  /** Mints and deposits minor units into each account, in order. */
  readonly fund: (...amounts: bigint[]) => Promise<void>;
  readonly forgeEnrolment: (
    overrides?: Partial<Enrolment>,
    signing?: Signing,
  ) => Promise<Forged<Enrolment> & { authorisation: string }>;
  readonly forgeReport: (overrides?: Partial<MilestoneReport>, signing?: Signing) => Promise<Forged<MilestoneReport>>;
  readonly forgeWager: (overrides?: Partial<WagerReport>, signing?: Signing) => Promise<Forged<WagerReport>>;
  readonly forgeAct: <K extends keyof JointActs>(
    kind: K,
    overrides?: Partial<JointActs[K]>,
    signing?: ActSigning,
  ) => Promise<ForgedAct<JointActs[K]>>;
  /** Forge and send. */
  readonly enrol: (overrides?: Partial<Enrolment>, signing?: Signing) => Sent;
  readonly report: (overrides?: Partial<MilestoneReport>, signing?: Signing) => Sent;
  readonly reportWager: (overrides?: Partial<WagerReport>, signing?: Signing) => Sent;
  readonly perform: <K extends keyof JointActs>(
    kind: K,
    overrides?: Partial<JointActs[K]>,
    signing?: ActSigning,
  ) => Sent;
  /** [balance, locked] of each account. */
  readonly books: () => Promise<[bigint, bigint][]>;
}

/** Tallies of tiers without slope. */
export const patients = (...counts: number[]): Tally[] => counts.map((count) => ({ patients: count, sum: 0n }));

/** Days for which signatures of tests count. */
const VALID_DAYS = 7;

const ROOT = id("root") as Hex;

export async function openAgreement<T extends Addressable>(
  source: string,
  cast: Cast<T> & { token: () => Promise<T> },
): Promise<Stage<T>>;
export async function openAgreement(source: string, cast?: Cast): Promise<Stage>;
export async function openAgreement<T extends Addressable>(
  source: string,
  cast: Cast<T> = {},
): Promise<Stage<T | PlainToken>> {
  const drafted = await (draft as (s: string, c: Cast<T>) => Promise<Draft<T | PlainToken>>)(source, cast);
  const { terms, parties, token, relayer, factory } = drafted;
  const address = await factory.addressOf(terms);
  await (await drafted.create()).wait();
  const agreement = OutcomeAgreement__factory.connect(address, relayer);

  const domain = (signing: { chainId?: bigint; address?: string }) =>
    domainOf({ chainId: signing.chainId ?? chainId, address: signing.address ?? address });
  const party = (account: number): Account => {
    const found = parties[account];
    if (found === undefined) throw new RangeError(`no party ${account}`);
    return found;
  };
  const nextReport = async (clause: number, cohort: number): Promise<number> =>
    agreement.clauseState(clause, cohort).then(
      ({ number }) => Number(number) + 1,
      () => 1,
    );
  const payoffOf = (clause: number, cohort: number) =>
    terms.clauses[clause]?.payoffs.find((payoff) => payoff.cohort === cohort);

  const forgeEnrolment: Stage["forgeEnrolment"] = async (overrides = {}, signing = {}) => {
    const day = await today();
    const cohort = overrides.cohort ?? 0;
    const { number } = await agreement.cohortState(cohort);
    const message: Enrolment = {
      cohort,
      number: Number(number) + 1,
      patients: 10,
      indexedDay: day,
      root: ROOT,
      lastDay: day + VALID_DAYS,
      ...overrides,
    };
    const digest = TypedDataEncoder.hash(domain(signing), MESSAGE_TYPES.enrolment, message);
    const named = terms.parties.findIndex(({ group, name }) => `${group}/${name}` === terms.oracle.authorisedBy);
    const authoriser = signing.authoriser ?? (named < 0 ? undefined : party(named));
    return {
      message,
      digest,
      endorsement: (signing.endorse ?? byCommittee)(digest),
      authorisation: (await authoriser?.signTypedData(domain(signing), MESSAGE_TYPES.enrolment, message)) ?? "0x",
    };
  };

  const forgeReport: Stage["forgeReport"] = async (overrides = {}, signing = {}) => {
    const day = await today();
    const { clause, cohort } = { clause: 1, cohort: 0, ...overrides };
    const message: MilestoneReport = {
      clause,
      cohort,
      number: await nextReport(clause, cohort),
      asOfDay: day,
      tallies: patients(0, ...(payoffOf(clause, cohort)?.tiers.map(() => 0) ?? [])),
      notEvaluable: 0,
      root: ROOT,
      lastDay: day + VALID_DAYS,
      ...overrides,
    };
    const digest = TypedDataEncoder.hash(domain(signing), MESSAGE_TYPES.milestone, message);
    return { message, digest, endorsement: (signing.endorse ?? byCommittee)(digest) };
  };

  const forgeWager: Stage["forgeWager"] = async (overrides = {}, signing = {}) => {
    const day = await today();
    const { clause, cohort } = { clause: 1, cohort: 0, ...overrides };
    const message: WagerReport = {
      clause,
      cohort,
      number: await nextReport(clause, cohort),
      asOfDay: day,
      evaluable: true,
      value: 0n,
      root: ROOT,
      lastDay: day + VALID_DAYS,
      ...overrides,
    };
    const digest = TypedDataEncoder.hash(domain(signing), MESSAGE_TYPES.wager, message);
    return { message, digest, endorsement: (signing.endorse ?? byCommittee)(digest) };
  };

  const forgeAct: Stage["forgeAct"] = async (kind, overrides = {}, signing = {}) => {
    const defaults: JointActs = {
      terminate: { number: 0, lastDay: 0 },
      release: { number: 0, movements: [], lastDay: 0 },
      appoint: { number: 0, oracle: relayer.address, arbiter: relayer.address, lastDay: 0 },
      agree: { clause: 1, cohort: 0, number: 0, patients: 0, total: 0n, lastDay: 0 },
    };
    const act = {
      ...defaults[kind],
      number: Number(await agreement.jointActs()) + 1,
      lastDay: (await today()) + VALID_DAYS,
      ...overrides,
    };
    const signers = signing.signers ?? parties;
    const types = JOINT_TYPES[kind];
    return {
      act,
      digest: TypedDataEncoder.hash(domain(signing), types, act),
      signatures: await Promise.all(signers.map((signer) => signer.signTypedData(domain(signing), types, act))),
    };
  };

  const performers: { [K in keyof JointActs]: (act: JointActs[K], signatures: string[]) => Sent } = {
    terminate: (act, signatures) => agreement.terminate(act, signatures),
    release: (act, signatures) => agreement.release(act, signatures),
    appoint: (act, signatures) => agreement.appoint(act, signatures),
    agree: (act, signatures) => agreement.agree(act, signatures),
  };

  return {
    ...drafted,
    agreement,
    address,
    as: (account) => agreement.connect(party(account)),
    party,
    async fund(...amounts) {
      const plain = token as PlainToken;
      const unit = 10n ** (BigInt(await plain.decimals()) - BigInt(terms.decimals));
      for (const [account, amount] of amounts.entries()) {
        if (amount === 0n) continue;
        await plain.connect(relayer).mint(relayer, amount * unit);
        await plain.connect(relayer).approve(address, amount * unit);
        await agreement.deposit(account, amount * unit);
      }
    },
    forgeEnrolment,
    forgeReport,
    forgeWager,
    forgeAct,
    async enrol(overrides, signing) {
      const { message, endorsement, authorisation } = await forgeEnrolment(overrides, signing);
      return agreement.enrol(message, endorsement, authorisation);
    },
    async report(overrides, signing) {
      const { message, endorsement } = await forgeReport(overrides, signing);
      return agreement.reportMilestone(message, endorsement, signing?.hint ?? 1n);
    },
    async reportWager(overrides, signing) {
      const { message, endorsement } = await forgeWager(overrides, signing);
      return agreement.reportWager(message, endorsement);
    },
    async perform(kind, overrides, signing) {
      const { act, signatures } = await forgeAct(kind, overrides, signing);
      return performers[kind](act, signatures);
    },
    async books() {
      const found: [bigint, bigint][] = [];
      for (const account of parties.keys()) {
        const { balance, locked } = await agreement.accountOf(account);
        found.push([balance, locked]);
      }
      return found;
    },
  };
}
