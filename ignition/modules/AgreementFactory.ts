/** The factory. It deploys the implementation of which every agreement is a clone; both have no owner. */

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

export default buildModule("AgreementFactory", (m) => ({ factory: m.contract("AgreementFactory") }));
