import { expect } from "chai";

import { Refuter__factory } from "../../typechain-types/index.ts";
import { at, openAgreement } from "./support/agreement.ts";
import { leafOf, refutation, rootOf, shownLeaf, summed } from "./support/refutation.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

/** Two tiers with slopes side by side: the running sum begins anew between them. */
const CAP = sheet({
  oracle: WITH_WINDOW,
  clauses: `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  cap: { type: milestone, metric: pfs, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 30, pays: 50%, perUnit: -1 }, { atLeast: 60, pays: 20%, perUnit: -1 }, { atLeast: 90, pays: 0 }], notEvaluable: 30% }`,
});
const HONEST = summed(
  [leafOf(1, 1, 31n), leafOf(2, 1, 45n), leafOf(3, 1, 50n), leafOf(4, 2, 61n), leafOf(5, 2, 70n), leafOf(6, 4, 0n)],
  [1, 2],
);

describe("Running sums of an honest report", () => {
  it("given any two of its leaves, neighbours or not, of one tier or of two, then they refute nothing", async () => {
    const { agreement, stranger, fund, enrol, forgeReport, report } = await openAgreement(CAP);
    await fund(2_000_000n, 1_000_000n);
    await enrol({ patients: HONEST.length });
    await at("2026-04-10");
    const { message } = await forgeReport({
      tallies: [
        { patients: 0, sum: 0n },
        { patients: 3, sum: 126n },
        { patients: 2, sum: 131n },
        { patients: 0, sum: 0n },
      ],
      notEvaluable: 1,
      root: rootOf(HONEST),
    });
    await report(message);
    const refuter = Refuter__factory.connect(await agreement.refuter(), agreement.runner);
    for (const one of HONEST.keys()) {
      for (const other of HONEST.keys()) {
        const shown = [shownLeaf(HONEST, one), shownLeaf(HONEST, other)];
        await expect(
          agreement.connect(stranger).refuteMilestone(message, refutation("RunningSum", { shown })),
          `${one}, ${other}`,
        ).to.be.revertedWithCustomError(refuter, "NotRefuted");
      }
      const alone = [shownLeaf(HONEST, one)];
      await expect(
        agreement.connect(stranger).refuteMilestone(message, refutation("RunningSum", { shown: alone })),
        String(one),
      ).to.be.revertedWithCustomError(refuter, "NotRefuted");
    }
  });
});
