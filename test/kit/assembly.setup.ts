import type { TestProject } from 'vitest/node';
import { assemble } from '../../local/assembly.ts';

/** The bundles and templates of the present sources, made once for a run. */
export default async function setup(project: TestProject): Promise<void> {
  const { folder } = await assemble();
  project.provide('assembly', folder);
}
