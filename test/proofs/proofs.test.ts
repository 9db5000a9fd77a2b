import { expect } from "chai";
import { readFileSync } from "node:fs";

import { resultOf } from "../../scripts/prove/document.ts";
import { prove, type Finding, type Sources } from "../../scripts/prove/modelChecker.ts";
import { source, SPECIFICATIONS } from "../../scripts/prove/specifications.ts";
import { z3Version } from "../../scripts/prove/z3.ts";

const [AFFINE, SHARES] = SPECIFICATIONS;
const LIBRARIES = { [AFFINE]: "contracts/libraries/Affine.sol", [SHARES]: "contracts/libraries/Shares.sol" } as const;

/** One claim, of the library as it is or with a piece of its text exchanged. */
async function claim(
  of: typeof AFFINE | typeof SHARES,
  name: string,
  fault?: [from: string, to: string],
): Promise<Finding> {
  const faulty: Sources = (path) => {
    const text = source(path);
    if (fault === undefined || path !== LIBRARIES[of]) return text;
    expect(text, "what the fault replaces").to.include(fault[0]);
    return text.replace(fault[0], fault[1]);
  };
  const [finding] = await prove(of, faulty, [name]);
  return finding!;
}

describe("Proofs", function () {
  before(function () {
    // Said by the reporter as pending: without a solver nothing is proved here.
    if (z3Version() === null) this.skip();
  });

  for (const [specification, name] of [
    [SHARES, "lockRoundedUp"],
    [SHARES, "balanceCoversLocks"],
  ] as const) {
    it(`given the library as it is, when ${name} is asked, then it is proved`, async () => {
      const finding = await claim(specification, name);
      expect(resultOf(finding), [...finding.refuted, ...finding.unproved].join("\n")).to.equal("proved");
    });
  }

  for (const [fault, specification, name, from, to] of [
    ["a lock rounded down", SHARES, "lockRoundedUp", " + WHOLE - 1", ""],
    ["a product that overflows", SHARES, "lockRoundedUp", "amount * share", "amount * share * 1e70"],
    ["a split over less than the whole", SHARES, "nothingToWhole", "running) / WHOLE", "running) / (WHOLE + 1)"],
    [
      "an upper end rounded toward zero",
      AFFINE,
      "upperEndRoundedAway",
      "if (scaled % SCALE != 0) ",
      "if (scaled == 1) ",
    ],
    ["a tier that reaches one too far", AFFINE, "talliesThatFit", "n * (next - 1)", "n * next"],
  ] as const) {
    it(`given ${fault}, when ${name} is asked, then it is refuted by arguments`, async () => {
      const finding = await claim(specification, name, [from, to]);
      expect(resultOf(finding), finding.unproved.join("\n")).to.equal("refuted");
      expect(finding.refuted.join("\n")).to.include("Counterexample:");
    });
  }

  it("given assumptions that nothing meets, when a claim is asked, then it is about nothing", async () => {
    const [finding] = await prove(
      SHARES,
      (path) => source(path).replace("share > 0 && share <= Shares.WHOLE", "share > 0 && share < 1"),
      ["lockRoundedUp"],
    );
    expect(resultOf(finding!)).to.equal("about nothing");
  });
});

describe("The page of proofs", () => {
  it("given every claim's docstring, when the page is read, then it says each of them, proved", () => {
    const page = readFileSync(new URL("../../docs/proofs.md", import.meta.url), "utf8");
    const names = SPECIFICATIONS.flatMap((path) =>
      [...source(path).matchAll(/function (\w+)\([^)]*\) external pure/g)].map(([, name]) => name ?? ""),
    );
    expect(names).to.have.length.above(10);
    for (const name of names) expect(page).to.match(new RegExp(`\`${name}\`: .*\\| proved +\\|`));
  });
});
