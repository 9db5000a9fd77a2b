/** An agreement whose arbiter asks an ERC-792 arbitrator, with a challenged report. */

import type { ContractTransactionResponse } from "ethers";

import type { WagerReport } from "../../../oracle/report/messages.ts";
import {
  Erc792Arbiter__factory,
  SimpleCentralizedArbitrator__factory,
  type Erc792Arbiter,
  type SimpleCentralizedArbitrator,
} from "../../../typechain-types/index.ts";
import { at, openAgreement, patients, type MilestoneReport, type Stage } from "../../contracts/support/agreement.ts";
import { ethers, type Account } from "../../contracts/support/chain.ts";
import { sheet, WITH_WINDOW } from "../../contracts/support/sheet.ts";
import { CLAUSES } from "./clauses.ts";

export const FEE = 10n ** 17n;
export const EXTRA_DATA = "0x0000000000000000000000000000000000000000000000000000000000000003";
export const META_EVIDENCE = "ipfs://meta-evidence.json";
/** As the arbitrator counts them. */
export const RULING = { refuse: 0n, uphold: 1n, reject: 2n } as const;
/** In the order of the contract. */
export const VERDICT = { pending: 0n, none: 1n, uphold: 2n, reject: 3n } as const;

const SHEET = sheet({ oracle: WITH_WINDOW, clauses: CLAUSES });

export interface CourtStage extends Stage {
  readonly court: SimpleCentralizedArbitrator;
  readonly arbitration: Erc792Arbiter;
  /** The court's owner. */
  readonly judge: Account;
  readonly milestone: MilestoneReport;
  readonly wager: WagerReport;
  /** Opens the dispute on the milestone's report; anyone's call. */
  readonly dispute: (value?: bigint) => Promise<ContractTransactionResponse>;
  readonly execute: (disputeID: bigint) => Promise<ContractTransactionResponse>;
}

/** Ten patients; a report of the refund and one of the wager wait, both challenged. */
export async function openInCourt(deployCourt?: (judge: Account) => Promise<string>): Promise<CourtStage> {
  let arbitration: Erc792Arbiter | undefined;
  let courtAddress = "";
  const judge = (await ethers.getSigners()).at(-1)!;
  const stage = await openAgreement(SHEET, {
    async arbiter() {
      courtAddress = deployCourt
        ? await deployCourt(judge)
        : await (await new SimpleCentralizedArbitrator__factory(judge).deploy()).getAddress();
      arbitration = await new Erc792Arbiter__factory(judge).deploy(courtAddress, EXTRA_DATA, META_EVIDENCE);
      return arbitration.getAddress();
    },
  });
  await stage.fund(2_000_000n, 2_000_000n);
  await stage.enrol({ patients: 10 });
  await at("2027-04-01");
  const { message: milestone } = await stage.forgeReport({ tallies: patients(2, 8) });
  const { message: wager } = await stage.forgeWager({ clause: 2, value: 850_000n });
  await stage.report(milestone);
  await stage.reportWager(wager);
  await stage.as(0).challenge(1, 0, 1, 0);
  await stage.as(1).challenge(2, 0, 1, 1);
  const called = arbitration!.connect(stage.stranger);
  return {
    ...stage,
    court: SimpleCentralizedArbitrator__factory.connect(courtAddress, judge),
    arbitration: called,
    judge,
    milestone,
    wager,
    dispute: (value = FEE) => called.disputeMilestone(stage.address, milestone, { value }),
    execute: (disputeID) => called.executeMilestone(disputeID, milestone),
  };
}
