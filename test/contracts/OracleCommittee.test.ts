import { p256 } from "@noble/curves/p256";
import { expect } from "chai";
import { Signature, Wallet, concat, hexlify, id, toBeHex, type BytesLike, type HDNodeWallet } from "ethers";
import { network } from "hardhat";
