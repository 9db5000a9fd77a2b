import hre from "hardhat";

/** Directly below contracts/: what is deployed. Bases, libraries, interfaces and mocks stand in folders of their own. */
const DEPLOYABLE = /^contracts\/[^/]+\.sol:/;

export type Deployable = Awaited<ReturnType<typeof hre.artifacts.readArtifact>>;

/** Every contract of ours that is deployed, by name. */
export async function deployables(): Promise<Deployable[]> {
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter((name) => DEPLOYABLE.test(name)).sort();
  return Promise.all(names.map((name) => hre.artifacts.readArtifact(name)));
}
