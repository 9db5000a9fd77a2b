import hre from "hardhat";

/** A test that measures gas: left out under coverage, whose instrumentation costs gas itself. */
export const itMeasures = hre.globalOptions.coverage ? it.skip : it;
