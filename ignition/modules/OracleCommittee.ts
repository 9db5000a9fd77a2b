/**
 * An oracle of several operators.
 *
 * Parameters: `members`, each 20 bytes of an address, or a verifier's address followed by its key; `threshold`, how many
 * of them a report needs.
 */

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

export default buildModule("OracleCommittee", (m) => {
  const members = m.getParameter<string[]>("members");
  const threshold = m.getParameter<number>("threshold");
  return { committee: m.contract("OracleCommittee", [members, threshold]) };
});
