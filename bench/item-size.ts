import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The size of an item in bytes, by the rules of DynamoDB's guide ("DynamoDB item sizes and formats"): attribute names and strings are
 * UTF-8 bytes, a number is about one byte for two significant digits plus one, binaries are their bytes, true, false and null one byte,
 * a list or a map three bytes and its contents, one more byte for each of its elements.
 */
export function itemSize(item: Record<string, AttributeValue>): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[-.]|^0+|0+$/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.L) return 3 + value.L.reduce((sum, item) => sum + 1 + valueSize(item), 0);
  if (value.M) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  throw new TypeError('an attribute of a kind that no table here holds');
}

/** Write units of one item: one for each KB begun, twice that in a transaction. */
export const writeUnits = (bytes: number, transactional: boolean): number =>
  Math.ceil(bytes / 1024) * (transactional ? 2 : 1);
