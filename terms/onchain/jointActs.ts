/** What all parties sign together, as EIP-712 messages: twins of `contracts/libraries/Messages.sol`, which a test holds them to. */

import type { TypedDataField } from "ethers";

/** No more enrolment. `number` is one more than the acts so far, `lastDay` the last day on which the act can be sent. */
export interface Termination {
  number: number;
  lastDay: number;
}

/** Of free balance between accounts, in minor units. */
export interface Movement {
  /** 255: tokens that belong to no account. */
  from: number;
  to: number;
  amount: bigint;
}

export interface Release {
  number: number;
  movements: Movement[];
  lastDay: number;
}

/** The zero address leaves a role as it is. */
export interface Appointment {
  number: number;
  oracle: string;
  arbiter: string;
  lastDay: number;
}

/** Outstanding patients of a clause settled at a total; 0 patients for a wager, which is settled whole. */
export interface Compromise {
  clause: number;
  cohort: number;
  number: number;
  patients: number;
  total: bigint;
  lastDay: number;
}

/** By the function of the agreement that takes it. */
export interface JointActs {
  terminate: Termination;
  release: Release;
  appoint: Appointment;
  agree: Compromise;
}

const fields = (text: string): TypedDataField[] =>
  text.split(", ").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });

export const JOINT_TYPES: Record<keyof JointActs, Record<string, TypedDataField[]>> = {
  terminate: { Termination: fields("uint32 number, uint32 lastDay") },
  release: {
    Release: fields("uint32 number, Movement[] movements, uint32 lastDay"),
    Movement: fields("uint8 from, uint8 to, uint128 amount"),
  },
  appoint: { Appointment: fields("uint32 number, address oracle, address arbiter, uint32 lastDay") },
  agree: {
    Compromise: fields("uint16 clause, uint16 cohort, uint32 number, uint32 patients, int128 total, uint32 lastDay"),
  },
};
