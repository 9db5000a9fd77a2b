/** What one operator asks another: forget this patient, and put this in her place. */

import { z } from "zod";

import { agreementSchema, readJson } from "../endorse/request.ts";
import type { Hex } from "../report/bytes.ts";
import type { AgreementId } from "../report/messages.ts";
import { bytes32, toJson, uint16, uint32 } from "../report/wire.ts";
import type { ErasurePlace } from "./place.ts";

export interface EraseRequest {
  readonly agreement: AgreementId;
  /** Hers. Sent, and kept by nobody. */
  readonly patientKey: Hex;
  /** Null when no enrolment with her landed. */
  readonly place: ErasurePlace | null;
}

/** What an operator answers. */
export type EraseAnswer =
  | ErasedHere
  /** It can't be done yet; asked again later it can. */
  | { readonly status: "waiting"; readonly reason: string }
  /** The request is not one that can ever be met. */
  | { readonly status: "refused"; readonly reason: string };

export interface ErasedHere {
  readonly status: "erased";
  /** Whether anything of her was held. */
  readonly held: boolean;
  /** Reports of which her part can no longer be recomputed by this operator. */
  readonly reports: readonly { readonly clause: number; readonly cohort: number; readonly number: number }[];
}

const placeSchema: z.ZodType<ErasurePlace> = z.strictObject({
  cohort: uint16,
  number: uint32,
  root: bytes32,
  position: uint32,
  patientKey: bytes32,
  salt: bytes32,
});

const requestSchema: z.ZodType<EraseRequest> = z.strictObject({
  agreement: agreementSchema,
  patientKey: bytes32,
  place: placeSchema.nullable(),
});

const answerSchema: z.ZodType<EraseAnswer> = z.discriminatedUnion("status", [
  z.strictObject({
    status: z.literal("erased"),
    held: z.boolean(),
    reports: z.array(z.strictObject({ clause: uint16, cohort: uint16, number: uint32 })),
  }),
  z.strictObject({ status: z.literal("waiting"), reason: z.string() }),
  z.strictObject({ status: z.literal("refused"), reason: z.string() }),
]);

/** @throws MalformedRequest */
export const readEraseRequest = (json: string): EraseRequest => readJson(requestSchema, json);

/** @throws MalformedRequest */
export const readEraseAnswer = (json: string): EraseAnswer => readJson(answerSchema, json);

/** @throws MalformedRequest */
export const readErasurePlace = (json: string): ErasurePlace => readJson(placeSchema, json);

export const writeErase = (document: EraseRequest | EraseAnswer | ErasurePlace): string => toJson(document);
