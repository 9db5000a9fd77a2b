/** Schema of a `kind: fhir-server` source: what any FHIR source says, and where the server is. */

import { z } from "zod";

import { fhirShared } from "../fhir/config.ts";
import { checkServer, SERVER_SHAPE } from "./settings.ts";

const { path: _path, ...reading } = fhirShared;

export const fhirServer = z
  .strictObject({ kind: z.literal("fhir-server"), ...reading, ...SERVER_SHAPE })
  .superRefine(checkServer);

export type FhirServerConfig = z.infer<typeof fhirServer>;
