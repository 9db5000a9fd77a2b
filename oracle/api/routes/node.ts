/** The node itself: whether it can do its work, and what it could not use. */

import { formatDay } from "../../../terms/calendar.ts";
import * as schemas from "../schemas.ts";
import { callerOf, pageAt, PROBLEMS, type Routes } from "./context.ts";

const tags = ["node"];

export function addNodeRoutes({ server, source }: Routes): void {
  server.get(
    "/v1/status",
    {
      config: { resource: "status" },
      schema: { summary: "The node", tags, response: { 200: schemas.status, ...PROBLEMS } },
    },
    async (request) => {
      const { state } = callerOf(request).scene;
      const reading = source.lastReading();
      return {
        operator: source.operator,
        code: source.code,
        today: formatDay(state.today),
        block: state.block,
        checks: (await source.checks()).map((check) => ({ ...check })),
        records:
          reading === null
            ? null
            : {
                asOf: formatDay(reading.asOfDay),
                snapshot: reading.snapshot,
                patients: reading.patients,
                rejected: reading.rejected.length,
              },
      };
    },
  );
  server.get(
    "/v1/rejects",
    {
      config: { resource: "rejects" },
      schema: {
        summary: "Resources that the last reading could not use",
        tags,
        querystring: schemas.pageQuery,
        response: { 200: schemas.pageOf(schemas.rejected), ...PROBLEMS },
      },
    },
    (request) => {
      const { items, ...page } = pageAt(source.lastReading()?.rejected ?? [], request.query);
      return {
        ...page,
        items: items.map(({ file, line, resource, reason }) => ({ file, line, resource, reason })),
      };
    },
  );
}
