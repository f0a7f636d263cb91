import { fetchIdToken } from './identity/code-flow.ts';
import { people } from './identity/people.ts';
import { defaultDataDir, findRunning } from './services/running.ts';

/** `npm run token -- <person>`: prints a bearer token of the running local system and nothing else on stdout. */
async function token(person: string | undefined): Promise<string> {
  if (!people.some(({ id }) => id === person)) {
    const known = people.map(({ id }) => `  ${id}`).join('\n');
    throw new Error(
      `${person === undefined ? 'Say who' : `Nobody here is "${person}"`}: npm run token -- <person>\n${known}`,
    );
  }
  const running = findRunning(defaultDataDir());
  if (running?.issuer === undefined)
    throw new Error(
      `No Followthrough runs on ${defaultDataDir()}: start it with \`npm start\` and try again.`,
    );
  return fetchIdToken(running.issuer, String(person));
}

try {
  process.stdout.write(`${await token(process.argv[2])}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
