/**
 * An escrow bank's deposit money.
 *
 * Parameters: `name`, `symbol`; `decimals`, the currency's; `admin`, who grants the bank's roles: an address of the bank.
 */

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

export default buildModule("TokenisedDeposit", (m) => {
  const name = m.getParameter<string>("name");
  const symbol = m.getParameter<string>("symbol");
  const decimals = m.getParameter<number>("decimals", 2);
  const admin = m.getParameter<string>("admin");
  return { token: m.contract("TokenisedDeposit", [name, symbol, decimals, admin]) };
});
