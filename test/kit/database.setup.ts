import type { TestProject } from 'vitest/node';
import { startDatabase } from './dynamodb.ts';

/** One DynamoDB Local for a whole run: each test file makes tables of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabase();
  project.provide('dynamodb', database.url);
  return database.stop;
}
