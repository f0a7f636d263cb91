import { randomUUID } from 'node:crypto';

/** An error as S3 answers it. */
export class ObjectError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ObjectError';
    this.status = status;
    this.code = code;
  }
}

export const denied = (message = 'Access Denied') => new ObjectError(403, 'AccessDenied', message);

export const preconditionFailed = () =>
  new ObjectError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');

export const notImplemented = (what: string) =>
  new ObjectError(501, 'NotImplemented', `The object store of this machine does not know ${what}`);

/** The body of an error answer. Source: "Error responses" of the S3 API reference. */
export function errorXml({ code, message }: ObjectError, resource: string): string {
  const parts = { Code: code, Message: message, Resource: resource, RequestId: randomUUID() };
  const inner = Object.entries(parts).map(([name, value]) => element(name, value));
  return document(`<Error>${inner.join('')}</Error>`);
}

export const document = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${inner}`;

export const element = (name: string, text: string) => `<${name}>${escaped(text)}</${name}>`;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The texts of every element of a name in a small document, entities resolved. */
export function textsOf(xml: string, name: string): string[] {
  const found = xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'));
  return [...found].map(([, text = '']) => unescaped(text));
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name: string) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return entities[name] ?? whole;
  });
}
