import { expect } from "chai";
import fc from "fast-check";

import { BUILT_IN_METRICS, builtInMetrics } from "../../terms/metrics.ts";
import type { Metric } from "../../terms/model.ts";
import { formatMoney, formatValue, isYesNo, parseMoney, parseValue, ValueError } from "../../terms/values.ts";

const METRICS = builtInMetrics({ code: "CNY", decimals: 2 });
const metric = (id: string): Metric => {
  const found = METRICS.get(id);
  if (found === undefined) throw new Error(`no metric ${id}`);
  return found;
};

describe("terms/values", () => {
  for (const [id, text, value] of [
    ["pfs", "183", 183n],
    ["pfs", "183d", 183n],
    ["pfs", "6mo", 183n],
    ["complete-remission", "1", 1n],
    ["best-response", "partial", 2n],
    ["best-response", "3", 3n],
    ["hba1c", "7.00", 700n],
    ["hba1c", "7%", 700n],
    ["hba1c", "6.99%", 699n],
    ["survival", "85%", 850_000n],
    ["survival", "85", 850_000n],
    ["survival", "79.9999%", 799_999n],
    ["survival", "79.99990%", 799_999n],
    ["qaly-gain", "-0.03", -300n],
    ["mean-cost", "163333.33", 16_333_333n],
    ["outlay", "12000000", 1_200_000_000n],
    ["enrolled", "12", 12n],
  ] as const) {
    it(`reads ${text} of ${id} as ${value}`, () => expect(parseValue(metric(id), text)).to.equal(value));
  }

  for (const [id, text, expected] of [
    ["pfs", "6 months", "expected days such as 183, 183d or 6mo"],
    ["pfs", "183.5", "expected days"],
    ["pfs", "50%", "expected days"],
    ["complete-remission", "2", "expected 0 or 1"],
    ["complete-remission", "yes", "expected 0 or 1"],
    ["best-response", "partail", 'did you mean "partial"?'],
    ["best-response", "4", "one of progressive, stable, partial, complete"],
    ["hba1c", "7.005", "at most 2 decimals (it has 3)"],
    ["survival", "80.00001%", "at most 4 decimals (it has 5)"],
    ["mean-cost", "1e3", "an amount of CNY with at most 2 decimals"],
    ["enrolled", "1.5", "expected a whole number"],
  ] as const) {
    it(`refuses ${text} of ${id}`, () =>
      expect(() => parseValue(metric(id), text))
        .to.throw(ValueError, expected)
        .with.property("message")
        .contain(text));
  }

  it("writes the values of every metric so that they read back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BUILT_IN_METRICS),
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        (id, any) => {
          const one = metric(id);
          const value = isYesNo(one) ? any & 1n : one.kind === "level" ? any & 3n : any;
          return parseValue(one, formatValue(one, value)) === value;
        },
      ),
    );
  });

  it("writes money plainly, and in groups for people", () => {
    expect(formatMoney(-165_000_000n, 2)).to.equal("-1650000");
    expect(formatMoney(20_000_020n, 2)).to.equal("200000.20");
    expect(formatMoney(-123_456_789n, 2, "grouped")).to.equal("-1,234,567.89");
    expect(formatMoney(1_000_500_000n, 6, "grouped")).to.equal("1,000.50");
    expect(formatMoney(999n, 0, "grouped")).to.equal("999");
    expect(formatMoney(5n, 1)).to.equal("0.5");
  });

  it("writes every amount of money so that it reads back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 95n), max: 2n ** 95n }), fc.nat(18), (amount, decimals) => {
        const grouped = formatMoney(amount, decimals, "grouped").replaceAll(",", "");
        return (
          parseMoney(formatMoney(amount, decimals), decimals) === amount && parseMoney(grouped, decimals) === amount
        );
      }),
    );
  });

  it("reads money only when it is a whole number of minor units", () => {
    expect(parseMoney("0.01", 2)).to.equal(1n);
    expect(parseMoney("0.010", 2)).to.equal(1n);
    expect(parseMoney("0.001", 2)).to.equal(null);
    expect(parseMoney("1", 0)).to.equal(1n);
    expect(parseMoney("1e2", 2)).to.equal(null);
  });
});
