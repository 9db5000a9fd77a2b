/** The API's OpenAPI document, from the schemas that its routes answer by. */

import type { Agreement } from "../../terms/model.ts";
import { buildApiServer } from "./server.ts";

const never = (): never => {
  throw new Error("no request is made");
};

/** JSON text. The document is the same for every agreement. */
export async function openApiDocument(): Promise<string> {
  const server = await buildApiServer({
    source: {
      agreement: {} as Agreement,
      id: { chainId: 0n, address: "" },
      operator: "",
      code: "",
      scene: never,
      reports: { of: never },
      patients: { of: never },
      checks: never,
      lastReading: never,
    },
    signIn: { offer: never, accept: never },
    sessions: { open: never, read: never, close: never },
    origins: [],
    requests: 1,
    trustProxy: false,
    now: () => 0,
    onError: never,
  });
  const document = JSON.stringify(server.swagger());
  await server.close();
  return document;
}
