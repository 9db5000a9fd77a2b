/** Reports: what landed, and by pseudonym what stands behind it. */

import { z } from "zod";

import { formatDay } from "../../../terms/calendar.ts";
import type { Agreement } from "../../../terms/model.ts";
import { proveInReport } from "../../audit/proof.ts";
import { landedReports } from "../../audit/audit.ts";
import type { LandedReport } from "../../chain/history.ts";
import { bytes32 } from "../../report/wire.ts";
import { HASH, hashHeldLeaves, isErasedLeaf } from "../../report/leaf.ts";
import { toHex } from "../../report/bytes.ts";
import type { HeldLeaf, HeldReport } from "../../store/reports.ts";
import { evidenceClasses } from "../evidence.ts";
import { Problem } from "../problem.ts";
import * as schemas from "../schemas.ts";
import { callerOf, checkAccess, landedAt, pageAt, positionOf, PROBLEMS, type Routes } from "./context.ts";

const place = z.object({ clause: z.string(), cohort: z.string(), number: z.coerce.number().int().min(1) });
const filter = z.object({ clause: z.string().optional(), cohort: z.string().optional() });
const AT = "/v1/reports/:clause/:cohort/:number";
const tags = ["reports"];

export function addReportRoutes({ server, source }: Routes): void {
  const { agreement, id, reports } = source;

  async function heldAt(landed: LandedReport): Promise<HeldReport> {
    const held = await reports.of(id, landed.report.root);
    if (held !== null) return held;
    throw new Problem(404, "this node did not compute that report; another operator's may hold its leaves");
  }

  server.get(
    "/v1/reports",
    {
      config: { resource: "reports" },
      schema: {
        summary: "Reports that landed, of a clause or a cohort if one is named",
        tags,
        querystring: filter,
        response: { 200: z.array(schemas.report), ...PROBLEMS },
      },
    },
    (request) => {
      const { clause, cohort } = request.query;
      const asked = {
        ...(clause === undefined ? {} : { clause: positionOf(agreement.clauses, clause, "clause") }),
        ...(cohort === undefined ? {} : { cohort: positionOf(agreement.cohorts, cohort, "cohort") }),
      };
      return landedReports(agreement, callerOf(request).scene.state, asked).map((it) => reportDocument(it, agreement));
    },
  );

  server.get(
    AT,
    {
      config: { resource: "reports" },
      schema: {
        summary: "A report, with why patients were not evaluable",
        tags,
        params: place,
        response: { 200: schemas.reportDetail, ...PROBLEMS },
      },
    },
    async (request) => {
      const landed = landedAt(agreement, callerOf(request).scene.state, request.params);
      const held = await reports.of(id, landed.report.root);
      return { ...reportDocument(landed, agreement), computed: held === null ? null : computedDocument(held) };
    },
  );

  server.get(
    `${AT}/patients`,
    {
      config: { resource: "pseudonyms" },
      schema: {
        summary: "The patients of a report by pseudonym",
        tags,
        params: place,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(schemas.pseudonym), ...PROBLEMS },
      },
    },
    async (request) => {
      const { leaves } = await heldAt(landedAt(agreement, callerOf(request).scene.state, request.params));
      const { items, ...page } = pageAt(leaves, request.query);
      const hashes = hashHeldLeaves(items);
      return {
        ...page,
        items: items.map((leaf, i) => ({
          patient: leaf.patientKey,
          erased: isErasedLeaf(leaf),
          tier: isErasedLeaf(leaf) ? null : leaf.tier,
          evidence: isErasedLeaf(leaf) ? [] : evidenceClasses(leaf.evidence),
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
        summary: "That a patient's leaf is in a report",
        tags,
        params: place.extend({ patient: bytes32 }),
        response: { 200: schemas.proof, ...PROBLEMS },
      },
    },
    async (request) => {
      const landed = landedAt(agreement, callerOf(request).scene.state, request.params);
      const { patient } = request.params;
      const found = proveInReport((await heldAt(landed)).leaves, landed.report.root, patient);
      if (found === null) throw new Problem(404, "no patient of this report has that key");
      const { leafHash, root, proof } = found;
      return { patient, leafHash, root, ...proof, siblings: [...proof.siblings] };
    },
  );

  server.get(
    `${AT}/leaves`,
    {
      config: { resource: "pending leaves" },
      schema: {
        summary: "A report's whole leaves, in the order of the tree",
        description: "To parties and the arbiter while the report is pending, to auditors and operators always.",
        tags,
        params: place,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(z.union([schemas.leaf, schemas.erasedLeaf])), ...PROBLEMS },
      },
    },
    async (request) => {
      const { scene, roles } = callerOf(request);
      const landed = landedAt(agreement, scene.state, request.params);
      if (landed.standing !== "open") checkAccess(roles, "leaves");
      const { items, ...page } = pageAt((await heldAt(landed)).leaves, request.query);
      return { ...page, items: items.map(leafDocument) };
    },
  );

  server.get(
    `${AT}/evidence`,
    {
      config: { resource: "evidence" },
      schema: {
        summary: "The resources behind each patient of a report",
        tags,
        params: place,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(schemas.evidence), ...PROBLEMS },
      },
    },
    async (request) => {
      const { leaves } = await heldAt(landedAt(agreement, callerOf(request).scene.state, request.params));
      const { items, ...page } = pageAt(leaves, request.query);
      return {
        ...page,
        items: items.map((leaf) => {
          const { patientKey: patient } = leaf;
          if (isErasedLeaf(leaf)) return { patient, erased: true, resources: [], reason: null };
          return { patient, erased: false, resources: [...leaf.evidence], reason: leaf.reason };
        }),
      };
    },
  );
}

const STANDINGS = { open: "pending", settled: "settled", void: "void" } as const;

function reportDocument(landed: LandedReport, { clauses, cohorts }: Agreement): z.infer<typeof schemas.report> {
  const { kind, block, standing, report } = landed;
  const { clause, cohort, number, asOfDay, root } = report;
  return {
    clause: clauses[clause]?.id ?? "",
    cohort: cohorts[cohort]?.id ?? "",
    number,
    kind,
    asOf: formatDay(asOfDay),
    block,
    standing: STANDINGS[standing],
    root,
    tallies:
      kind === "milestone"
        ? landed.report.tallies.map(({ patients, sum }) => ({ patients, sum: sum.toString() }))
        : null,
    notEvaluable: kind === "milestone" ? landed.report.notEvaluable : null,
    value: kind === "wager" && landed.report.evaluable ? landed.report.value.toString() : null,
  };
}

function computedDocument({ leaves, snapshot, rules, code }: HeldReport) {
  const reasons: Record<string, number> = {};
  for (const leaf of leaves) {
    if (!isErasedLeaf(leaf) && leaf.reason !== null) reasons[leaf.reason] = (reasons[leaf.reason] ?? 0) + 1;
  }
  return { patients: leaves.length, snapshot, rules, code, reasons };
}

function leafDocument(leaf: HeldLeaf): z.infer<typeof schemas.leaf> | z.infer<typeof schemas.erasedLeaf> {
  const { patientKey: patient } = leaf;
  if (isErasedLeaf(leaf)) return { patient, erased: true, leafHash: leaf.leafHash };
  const { tier, batch, value, runningSum, blind } = leaf;
  return { patient, erased: false, tier, batch, value: value.toString(), runningSum: runningSum.toString(), blind };
}
