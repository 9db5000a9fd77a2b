/** The patients of an enrolment by pseudonym, and their leaves. */

import { z } from "zod";

import { formatDay } from "../../../terms/calendar.ts";
import { proveInEnrolment } from "../../audit/proof.ts";
import type { LandedEnrolment } from "../../chain/history.ts";
import { openReports } from "../../pending.ts";
import { toHex } from "../../report/bytes.ts";
import { enrolmentHashes, enrolmentLeaf, isErased, type HeldEntry } from "../../report/enrolment.ts";
import { HASH } from "../../report/leaf.ts";
import { bytes32 } from "../../report/wire.ts";
import { Problem } from "../problem.ts";
import * as schemas from "../schemas.ts";
import type { Scene } from "../source.ts";
import { callerOf, checkAccess, pageAt, positionOf, PROBLEMS, type Routes } from "./context.ts";

const place = z.object({ cohort: z.string(), number: z.coerce.number().int().min(1) });
const AT = "/v1/cohorts/:cohort/enrolments/:number";
const tags = ["enrolments"];

export function addEnrolmentRoutes({ server, source }: Routes): void {
  const { agreement, id, patients } = source;

  async function heldAt(
    { state }: Scene,
    asked: z.infer<typeof place>,
  ): Promise<LandedEnrolment & { readonly cohort: number; readonly entries: readonly HeldEntry[] }> {
    const cohort = positionOf(agreement.cohorts, asked.cohort, "cohort");
    const landed = state.cohorts[cohort]?.enrolments.find(({ number }) => number === asked.number);
    if (landed === undefined) throw new Problem(404, `no enrolment ${asked.number} of this cohort has landed`);
    const entries = await patients.of(id, landed.root);
    if (entries.length !== landed.patients) throw new Problem(404, "this node does not hold that enrolment's patients");
    return { ...landed, cohort, entries };
  }

  server.get(
    `${AT}/patients`,
    {
      config: { resource: "pseudonyms" },
      schema: {
        summary: "The patients of an enrolment by pseudonym",
        tags,
        params: place,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(schemas.enrolledPseudonym), ...PROBLEMS },
      },
    },
    async (request) => {
      const { entries, cohort, number } = await heldAt(callerOf(request).scene, request.params);
      const { items, ...page } = pageAt(entries, request.query);
      const hashes = enrolmentHashes(items, cohort, number);
      return {
        ...page,
        items: items.map((entry, i) => ({
          patient: entry.patientKey,
          erased: isErased(entry),
          leafHash: toHex(hashes.subarray(i * HASH, (i + 1) * HASH)),
        })),
      };
    },
  );

  server.get(
    `${AT}/patients/:patient/proof`,
    {
      config: { resource: "pseudonyms" },
      schema: {
        summary: "That a patient is in an enrolment",
        tags,
        params: place.extend({ patient: bytes32 }),
        response: { 200: schemas.proof, ...PROBLEMS },
      },
    },
    async (request) => {
      const { patient } = request.params;
      const enrolment = await heldAt(callerOf(request).scene, request.params);
      const found = proveInEnrolment(enrolment.entries, enrolment, patient);
      if (found === null) throw new Problem(404, "no patient of this enrolment has that key");
      const { leafHash, root, proof } = found;
      return { patient, leafHash, root, ...proof, siblings: [...proof.siblings] };
    },
  );

  server.get(
    `${AT}/leaves`,
    {
      config: { resource: "pending leaves" },
      schema: {
        summary: "An enrolment's whole leaves, in the order of the tree",
        description:
          "To parties and the arbiter while a report on the cohort is pending: who was not enrolled is shown by two neighbours. To auditors and operators always.",
        tags,
        params: place,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(z.union([schemas.enrolmentLeaf, schemas.erasedLeaf])), ...PROBLEMS },
      },
    },
    async (request) => {
      const { scene, roles } = callerOf(request);
      const { entries, cohort, number } = await heldAt(scene, request.params);
      const isPending = openReports(agreement, scene.state).some(({ report }) => report.cohort === cohort);
      if (!isPending) checkAccess(roles, "leaves");
      const { items, ...page } = pageAt(entries, request.query);
      return {
        ...page,
        items: items.map((entry): z.infer<typeof schemas.enrolmentLeaf> | z.infer<typeof schemas.erasedLeaf> => {
          if (isErased(entry)) return { patient: entry.patientKey, erased: true, leafHash: entry.leafHash };
          const { patientKey, indexDay, blind } = enrolmentLeaf(entry, cohort, number);
          return { patient: patientKey, erased: false, indexDay: formatDay(indexDay), blind };
        }),
      };
    },
  );
}
