import { expect } from "chai";
import fc from "fast-check";

import { formatDecimal, parseDecimal, scaleExactly, significantScale } from "../../terms/decimal.ts";

describe("terms/decimal", () => {
  for (const text of [
    "",
    "-",
    "1e3",
    "1E3",
    "0x10",
    ".5",
    "5.",
    "1_000",
    "1,000",
    "010",
    "00",
    "+5",
    "0o17",
    "~",
    "NaN",
    ".inf",
    " 1",
    "1 ",
    "−5",
    "１",
    "9".repeat(61),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 12))}`, () => expect(parseDecimal(text)).to.equal(null));
  }

  it("keeps what a float would lose", () => {
    expect(parseDecimal("0.1")).to.deep.equal({ digits: 1n, scale: 1 });
    expect(parseDecimal("14999999.99")).to.deep.equal({ digits: 1499999999n, scale: 2 });
    expect(parseDecimal("-90071992547409931.07")).to.deep.equal({ digits: -9007199254740993107n, scale: 2 });
  });

  it("scales only when the result is whole", () => {
    expect(scaleExactly({ digits: 5n, scale: 1 }, 2)).to.equal(50n);
    expect(scaleExactly({ digits: 500n, scale: 3 }, 1)).to.equal(5n);
    expect(scaleExactly({ digits: 505n, scale: 3 }, 2)).to.equal(null);
    expect(scaleExactly({ digits: -505n, scale: 3 }, 2)).to.equal(null);
    expect(scaleExactly({ digits: 1200n, scale: 0 }, -2)).to.equal(12n);
  });

  it("counts the places that carry something", () => {
    expect(significantScale({ digits: 50n, scale: 2 })).to.equal(1);
    expect(significantScale({ digits: 0n, scale: 5 })).to.equal(0);
  });

  it("writes every decimal so that it reads back to the same number", () => {
    const decimals = fc.record({ digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat(25) });
    fc.assert(
      fc.property(decimals, fc.nat(4), (decimal, atLeast) => {
        const back = parseDecimal(formatDecimal(decimal, atLeast));
        return back !== null && scaleExactly(back, 25) === scaleExactly(decimal, 25);
      }),
    );
  });
});
