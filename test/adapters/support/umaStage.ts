/** An agreement whose oracle is UMA's: what is asserted, disputed and settled there, it takes. */

import { ZeroAddress, type ContractTransactionResponse } from "ethers";

import type { Enrolment, WagerReport } from "../../../oracle/report/messages.ts";
import { UmaEndorser__factory, type UmaEndorser } from "../../../typechain-types/index.ts";
import { openAgreement, type MilestoneReport, type Stage } from "../../contracts/support/agreement.ts";
import { ethers, networkHelpers, type Account } from "../../contracts/support/chain.ts";
import { sheet } from "../../contracts/support/sheet.ts";
import { CLAUSES } from "./clauses.ts";
import { deployUma, type EscalationManager, type Uma } from "./uma.ts";

/** ERC-1271's yes. */
const MAGIC = "0x1626ba7e";

export const LIVENESS = 7_200n;
/** More than UMA's least. */
export const BOND = 5_000n;
export const EVIDENCE = "ipfs://statement";

export const SHEET = sheet({ clauses: CLAUSES });

/** What an agreement is told: a message and the kind of it. */
export type Told =
  | { readonly kind: "enrolment"; readonly message: Enrolment }
  | { readonly kind: "milestone"; readonly message: MilestoneReport }
  | { readonly kind: "wager"; readonly message: WagerReport };

export interface UmaStage extends Stage {
  readonly uma: Uma;
  readonly endorser: UmaEndorser;
  /** There when the stage was opened with one. */
  readonly manager: EscalationManager | undefined;
  /** Gives somebody the bond and has him assert that the agreement, or another address, may take a message. */
  readonly assert: (told: Told, by?: Account, agreement?: string) => Promise<string>;
  /** Asserts, lets the liveness pass and settles. */
  readonly endorse: (told: Told) => Promise<string>;
  /** ERC-1271's question, as an agreement asks it. */
  readonly endorses: (digest: string) => Promise<boolean>;
}

export interface UmaCast {
  readonly source?: string;
  /** Disputes are the escalation manager's. */
  readonly managed?: boolean;
  /** Deploys the agreement's oracle, of which the endorser is a part; else the endorser is the oracle. */
  readonly within?: (endorser: string) => Promise<string>;
}

export const passLiveness = (): Promise<unknown> => networkHelpers.time.increase(LIVENESS);

export async function openWithUma({ source = SHEET, managed = false, within }: UmaCast = {}): Promise<UmaStage> {
  let uma: Uma | undefined;
  let endorser: UmaEndorser | undefined;
  let manager: EscalationManager | undefined;
  const stage = await openAgreement(source, {
    async oracle() {
      const relayer = (await ethers.getSigners())[0]!;
      uma = await deployUma(relayer);
      if (managed) manager = await uma.deployEscalationManager();
      const deployment = new UmaEndorser__factory(relayer);
      endorser = await deployment.deploy(uma.address, uma.currency, BOND, LIVENESS, manager?.address ?? ZeroAddress);
      const address = await endorser.getAddress();
      return within ? within(address) : address;
    },
  });
  return withAssertions(stage, uma!, endorser!, manager);
}

function withAssertions(
  stage: Stage,
  uma: Uma,
  endorser: UmaEndorser,
  manager: EscalationManager | undefined,
): UmaStage {
  const assert: UmaStage["assert"] = async (told, by = stage.stranger, agreement = stage.address) => {
    const bond = await endorser.bond();
    await uma.currency.mint(by.address, bond);
    await uma.currency.connect(by).approve(endorser, bond);
    return assertionOf(endorser, await asserting(endorser.connect(by), told, agreement));
  };
  return {
    ...stage,
    uma,
    endorser,
    manager,
    assert,
    async endorse(told) {
      const assertionId = await assert(told);
      await passLiveness();
      await uma.settle(assertionId);
      return assertionId;
    },
    endorses: async (digest) => (await endorser.isValidSignature(digest, "0x")) === MAGIC,
  };
}

/** Asserts; the caller has the bond and has approved it. */
export function asserting(endorser: UmaEndorser, told: Told, agreement: string): Promise<ContractTransactionResponse> {
  switch (told.kind) {
    case "enrolment":
      return endorser.assertEnrolment(agreement, told.message, EVIDENCE);
    case "milestone":
      return endorser.assertMilestone(agreement, told.message, EVIDENCE);
    case "wager":
      return endorser.assertWager(agreement, told.message, EVIDENCE);
  }
}

/** UMA's identifier of the assertion that a call made. */
async function assertionOf(endorser: UmaEndorser, call: ContractTransactionResponse): Promise<string> {
  const { blockNumber } = (await call.wait())!;
  const [made] = await endorser.queryFilter(endorser.filters.Asserted, blockNumber, blockNumber);
  return made!.args.assertionId;
}
