/** What all parties sign together, as EIP-712 types: twins of `contracts/libraries/Messages.sol`. */

import type { TypedDataField } from "ethers";

export interface Termination {
  number: number;
  lastDay: number;
}

export interface Movement {
  from: number;
  to: number;
  amount: bigint;
}

export interface Release {
  number: number;
  movements: Movement[];
  lastDay: number;
}

export interface Appointment {
  number: number;
  oracle: string;
  arbiter: string;
  lastDay: number;
}

export interface Compromise {
  clause: number;
  cohort: number;
  number: number;
  patients: number;
  total: bigint;
  lastDay: number;
}

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
