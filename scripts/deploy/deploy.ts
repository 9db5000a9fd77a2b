/** What a deployment consists of. */

import type { NetworkConnection } from "hardhat/types/network";
import { z } from "zod";

import AgreementFactoryModule from "../../ignition/modules/AgreementFactory.ts";
import OracleCommitteeModule from "../../ignition/modules/OracleCommittee.ts";
import TokenisedDepositModule from "../../ignition/modules/TokenisedDeposit.ts";

const parametersSchema = z.strictObject({
  OracleCommittee: z.strictObject({ members: z.array(z.string()).min(1), threshold: z.int().min(1) }).optional(),
  TokenisedDeposit: z
    .strictObject({ name: z.string(), symbol: z.string(), decimals: z.int().min(0).max(18), admin: z.string() })
    .optional(),
});

/** Ignition's parameters by module. A module without any is not deployed, the factory excepted. */
export type Parameters = z.infer<typeof parametersSchema>;

export interface Deployed {
  readonly chainId: string;
  readonly factory: string;
  readonly implementation: string;
  /** Null when not deployed. */
  readonly committee: string | null;
  readonly token: string | null;
}

/** @throws Error naming every parameter that is wrong */
export function readParameters(json: string): Parameters {
  const read = parametersSchema.safeParse(JSON.parse(json));
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}

export async function deploy(connection: NetworkConnection, parameters: Parameters): Promise<Deployed> {
  const { ignition, ethers } = connection;
  const { OracleCommittee, TokenisedDeposit } = parameters;
  const { factory } = await ignition.deploy(AgreementFactoryModule);
  const committee =
    OracleCommittee && (await ignition.deploy(OracleCommitteeModule, { parameters: { OracleCommittee } })).committee;
  const token =
    TokenisedDeposit && (await ignition.deploy(TokenisedDepositModule, { parameters: { TokenisedDeposit } })).token;
  const { chainId } = await ethers.provider.getNetwork();
  return {
    chainId: chainId.toString(),
    factory: await factory.getAddress(),
    implementation: (await factory.getFunction("implementation")()) as string,
    committee: committee === undefined ? null : await committee.getAddress(),
    token: token === undefined ? null : await token.getAddress(),
  };
}
