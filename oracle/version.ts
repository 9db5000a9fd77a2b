/** Which program computed a report: kept with its evidence. */

import manifest from "../package.json" with { type: "json" };

/** The program's version and that of the Node that ran it. */
export const CODE_VERSION = `${manifest.name} ${manifest.version}, Node ${process.versions.node}`;
