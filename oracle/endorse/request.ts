/** What one operator asks another: endorse this message, which I computed from these records as of this day. */

import { getAddress, isAddress } from "ethers";
import { z } from "zod";

import type { Day } from "../../terms/model.ts";
import type { HeldEnrolment } from "./client.ts";
import type { Hex } from "../report/bytes.ts";
import type { EnrolmentEntry } from "../report/enrolment.ts";
import type { AgreementId, OracleMessage } from "../report/messages.ts";
import { bytes32, messageSchema, toJson, uint16, uint32 } from "../report/wire.ts";

export interface EndorseRequest {
  readonly agreement: AgreementId;
  readonly content: OracleMessage;
  /** What is to be signed; follows from the two above and is checked. */
  readonly digest: Hex;
  /** The day that the records are looked at from. */
  readonly asOfDay: Day;
  /** Names the set of records. */
  readonly snapshot: string;
  /** The patients of an enrolment with the salts that the proposer drew; empty for a report. */
  readonly entries: readonly EnrolmentEntry[];
}

/** Asks for the patients of an enrolment that landed while this operator's node was away. */
export interface EntriesRequest {
  readonly agreement: AgreementId;
  readonly cohort: number;
  readonly number: number;
  readonly root: Hex;
}

export const agreementSchema = z.strictObject({
  chainId: z
    .string()
    .regex(/^[1-9][0-9]{0,30}$/)
    .transform((text) => BigInt(text)),
  address: z
    .string()
    .refine((text) => isAddress(text), "expected an address")
    .transform((text) => getAddress(text)),
});

const entrySchema = z.strictObject({ patientKey: bytes32, indexDay: uint32, salt: bytes32 });

/** Reads a request that is JSON already. */
export const endorseRequestSchema: z.ZodType<EndorseRequest> = z.strictObject({
  agreement: agreementSchema,
  content: messageSchema,
  digest: bytes32,
  asOfDay: uint32,
  snapshot: z.string().max(200),
  entries: z.array(entrySchema),
});

const entriesSchema: z.ZodType<EntriesRequest> = z.strictObject({
  agreement: agreementSchema,
  cohort: uint16,
  number: uint32,
  root: bytes32,
});

const erasedSchema = z.strictObject({ patientKey: bytes32, salt: bytes32, leafHash: bytes32 });

const enrolmentSchema: z.ZodType<HeldEnrolment> = z.strictObject({
  entries: z.array(z.union([entrySchema, erasedSchema])),
  marks: z.array(bytes32),
});

/** A request that is not what it should be: the message names path, found and expected. */
export class MalformedRequest extends Error {
  override readonly name = "MalformedRequest";
}

/** @throws MalformedRequest */
export const readEndorseRequest = (json: string): EndorseRequest => readJson(endorseRequestSchema, json);

/** @throws MalformedRequest */
export const readEntriesRequest = (json: string): EntriesRequest => readJson(entriesSchema, json);

/** @throws MalformedRequest */
export const readEnrolment = (json: string): HeldEnrolment => readJson(enrolmentSchema, json);

export const writeRequest = (request: EndorseRequest | EntriesRequest): string => toJson(request);

/** @throws MalformedRequest */
export function readJson<T>(schema: z.ZodType<T>, json: string): T {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new MalformedRequest("the body is not JSON");
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new MalformedRequest(
    result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
  );
}
