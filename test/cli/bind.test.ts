import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { getAddress, id } from "ethers";

import { bindAddresses, readBindings } from "../../terms/onchain/bind.ts";
import { compileTerms } from "../../terms/onchain/compile.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { unpackTerms } from "../../terms/onchain/unpack.ts";
import { dueAfter } from "../../oracle/report/schedule.ts";
import type { Agreement } from "../../terms/model.ts";
import { readTerms } from "../../terms/read.ts";

const address = (name: string): string => getAddress(id(name).slice(0, 42));

function agreementOf(file: string): Agreement {
  const { agreement, problems } = readTerms(readFileSync(file, "utf8"));
  if (agreement === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return agreement;
}

/** An address for everybody. */
function bindingsFor({ members, oracle }: Agreement): Map<string, string> {
  const names = members.map(({ group, name }) => `${group}/${name}`);
  const all = [...names, "oracle", ...(oracle.arbiter === null ? [] : ["arbiter"])];
  return new Map(all.map((name) => [name, address(name)]));
}

describe("binding addresses to names", () => {
  const agreement = agreementOf("scenarios/silence-and-dispute.yaml");
  const good = bindingsFor(agreement);
  const problems = (bindings: ReadonlyMap<string, string>, terms = agreement): string[] =>
    bindAddresses(terms, bindings).problems.map(({ path, message }) => `${path}: ${message}`);

  it("gives every party, the oracle and the arbiter its address", () => {
    const bound = bindAddresses(agreement, good).agreement;
    expect(bound?.members.map((member) => member.address)).to.deep.equal(
      agreement.members.map(({ group, name }) => address(`${group}/${name}`)),
    );
    expect(bound?.oracle.address).to.equal(address("oracle"));
    expect(bound?.oracle.arbiter?.address).to.equal(address("arbiter"));
  });

  it("names who is unknown, with what was probably meant", () => {
    expect(problems(new Map([...good, ["payer/Health plam", address("x")]]))).to.deep.equal([
      'payer/Health plam: found "payer/Health plam", expected one of payer/Health plan, manufacturer/Gene therapy company, oracle, arbiter; did you mean "payer/Health plan"?',
    ]);
  });

  it("names who is missing, whose address is none and who shares one", () => {
    const without = new Map([...good].filter(([name]) => name !== "oracle"));
    expect(problems(without)).to.deep.equal(["oracle: found no address, expected one"]);
    expect(problems(new Map([...good, ["oracle", "0x12"]]))).to.deep.equal([
      'oracle: found "0x12", expected an address: 0x and 40 hexadecimal digits',
    ]);
    const shared = new Map([...good, ["arbiter", address("payer/Health plan")]]);
    expect(problems(shared)).to.deep.equal([
      "arbiter: found the address of payer/Health plan, expected one of its own",
    ]);
  });

  it("refuses another address than the term sheet's, and takes the same", () => {
    const bound = bindAddresses(agreement, good).agreement as Agreement;
    expect(problems(new Map([["oracle", address("oracle").toLowerCase()]]), bound)).to.deep.equal([]);
    expect(problems(new Map([["oracle", address("other")]]), bound)).to.deep.equal([
      `oracle: found ${address("other")}, expected ${address("oracle")}: that stands in the term sheet`,
    ]);
  });

  it("reads a file of bindings with the line of every problem", () => {
    const { bindings, problems: found } = readBindings(`oracle: ${address("oracle")}\narbiter: 0x0\n`);
    expect(bindings.get("oracle")).to.equal(address("oracle"));
    expect(found.map(({ path, line }) => [path, line])).to.deep.equal([["arbiter", 2]]);
  });
});

describe("packed terms read back", () => {
  for (const file of readdirSync("scenarios")) {
    it(`say what ${file} says`, () => {
      const sheet = agreementOf(`scenarios/${file}`);
      const agreement = bindAddresses(sheet, bindingsFor(sheet)).agreement as Agreement;
      const token = address("token");
      const decimals = agreement.currency.decimals + 4;
      const unpacked = unpackTerms(packTerms(agreement, compileTerms(agreement, token), decimals));
      expect(unpacked).to.deep.include({
        token,
        scale: 4,
        challengeWindow: agreement.oracle.challengeWindow,
        ruleWithin: agreement.oracle.ruleWithin,
        reportWithin: agreement.oracle.reportWithin,
        challengeBond: agreement.oracle.challengeBond,
        members: agreement.members.map((member) => ({
          address: member.address,
          automatic: member.payout === "automatic",
        })),
      });
      expect(unpacked.cohorts).to.deep.equal(
        agreement.cohorts.map(({ opens, closes, enrolWithin, maxPatients }, cohort) => ({
          opens,
          closes,
          enrolWithin,
          maxPatients,
          clauses: agreement.clauses.flatMap((clause, position) => {
            const payoff = clause.payoffs.get(cohort);
            if (payoff === undefined) return [];
            const { kind, due, metric, from, to } = clause;
            const wagerSpan =
              (due === "enrolment" ? 0 : due) + (metric?.knownTo === "oracle" ? agreement.oracle.grace : 0);
            return [
              {
                clause: position,
                kind:
                  kind === "wager"
                    ? "wager"
                    : due === "enrolment"
                      ? "enrolment"
                      : metric === null
                        ? "time"
                        : "milestone",
                knownTo: metric?.knownTo ?? "nobody",
                from: { first: from.first, count: from.count },
                to: { first: to.first, count: to.count },
                span: kind === "wager" ? wagerSpan : dueAfter(agreement, clause),
                pays: payoff.tiers[0]?.pays,
              },
            ];
          }),
        })),
      );
    });
  }
});
