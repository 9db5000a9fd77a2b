/** What several servers must agree on, when their answers to one question are compared. */

import type { RpcAnswer } from "./endpoint.ts";

const LOG = ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex"] as const;
const RECEIPT = ["transactionHash", "blockHash", "blockNumber", "status", "from", "to"] as const;
const BLOCK = ["hash", "number", "timestamp", "baseFeePerGas", "transactions"] as const;

/** Text that is equal for two answers that say the same; programs of different makers add different fields to it. */
export function essenceOf(method: string, answer: RpcAnswer): string {
  if (answer.type === "refusal") {
    const { data } = answer.refusal;
    // The words differ from maker to maker, the returned data do not.
    return `refusal ${typeof data === "string" ? data.toLowerCase() : ""}`;
  }
  return JSON.stringify(essence(method, answer.result) ?? null).toLowerCase();
}

function essence(method: string, result: unknown): unknown {
  switch (method) {
    case "eth_getLogs":
      return Array.isArray(result) ? result.map((log) => pick(log, LOG)) : result;
    case "eth_getTransactionReceipt": {
      const { logs } = (result ?? {}) as { logs?: unknown };
      return [pick(result, RECEIPT), Array.isArray(logs) ? logs.map((log) => pick(log, LOG)) : null];
    }
    case "eth_getBlockByNumber":
    case "eth_getBlockByHash":
      return pick(result, BLOCK);
    default:
      return result;
  }
}

function pick(value: unknown, fields: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  return fields.map((field) => (value as Record<string, unknown>)[field] ?? null);
}
