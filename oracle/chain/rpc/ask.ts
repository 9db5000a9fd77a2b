/**
 * Asks one server, or several of which a quorum must give the same answer. Faults are retried: every question may be
 * asked twice, and a signed transaction handed over twice is the same transaction.
 */

import { essenceOf } from "./agreed.ts";
import { RpcFault, type Endpoint, type RpcAnswer } from "./endpoint.ts";

export interface AskOptions {
  /** How many servers must give the same answer. */
  readonly quorum: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export type AskChain = (method: string, params: readonly unknown[]) => Promise<RpcAnswer>;

/** Times that a question is asked, and the milliseconds before the second; they double from then on. */
const TRIES = 4;
const FIRST_WAIT = 150;
const LONGEST_WAIT = 5_000;

/** Questions to which honest servers may answer differently: of a quorum's answers the middle one counts. */
const ESTIMATES = new Set(["eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_estimateGas"]);

/** @throws RpcFault from what it returns, when the servers fail or disagree after all tries */
export function askChain(endpoints: readonly Endpoint[], { quorum, sleep }: AskOptions): AskChain {
  if (quorum < 1 || quorum > endpoints.length) {
    throw new RangeError(`a quorum of ${quorum} among ${endpoints.length} servers`);
  }

  async function askOnce(method: string, params: readonly unknown[]): Promise<RpcAnswer> {
    const [only, second] = endpoints;
    if (only !== undefined && second === undefined) return only.ask(method, params);
    if (method === "eth_sendRawTransaction") return handOver(endpoints, params);
    if (ESTIMATES.has(method)) return middleOf(endpoints, quorum, method, params);
    if (method === "eth_blockNumber") return { type: "result", result: toHex(await commonHead(endpoints, quorum)) };
    // Servers are not at the same block at the same moment: all are asked about one that a quorum has.
    const pinned = params.includes("latest") ? toHex(await commonHead(endpoints, quorum)) : null;
    const asked = pinned === null ? params : params.map((param) => (param === "latest" ? pinned : param));
    return agree(endpoints, quorum, method, asked);
  }

  return async (method, params) => {
    for (let i = 1; ; i++) {
      try {
        return await askOnce(method, params);
      } catch (error) {
        if (!(error instanceof RpcFault) || i === TRIES) throw error;
        await sleep(Math.min(error.retryAfter ?? FIRST_WAIT * 2 ** (i - 1), LONGEST_WAIT));
      }
    }
  };
}

const toHex = (amount: bigint): string => `0x${amount.toString(16)}`;

/** The first answer that a quorum gives. */
async function agree(
  endpoints: readonly Endpoint[],
  quorum: number,
  method: string,
  params: readonly unknown[],
): Promise<RpcAnswer> {
  const counts = new Map<string, number>();
  const faults: string[] = [];
  return new Promise((resolve, reject) => {
    let open = endpoints.length;
    const close = (): void => {
      open -= 1;
      if (open > 0) return;
      const found = counts.size === 0 ? faults.join("; ") : `${counts.size} different answers, ${faults.length} faults`;
      reject(new RpcFault(`${method}: ${quorum} of ${endpoints.length} servers must agree: ${found}`));
    };
    for (const endpoint of endpoints) {
      endpoint.ask(method, params).then(
        (answer) => {
          const essence = essenceOf(method, answer);
          const count = (counts.get(essence) ?? 0) + 1;
          counts.set(essence, count);
          if (count >= quorum) resolve(answer);
          close();
        },
        (error: unknown) => {
          faults.push(messageOf(error));
          close();
        },
      );
    }
  });
}

/** The highest block that a quorum of servers has. */
async function commonHead(endpoints: readonly Endpoint[], quorum: number): Promise<bigint> {
  const answers = await Promise.allSettled(endpoints.map((endpoint) => endpoint.ask("eth_blockNumber", [])));
  const heads = answers.flatMap((answer) => {
    if (answer.status === "rejected" || answer.value.type === "refusal") return [];
    const { result } = answer.value;
    return typeof result === "string" && /^0x[0-9a-f]{1,16}$/i.test(result) ? [BigInt(result)] : [];
  });
  const head = heads.sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))[quorum - 1];
  if (head !== undefined) return head;
  const faults = answers.flatMap((answer) => (answer.status === "rejected" ? [messageOf(answer.reason)] : []));
  throw new RpcFault(`eth_blockNumber: ${heads.length} servers answered, ${quorum} must: ${faults.join("; ")}`);
}

/** Every server gets the transaction: one that takes it is enough. */
async function handOver(endpoints: readonly Endpoint[], params: readonly unknown[]): Promise<RpcAnswer> {
  const answers = await Promise.allSettled(endpoints.map((endpoint) => endpoint.ask("eth_sendRawTransaction", params)));
  const given = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const found = given.find(({ type }) => type === "result") ?? given[0];
  if (found !== undefined) return found;
  const [first] = answers;
  throw first?.status === "rejected" ? first.reason : new RpcFault("no server");
}

/** Of the first answers that make a quorum the middle one, the lower of two: no server alone can make gas dear. */
async function middleOf(
  endpoints: readonly Endpoint[],
  quorum: number,
  method: string,
  params: readonly unknown[],
): Promise<RpcAnswer> {
  const answers: RpcAnswer[] = [];
  const faults: string[] = [];
  await new Promise<void>((resolve) => {
    for (const endpoint of endpoints) {
      void endpoint
        .ask(method, params)
        .then((answer) => answers.push(answer))
        .catch((error: unknown) => faults.push(messageOf(error)))
        .then(() => {
          if (answers.length >= quorum || answers.length + faults.length === endpoints.length) resolve();
        });
    }
  });
  if (answers.length < quorum) {
    throw new RpcFault(`${method}: ${answers.length} servers answered, ${quorum} must: ${faults.join("; ")}`);
  }
  const amounts = answers.flatMap((answer) => (isAmount(answer) ? [BigInt(answer.result)] : []));
  const refusal = answers.find(({ type }) => type === "refusal");
  if (refusal !== undefined && amounts.length * 2 <= answers.length) return refusal;
  const middle = amounts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[Math.floor((amounts.length - 1) / 2)];
  if (middle === undefined) throw new RpcFault(`${method}: no server answered with an amount`);
  return { type: "result", result: toHex(middle) };
}

function isAmount(answer: RpcAnswer): answer is { type: "result"; result: string } {
  return answer.type === "result" && typeof answer.result === "string" && /^0x[0-9a-f]{1,64}$/i.test(answer.result);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
