/** What a command found or did, said in both ways. */

import { ChainError, refusalOf } from "../../oracle/chain/errors.ts";
import { Finding, print, printJson, UsageError } from "../output.ts";
import { plainRefusal } from "./plain.ts";
import type { Words } from "./words.ts";

export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
}

export function printAnswer({ json, lines }: Answer, asJson: boolean): void {
  if (asJson) printJson(json);
  else for (const line of lines) print(line);
}

/** Refusals of the contract become findings in plain words, faults of the network wrong input. */
export async function inPlainWords<T>(words: Words, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== null) throw new Finding(plainRefusal(refusal, words), refusal.name);
    if (error instanceof ChainError) throw new UsageError(error.message);
    throw error;
  }
}

/** A finding is part of the document that `--json` promises. */
export async function answering(asJson: boolean, act: () => Promise<Answer>): Promise<void> {
  try {
    printAnswer(await act(), asJson);
  } catch (error) {
    if (asJson && error instanceof Finding) printJson({ ok: false, refusal: error.refusal, message: error.message });
    throw error;
  }
}
