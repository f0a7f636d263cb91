import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

type Conformance = { present: true; path: string } | { present: false; notice: string };

/**
 * Where a file or folder of the shared conformance data stands. It is read there and never copied: the
 * folder is beside the repository, or where `CONFORMANCE_DIR` says. Where it is missing a test skips and
 * gives `notice` as the reason, unless `CI` or `REQUIRE_CONFORMANCE` is set: then this throws.
 */
export function conformance(name: string): Conformance {
  const folder =
    process.env['CONFORMANCE_DIR'] ?? resolve(import.meta.dirname, '../../../shared/conformance');
  const path = resolve(folder, name);
  if (existsSync(path)) return { present: true, path };
  const notice = `conformance data is missing: ${path} (CONFORMANCE_DIR names another folder)`;
  if (process.env['CI'] || process.env['REQUIRE_CONFORMANCE']) throw new Error(notice);
  return { present: false, notice };
}
