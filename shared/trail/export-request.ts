import * as z from 'zod/mini';
import { EXPORT_FORMATS } from './export-manifest.ts';

/** What is asked of an export: a query by the parameters of the list of entries, a format, and the size of the log that is meant. */
export const requestExport = z.strictObject({
  query: z.optional(
    z.record(z.string(), z.union([z.string().check(z.maxLength(200)), z.int().check(z.gte(0))])),
  ),
  format: z.enum(EXPORT_FORMATS),
  checkpoint: z.optional(z.int().check(z.gte(0))),
});
