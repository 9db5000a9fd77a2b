/**
 * Deploys to a Hardhat network: `hardhat run scripts/deploy.ts --network named`.
 *
 * The factory always; a committee and a deposit token when the file that OUTCOMEPAY_PARAMETERS names has parameters for
 * them, in Ignition's form: `{ "OracleCommittee": { "members": […], "threshold": 3 }, "TokenisedDeposit": { … } }`.
 * Ignition keeps a journal in `ignition/deployments/`: run again, it goes on where it stopped. No key is written anywhere.
 */

import { readFileSync } from "node:fs";

import hre from "hardhat";

import { deploy, readParameters } from "./deploy/deploy.ts";

const file = process.env["OUTCOMEPAY_PARAMETERS"];
const parameters = file === undefined ? {} : readParameters(readFileSync(file, "utf8"));
const connection = await hre.network.create();
try {
  console.log(JSON.stringify(await deploy(connection, parameters), null, 2));
} finally {
  await connection.close();
}
