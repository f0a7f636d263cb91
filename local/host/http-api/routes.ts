/** A route of an HTTP API: `POST /v1/things/{id}`, `ANY /{proxy+}` or `$default`, and what answers it. */
export interface Route<Target> {
  key: string;
  target: Target;
}

export interface Match<Target> {
  route: Route<Target>;
  pathParameters: Record<string, string> | undefined;
}

export type Router<Target> = (method: string, path: string) => Match<Target> | undefined;

interface Compiled<Target> {
  route: Route<Target>;
  method: string;
  segments: Segment[];
}

type Segment = { kind: 'static' | 'variable' | 'greedy'; text: string };

const rank = { static: 0, variable: 1, greedy: 2 };

/**
 * Chooses as an HTTP API does: a full match before a greedy one, then the most specific path (static before variable
 * before greedy, from the left), then the method before `ANY`, `$default` last. Source: "Working with routes" of the API Gateway guide.
 */
export function makeRouter<Target>(routes: readonly Route<Target>[]): Router<Target> {
  const fallback = routes.find((route) => route.key === '$default');
  const compiled = routes.filter((route) => route !== fallback).map(compile);
  compiled.sort(moreSpecific);
  return (method, path) => {
    const parts = split(path);
    for (const candidate of compiled) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue;
      const values = matchSegments(candidate.segments, parts);
      if (values) {
        const pathParameters = Object.keys(values).length > 0 ? values : undefined;
        return { route: candidate.route, pathParameters };
      }
    }
    return fallback && { route: fallback, pathParameters: undefined };
  };
}

function compile<Target>(route: Route<Target>): Compiled<Target> {
  const [method = '', path = ''] = route.key.split(' ');
  const segments = split(path).map((text): Segment => {
    if (text.startsWith('{') && text.endsWith('+}')) return { kind: 'greedy', text: text.slice(1, -2) };
    if (text.startsWith('{')) return { kind: 'variable', text: text.slice(1, -1) };
    return { kind: 'static', text };
  });
  return { route, method, segments };
}

function moreSpecific<Target>(a: Compiled<Target>, b: Compiled<Target>): number {
  const greedy = Number(isGreedy(a)) - Number(isGreedy(b));
  if (greedy !== 0) return greedy;
  const length = Math.max(a.segments.length, b.segments.length);
  for (let i = 0; i < length; i++) {
    // A path that ends here and one that goes on never match the same request, unless by a greedy segment.
    const left = rank[a.segments[i]?.kind ?? 'static'];
    const right = rank[b.segments[i]?.kind ?? 'static'];
    if (left !== right) return left - right;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function isGreedy({ segments }: Compiled<unknown>): boolean {
  return segments.at(-1)?.kind === 'greedy';
}

function matchSegments(segments: Segment[], parts: string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (let i = 0; i < segments.length; i++) {
    const { kind, text } = segments[i] as Segment;
    const part = parts[i];
    if (part === undefined || part === '') return undefined;
    if (kind === 'greedy') {
      values[text] = decode(parts.slice(i).join('/'));
      return values;
    }
    if (kind === 'variable') values[text] = decode(part);
    else if (part !== text) return undefined;
  }
  return parts.length === segments.length ? values : undefined;
}

function split(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** Percent-decoded; as it is where it cannot be. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
