/** Gnosis Conditional Tokens: one condition a patient, or one for all patients of a report that pays in between. */

import { id, ZeroHash, type Contract } from "ethers";

import { AT_RISK, PRICE } from "../../../test/contracts/gas.life.ts";
import { FORTUNE, makeBed, pieces, type Bed } from "../bed.ts";
import { own } from "../compile.ts";
import { partsOf, payUpfront, upfrontOf, type Part } from "../money.ts";
import type { Peer } from "../peer.ts";
import { published } from "../published.ts";

const PACKAGE = "@gnosis.pm/conditional-tokens-contracts";
/** What fits into one transaction. */
const BATCH = 90;
/** What the payer's account keeps, so that its balance's slot stays in use as with us. */
const SPARE = PRICE;
/** Sets of outcomes, as bits: the maker wins, the payer wins. */
const [MAKER, PAYER] = [1, 2];

/** A party's or the oracle's account that batches its calls. */
interface Account {
  readonly contract: Contract;
  readonly address: string;
}

interface Market {
  readonly bed: Bed;
  readonly tokens: Contract;
  readonly address: string;
  readonly payer: Account;
  readonly maker: Account;
  readonly oracle: Account;
}

/** A question, the money that stands on it, and how it is divided: numerators of the maker and the payer. */
interface Condition {
  readonly question: string;
  readonly stake: bigint;
  readonly toMaker: bigint;
  readonly toPayer: bigint;
}

/** With the money at risk, and a little more, in the payer's account. */
async function openMarket(bed: Bed, patients: number): Promise<Market> {
  const tokens = await bed.deploy(published(`${PACKAGE}/build/contracts/ConditionalTokens.json`));
  const address = await tokens.getAddress();
  await bed.occupy(tokens);
  const account = async (): Promise<Account> => {
    const contract = await bed.deploy(own("BatchingAccount"), bed.relayer);
    return { contract, address: await contract.getAddress() };
  };
  const payer = await account();
  await bed.token.connect(bed.payer).transfer(payer.address, AT_RISK * BigInt(patients) + SPARE);
  const approve = bed.token.interface.encodeFunctionData("approve", [address, FORTUNE]);
  await bed.gasOf(payer.contract, "execute", [bed.tokenAddress, [approve]]);
  return { bed, tokens, address, payer, maker: await account(), oracle: await account() };
}

type Call = readonly [method: string, ...args: unknown[]];

/** Gas of an account's calls to the tokens, in one transaction. */
async function callAll(
  { bed, tokens, address }: Market,
  { contract }: Account,
  calls: readonly Call[],
): Promise<bigint> {
  if (calls.length === 0) return 0n;
  const encoded = calls.map(([method, ...args]) => tokens.interface.encodeFunctionData(method, args));
  return bed.gasOf(contract, "execute", [address, encoded]);
}

/** Gas of conditions that fit into a transaction, from their preparation to both sides' redemption. */
async function liveThrough(market: Market, conditions: readonly Condition[]): Promise<bigint> {
  const { bed, tokens, payer, maker, oracle } = market;
  const view = async (method: string, ...args: unknown[]): Promise<string> =>
    (await tokens.getFunction(method).staticCall(...args)) as string;
  const prepared: (Condition & { id: string; position: string })[] = [];
  for (const condition of conditions) {
    const id = await view("getConditionId", oracle.address, condition.question, 2);
    const position = await view("getPositionId", bed.tokenAddress, await view("getCollectionId", ZeroHash, id, MAKER));
    prepared.push({ ...condition, id, position });
  }

  const redeem = (side: number, wins: (condition: Condition) => boolean): Call[] =>
    prepared.filter(wins).map(({ id }) => ["redeemPositions", bed.tokenAddress, ZeroHash, id, [side]]);
  const steps: [Account, Call[]][] = [
    [
      payer,
      [
        ...prepared.map(({ question }): Call => ["prepareCondition", oracle.address, question, 2]),
        ...prepared.map(({ id, stake }): Call => [
          "splitPosition",
          bed.tokenAddress,
          ZeroHash,
          id,
          [MAKER, PAYER],
          stake,
        ]),
        [
          "safeBatchTransferFrom",
          payer.address,
          maker.address,
          prepared.map(({ position }) => position),
          prepared.map(({ stake }) => stake),
          "0x",
        ],
      ],
    ],
    [oracle, prepared.map(({ question, toMaker, toPayer }): Call => ["reportPayouts", question, [toMaker, toPayer]])],
    [maker, redeem(MAKER, ({ toMaker }) => toMaker > 0n)],
    [payer, redeem(PAYER, ({ toPayer }) => toPayer > 0n)],
  ];
  let gas = 0n;
  for (const [account, calls] of steps) gas += await callAll(market, account, calls);
  return gas;
}

/** The whole story, with the conditions that a report has. */
async function tell(
  patients: number,
  reports: number,
  conditionsOf: (part: Part, report: number) => Condition[],
): Promise<bigint> {
  const bed = await makeBed();
  const market = await openMarket(bed, patients);
  const parts = partsOf(patients, reports);
  let gas = await payUpfront(bed, parts, market.maker.address);
  for (const [report, part] of parts.entries()) {
    for (const batch of pieces(conditionsOf(part, report), BATCH)) gas += await liveThrough(market, batch);
  }
  const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  await bed.mustHold(market.maker.address, upfrontOf(patients) + sum(parts.map(({ toMaker }) => toMaker)));
  await bed.mustHold(market.payer.address, SPARE + sum(parts.map(({ toPayer }) => toPayer)));
  return gas;
}

const NO_END =
  "silence (without a report nothing is redeemed, unless both sides hand in their positions), dispute, due days";

export const conditionEach: Peer = {
  name: "Conditional Tokens, a condition a patient",
  from: PACKAGE,
  goal: 650,
  includes:
    "prepareCondition, splitPosition, the maker's side handed over (safeBatchTransferFrom), reportPayouts, redeemPositions, batched through accounts whose signatures cost nothing",
  lacks: `signatures of an oracle (one address reports, its word is final); ${NO_END}; privacy: an outcome for each question`,
  live: (patients, reports) =>
    tell(patients, reports, (part, report) =>
      Array.from({ length: part.patients }, (_, i) => {
        const [toMaker, toPayer] = i < part.failed ? [0n, 1n] : [1n, 0n];
        return { question: id(`${report}/${i}`), stake: AT_RISK, toMaker, toPayer };
      }),
    ),
};

export const conditionCohort: Peer = {
  name: "Conditional Tokens, a condition a cohort",
  from: PACKAGE,
  includes:
    "the calls of a condition a patient (above) once for all patients of a report: the payout divides what is at risk as the outcomes divide the patients",
  lacks: `signatures of an oracle (one address reports, its word is final); ${NO_END}; counts and root on chain; payments above what was split`,
  live: (patients, reports) =>
    tell(patients, reports, ({ toMaker, toPayer }, report) => [
      { question: id(`report ${report}`), stake: toMaker + toPayer, toMaker, toPayer },
    ]),
};
