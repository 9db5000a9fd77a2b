import { expect } from "chai";
import hre from "hardhat";

import { deploy, readParameters } from "../../scripts/deploy/deploy.ts";
import { bindAddresses } from "../../terms/onchain/bind.ts";
import { signable } from "../../terms/onchain/signable.ts";
import { domainOf, TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import {
  AgreementFactory__factory,
  IOutcomeAgreement__factory,
  OracleCommittee__factory,
  TokenisedDeposit__factory,
} from "../../typechain-types/index.ts";
import { agreementOf, SHEET } from "../oracle/fixture.ts";

describe("a deployment", function () {
  this.timeout(60_000);

  it("serves to create an agreement in the bank's deposit money, at the address told beforehand", async () => {
    const connection = await hre.network.create({ network: "story" });
    try {
      const [relayer, payer, maker, bank, ...operators] = await connection.ethers.getSigners();
      if (!relayer || !payer || !maker || !bank) throw new Error("too few accounts");
      const members = operators.slice(0, 3).map((operator) => operator.address);
      const deployed = await deploy(connection, {
        OracleCommittee: { members, threshold: 2 },
        TokenisedDeposit: { name: "Deposit", symbol: "DEP", decimals: 2, admin: bank.address },
      });
      const { factory, committee, token } = deployed;
      if (committee === null || token === null) throw new Error("not all was deployed");
      expect(await AgreementFactory__factory.connect(factory, relayer).implementation()).to.equal(
        deployed.implementation,
      );
      expect(await OracleCommittee__factory.connect(committee, relayer).threshold()).to.equal(2n);
      const deposit = TokenisedDeposit__factory.connect(token, relayer);
      expect([await deposit.name(), await deposit.symbol(), await deposit.decimals()]).to.deep.equal([
        "Deposit",
        "DEP",
        2n,
      ]);
      expect(await deposit.hasRole(await deposit.DEFAULT_ADMIN_ROLE(), bank.address)).to.equal(true);

      const bindings = new Map([
        ["payer/Basic", payer.address],
        ["manufacturer/Maker", maker.address],
        ["oracle", committee],
      ]);
      const { agreement } = bindAddresses(agreementOf(SHEET), bindings);
      if (agreement === null) throw new Error("the sheet is not bound");
      const venue = { chainId: BigInt(deployed.chainId), factory, token, tokenDecimals: 2 };
      const { terms, legal, address, digest } = signable(agreement, venue);
      const contract = AgreementFactory__factory.connect(factory, relayer);
      expect(await contract.addressOf(terms)).to.equal(address);
      expect(await contract.digest(terms, legal)).to.equal(digest);
      const message = { agreement: address, terms, legal };
      const signatures = await Promise.all(
        [payer, maker].map((party) => party.signTypedData(domainOf(venue.chainId, factory), TERMS_TYPES, message)),
      );
      await (await contract.create(terms, legal, signatures)).wait();
      expect(await IOutcomeAgreement__factory.connect(address, relayer).oracle()).to.equal(committee);
    } finally {
      await connection.close();
    }
  });

  it("deploys the factory alone without parameters, and refuses parameters that are none", async () => {
    const connection = await hre.network.create({ network: "story" });
    try {
      expect(await deploy(connection, {})).to.deep.include({ committee: null, token: null });
    } finally {
      await connection.close();
    }
    expect(() => readParameters('{ "OracleCommittee": { "members": [], "threshold": 0 }, "Other": {} }')).to.throw(
      /OracleCommittee\.members.*\n.*OracleCommittee\.threshold[^]*Other/,
    );
  });
});
