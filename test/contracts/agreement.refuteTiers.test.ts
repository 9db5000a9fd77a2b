import { expect } from "chai";

import type { ReportLeaf } from "../../oracle/report/leaf.ts";
import { Refuter__factory } from "../../typechain-types/index.ts";
import { at, openAgreement, type MilestoneReport } from "./support/agreement.ts";
import { leafOf, refutation, rootOf, shownLeaf, summed } from "./support/refutation.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

const clauses = (pays: string): string => `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 90d, from: manufacturer, to: payer, pays: [${pays}], notEvaluable: 30% }`;

/** The first tier reaches down without limit, the others from their start to the next one's. */
const SCHEDULES: readonly [what: string, pays: string, leaves: readonly ReportLeaf[], Partial<MilestoneReport>][] = [
  [
    "flat tiers",
    "{ pays: 60% }, { atLeast: 30, pays: 0 }",
    [leafOf(1, 0, -(2n ** 95n)), leafOf(2, 0, 0n), leafOf(3, 0, 29n), leafOf(4, 1, 30n), leafOf(5, 2, 0n)],
    {
      tallies: [
        { patients: 3, sum: 0n },
        { patients: 1, sum: 0n },
      ],
      notEvaluable: 1,
    },
  ],
  [
    "a slope between them",
    "{ pays: 10% }, { atLeast: 30, pays: 8%, perUnit: -1 }, { atLeast: 60, pays: 0 }",
    summed(
      [
        leafOf(1, 0, -(2n ** 95n)),
        leafOf(2, 0, 0n),
        leafOf(3, 0, 29n),
        leafOf(4, 1, 30n),
        leafOf(5, 1, 59n),
        leafOf(6, 2, 60n),
        leafOf(7, 3, 0n),
      ],
      [1],
    ),
    {
      tallies: [
        { patients: 3, sum: 0n },
        { patients: 2, sum: 89n },
        { patients: 1, sum: 0n },
      ],
      notEvaluable: 1,
    },
  ],
];

/** Whoever could call a leaf's tier wrong that is right, could void honest reports, one after the other. */
describe("Tiers of an honest report", () => {
  for (const [what, pays, leaves, report] of SCHEDULES) {
    it(`given ${what}, when any leaf is shown, at its tier's bounds or far below the first, then it refutes nothing`, async () => {
      const stage = await openAgreement(sheet({ oracle: WITH_WINDOW, clauses: clauses(pays) }));
      const { agreement, stranger } = stage;
      await stage.fund(2_000_000n, 1_000_000n);
      await stage.enrol({ patients: leaves.length });
      await at("2026-04-10");
      const { message } = await stage.forgeReport({ ...report, root: rootOf(leaves) });
      await stage.report(message);
      const refuter = Refuter__factory.connect(await agreement.refuter(), agreement.runner);
      for (const place of leaves.keys()) {
        const claim = refutation("Tier", { shown: [shownLeaf(leaves, place)] });
        await expect(agreement.connect(stranger).refuteMilestone(message, claim), String(place))
          .to.be.revertedWithCustomError(refuter, "NotRefuted")
          .withArgs(claim.form);
      }
    });
  }
});
