/**
 * The world a scenario plays in: an in-process chain with the real contracts, an OpenZeppelin ERC-20, a committee of five
 * of which three sign each message, and one account a party. One world serves many scenarios, each from the same start.
 */

import { id, Wallet, type Signer } from "ethers";
import hre from "hardhat";

import {
  AgreementFactory__factory,
  IOutcomeAgreement__factory,
  OracleCommittee__factory,
  OutcomeAgreement__factory,
  PlainToken__factory,
  type AgreementFactory,
  type OutcomeAgreement,
  type PlainToken,
} from "../typechain-types/index.ts";
import { encodeEndorsements } from "../oracle/endorse/encode.ts";
import type { Hex } from "../oracle/report/bytes.ts";
import { digestOf, MESSAGE_TYPES, type Enrolment, type OracleMessage } from "../oracle/report/messages.ts";
import { timestampOfDay } from "../terms/calendar.ts";
import type { Agreement, Day } from "../terms/model.ts";
import { withAccounts } from "../terms/onchain/bind.ts";
import { compileLegal, compileTerms } from "../terms/onchain/compile.ts";
import { domainOf, TERMS_TYPES } from "../terms/onchain/typedData.ts";

/** Enough for any call, and no estimate needed. */
const GAS_LIMIT = 16_000_000n;

const OPERATORS = 5;
const THRESHOLD = 3;

/** A call that went through. */
export interface Called {
  readonly gas: bigint;
}

/** A call that the contract refused. */
export interface Refused {
  /** Name of the error. */
  readonly error: string;
  /** The error with its values, for people. */
  readonly detail: string;
}

export type Result = Called | Refused;

export const isRefused = (result: object): result is Refused => "error" in result;

/** One agreement in the world, with the accounts that act in it. */
export interface Stage {
  readonly contract: OutcomeAgreement;
  readonly token: PlainToken;
  readonly created: Called;
  /** By member. */
  readonly parties: readonly Signer[];
  readonly arbiter: Signer;
  readonly relayer: Signer;
  /** The oracle's endorsement of a message. */
  endorse(message: OracleMessage): string;
  /** A party's signature over an enrolment: its authorisation. */
  authorise(member: number, message: Enrolment): Promise<string>;
  /** Sends a call at 00:00 UTC of the clock's day. */
  readonly send: (
    call: (options: { gasLimit: bigint }) => Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>,
  ) => Promise<Result>;
  setDay(day: Day): Promise<void>;
  readonly day: Day;
}

export interface World {
  /** Deploys and creates the agreement on `day`. Refusals of the factory come back. */
  open(agreement: Agreement, day: Day): Promise<Stage | Refused>;
  close(): Promise<void>;
}

/** Starts the chain and deploys what all agreements share. */
export async function createWorld(): Promise<World> {
  const connection = await hre.network.create({ network: "story" });
  const { ethers, provider } = connection;
  const [relayer, arbiter, ...partySigners] = await ethers.getSigners();
  if (relayer === undefined || arbiter === undefined) throw new Error("the in-process chain has no accounts");
  const operators = Array.from({ length: OPERATORS }, (_, i) => new Wallet(id(`operator ${i + 1}`)));
  const { chainId } = await ethers.provider.getNetwork();
  const factory: AgreementFactory = await new AgreementFactory__factory(relayer).deploy();
  const committee = await new OracleCommittee__factory(relayer).deploy(
    operators.map(({ address }) => address),
    THRESHOLD,
  );
  const errors = [
    IOutcomeAgreement__factory.createInterface(),
    AgreementFactory__factory.createInterface(),
    PlainToken__factory.createInterface(),
  ];
  const snapshot = (): Promise<unknown> => provider.request({ method: "evm_snapshot" });
  let start = await snapshot();

  /** The refusal that a failed call carries; anything else is rethrown. */
  function refusalOf(error: unknown): Refused {
    const data = revertData(error);
    for (const known of errors) {
      const parsed = data === undefined ? null : known.parseError(data);
      if (parsed === null) continue;
      const values = parsed.fragment.inputs.map((input, i) => `${input.name}: ${String(parsed.args[i])}`);
      return { error: parsed.name, detail: `${parsed.name}(${values.join(", ")})` };
    }
    throw error;
  }

  return {
    async open(agreement, firstDay) {
      await provider.request({ method: "evm_revert", params: [start] });
      start = await snapshot();

      let day = firstDay;
      const tick = (): Promise<unknown> =>
        provider.request({ method: "evm_setNextBlockTimestamp", params: [timestampOfDay(day)] });
      await tick();
      const token = await new PlainToken__factory(relayer).deploy(agreement.currency.decimals);
      const cast = withAccounts(agreement, {
        members: await Promise.all(partySigners.map((signer) => signer.getAddress())),
        oracle: await committee.getAddress(),
        arbiter: arbiter.address,
      });
      const parties = cast.members.map((_, i) => partySigners[i] ?? relayer);

      const send: Stage["send"] = async (call) => {
        try {
          await tick();
          const receipt = await (await call({ gasLimit: GAS_LIMIT })).wait();
          return { gas: receipt?.gasUsed ?? 0n };
        } catch (error) {
          return refusalOf(error);
        }
      };

      const terms = compileTerms(cast, await token.getAddress());
      const legal = compileLegal(cast);
      let address: string;
      try {
        address = await factory.addressOf(terms);
      } catch (error) {
        return refusalOf(error);
      }
      const signatures = await Promise.all(
        parties.map(async (party) =>
          party.signTypedData(domainOf(chainId, await factory.getAddress()), TERMS_TYPES, {
            agreement: address,
            terms,
            legal,
          }),
        ),
      );
      const created = await send((options) => factory.create(terms, legal, signatures, options));
      if (isRefused(created)) return created;
      await tick();
      await token.approve(address, 2n ** 256n - 1n);

      const self = { chainId, address };
      return {
        contract: OutcomeAgreement__factory.connect(address, relayer),
        token,
        created,
        parties,
        arbiter,
        relayer,
        endorse: (message) => {
          const digest = digestOf(self, message);
          return encodeEndorsements(
            operators.slice(0, THRESHOLD).map((operator) => ({
              signer: operator.address,
              signature: operator.signingKey.sign(digest).serialized as Hex,
            })),
          );
        },
        authorise: (member, message) =>
          (parties[member] ?? relayer).signTypedData(domainOf(chainId, address), MESSAGE_TYPES.enrolment, message),
        send,
        async setDay(next) {
          day = next;
          await tick();
          await provider.request({ method: "evm_mine" });
        },
        get day() {
          return day;
        },
      };
    },
    close: () => connection.close(),
  };
}

/** Return data of a reverted call, wherever the layers between put it. */
function revertData(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { data } = inner as { data?: unknown };
    if (typeof data === "string" && data.startsWith("0x")) return data;
    if (typeof data === "object" && data !== null && "data" in data && typeof data.data === "string") return data.data;
  }
  return undefined;
}
