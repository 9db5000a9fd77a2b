/** What is measured on a chain in this process, which starts only when asked for. */

import type { Bench } from "./bench.ts";

export const life: Bench = {
  name: "life",
  title: "Gas: the whole life of an agreement",
  run: async (note) => (await import("./gas/life.ts")).measure(note),
};

export const patients: Bench = {
  name: "patients",
  title: "Gas: beside systems that settle patient by patient",
  run: async (note) => (await import("./gas/patients.ts")).measure(note),
};

export const cohorts: Bench = {
  name: "cohorts",
  title: "Gas: beside systems that settle a cohort at once",
  run: async (note) => (await import("./gas/cohorts.ts")).measure(note),
};

export const floor: Bench = {
  name: "floor",
  title: "Gas: how far a report is from the least that it can cost",
  run: async (note) => (await import("./gas/floor.ts")).measure(note),
};
