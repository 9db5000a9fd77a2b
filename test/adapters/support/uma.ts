/** UMA's contracts, as published, with a DVM whose answer a test gives. */

import {
  encodeBytes32String,
  toUtf8Bytes,
  toUtf8String,
  ZeroAddress,
  type BaseContract,
  type ContractTransactionResponse,
  type EventLog,
} from "ethers";

import { PlainToken__factory, type PlainToken } from "../../../typechain-types/index.ts";
import type { Account } from "../../contracts/support/chain.ts";
import { deployPublished } from "./published.ts";

const DVM = "@uma/core/artifacts/contracts/data-verification-mechanism";
const COMMON = "@uma/core/artifacts/contracts/common/implementation";
const V3 = "@uma/core/artifacts/contracts/optimistic-oracle-v3/implementation";

export const IDENTIFIER = encodeBytes32String("ASSERT_TRUTH");
/** UMA's fee on a dispute; half of the smallest bond, as UMA's settings are. */
export const FINAL_FEE = 100n;
export const SMALLEST_BOND = 2n * FINAL_FEE;

const ONE = 10n ** 18n;

type Sent = Promise<ContractTransactionResponse>;

/** What UMA keeps of an assertion, as far as tests look. */
export interface Assertion {
  readonly asserter: string;
  readonly assertionTime: bigint;
  readonly settled: boolean;
  readonly expirationTime: bigint;
  readonly settlementResolution: boolean;
  readonly bond: bigint;
  readonly callbackRecipient: string;
}

export interface Uma {
  readonly optimisticOracle: BaseContract;
  readonly address: string;
  /** In which bonds are paid. */
  readonly currency: PlainToken;
  readonly store: string;
  readonly assertion: (assertionId: string) => Promise<Assertion>;
  /** The claim that UMA was told. */
  readonly claimOf: (assertionId: string) => Promise<string>;
  /** Disputes against the bond, which the disputer is given. */
  readonly dispute: (assertionId: string, disputer: Account) => Sent;
  readonly settle: (assertionId: string) => Sent;
  /** UMA's token holders decide a dispute. */
  readonly decide: (assertionId: string, truthful: boolean) => Sent;
  readonly setFinalFee: (fee: bigint) => Promise<void>;
  /** An assertion at UMA itself, by somebody who is given the bond. */
  readonly assertDirectly: (
    claim: string,
    asserter: Account,
    callbackRecipient: string,
    liveness: bigint,
  ) => Promise<string>;
  /** UMA's manager of every policy, for disputes that UMA's token holders shall not decide. */
  readonly deployEscalationManager: () => Promise<EscalationManager>;
}

export interface EscalationManager {
  readonly address: string;
  /** Only those disputers; decides itself, or has every dispute discard the assertion. */
  readonly configure: (disputers: readonly Account[], policy: "decides" | "discards") => Promise<void>;
  readonly decide: (assertionId: string, truthful: boolean) => Sent;
}

export async function deployUma(deployer: Account): Promise<Uma> {
  const currency = await new PlainToken__factory(deployer).deploy(6);
  const finder = await deployPublished(`${DVM}/implementation/Finder.sol/Finder.json`, deployer);
  const identifiers = await deployPublished(
    `${DVM}/implementation/IdentifierWhitelist.sol/IdentifierWhitelist.json`,
    deployer,
  );
  const currencies = await deployPublished(`${COMMON}/AddressWhitelist.sol/AddressWhitelist.json`, deployer);
  const nothing = { rawValue: 0n };
  const store = await deployPublished(
    `${DVM}/implementation/Store.sol/Store.json`,
    deployer,
    nothing,
    nothing,
    ZeroAddress,
  );
  const dvm = await deployPublished(
    `${DVM}/test/MockOracleAncillary.sol/MockOracleAncillary.json`,
    deployer,
    finder,
    ZeroAddress,
  );
  for (const [name, contract] of Object.entries({
    Oracle: dvm,
    IdentifierWhitelist: identifiers,
    CollateralWhitelist: currencies,
    Store: store,
  })) {
    await send(finder, "changeImplementationAddress", encodeBytes32String(name), contract);
  }
  await send(identifiers, "addSupportedIdentifier", IDENTIFIER);
  await send(currencies, "addToWhitelist", currency);
  const setFinalFee = async (fee: bigint) => {
    await send(store, "setFinalFee", currency, { rawValue: fee });
  };
  await setFinalFee(FINAL_FEE);
  const optimisticOracle = await deployPublished(
    `${V3}/OptimisticOracleV3.sol/OptimisticOracleV3.json`,
    deployer,
    finder,
    currency,
    7_200n,
  );
  const address = await optimisticOracle.getAddress();

  const assertion = async (assertionId: string): Promise<Assertion> =>
    (await optimisticOracle.getFunction("getAssertion").staticCall(assertionId)) as Assertion;
  const stamp = async (assertionId: string): Promise<string> =>
    (await optimisticOracle.getFunction("stampAssertion").staticCall(assertionId)) as string;
  const provide = async (account: Account, amount: bigint) => {
    await currency.mint(account.address, amount);
    await currency.connect(account).approve(address, amount);
  };

  return {
    optimisticOracle,
    address,
    currency,
    store: await store.getAddress(),
    assertion,
    async claimOf(assertionId) {
      const made = optimisticOracle.filters.AssertionMade!(assertionId);
      const [event] = (await optimisticOracle.queryFilter(made)) as EventLog[];
      return toUtf8String(event!.args.claim as string);
    },
    setFinalFee: async (fee) => {
      await setFinalFee(fee);
      await send(optimisticOracle, "syncUmaParams", IDENTIFIER, currency);
    },
    async dispute(assertionId, disputer) {
      await provide(disputer, (await assertion(assertionId)).bond);
      return send(optimisticOracle.connect(disputer), "disputeAssertion", assertionId, disputer.address);
    },
    settle: (assertionId) => send(optimisticOracle, "settleAssertion", assertionId),
    async decide(assertionId, truthful) {
      const { assertionTime } = await assertion(assertionId);
      return send(dvm, "pushPrice", IDENTIFIER, assertionTime, await stamp(assertionId), truthful ? ONE : 0n);
    },
    async assertDirectly(claim, asserter, callbackRecipient, liveness) {
      await provide(asserter, SMALLEST_BOND);
      const call = optimisticOracle.connect(asserter).getFunction("assertTruth");
      const bytes = toUtf8Bytes(claim);
      const args = [
        bytes,
        asserter.address,
        callbackRecipient,
        ZeroAddress,
        liveness,
        currency,
        SMALLEST_BOND,
        IDENTIFIER,
        encodeBytes32String(""),
      ];
      const receipt = await (await call.send(...args)).wait();
      const log = receipt!.logs
        .filter((found) => found.address === address)
        .map((found) => optimisticOracle.interface.parseLog(found))
        .find((found) => found?.name === "AssertionMade");
      return log!.args.assertionId as string;
    },
    async deployEscalationManager() {
      const path = `${V3}/escalation-manager/FullPolicyEscalationManager.sol/FullPolicyEscalationManager.json`;
      const manager = await deployPublished(path, deployer, address);
      return {
        address: await manager.getAddress(),
        async configure(disputers, policy) {
          const [decides, discards] = [policy === "decides", policy === "discards"];
          await send(manager, "configureEscalationManager", false, false, true, decides, discards);
          for (const disputer of disputers) await send(manager, "setDisputeCallerInWhitelist", disputer.address, true);
        },
        async decide(assertionId, truthful) {
          const { assertionTime } = await assertion(assertionId);
          const ancillary = await stamp(assertionId);
          return send(manager, "setArbitrationResolution", IDENTIFIER, assertionTime, ancillary, truthful);
        },
      };
    },
  };
}

const send = (contract: BaseContract, name: string, ...args: unknown[]): Sent =>
  contract.getFunction(name).send(...args);
