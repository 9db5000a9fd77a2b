import type { NetworkHooks } from "hardhat/types/hooks";

import { state, tell } from "./switch.ts";

/** Keeps the switch of mutants set on every chain. Hardhat asks for hooks by a default export. */
export default (): Promise<Partial<NetworkHooks>> =>
  Promise.resolve({
    async newConnection(context, next) {
      const connection = await next(context);
      state.connections.add(connection);
      await tell(connection);
      return connection;
    },

    async closeConnection(context, connection, next) {
      state.connections.delete(connection);
      await next(context, connection);
    },

    async onRequest(context, connection, request, next) {
      const response = await next(context, connection, request);
      if (request.method === "evm_revert") await tell(connection);
      return response;
    },

    // That there is a collector of coverage also lifts the chain's limits on code and gas.
    onCoverageData(_context, tags) {
      for (const tag of tags) state.reached.add(Number(BigInt(`0x${tag}`)));
      return Promise.resolve();
    },
  });
