import type { Readable } from 'node:stream';

export type Log = (line: string) => void;

/**
 * Passes what a function prints to the host's log, line by line: structured lines (JSON objects) as they
 * are, others with the function's name in front.
 */
export function forwardLines(stream: Readable, name: string, log: Log): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) forward(line, name, log);
  });
  stream.on('end', () => rest && forward(rest, name, log));
}

function forward(line: string, name: string, log: Log): void {
  log(line.startsWith('{') && line.endsWith('}') ? line : `${name}: ${line}`);
}
