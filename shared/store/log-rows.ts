import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditEntry } from '../trail/entry.ts';
import type { Attributes, TrailRow } from '../trail/rows.ts';
import { batchGet } from './commitments.ts';
import { entryKeyOf, evidenceKey, type Key, logItemKey } from './keys.ts';
import { keyText } from './log-items.ts';

export interface LogRows {
  /** What stands at the keys of entries and beside them, in the same order, read consistently. */
  at(keys: readonly Key[]): Promise<TrailRow[]>;
}

export function logRows(client: DynamoDBClient, table: string): LogRows {
  return {
    async at(keys) {
      // Who was in line a moment ago may have a place in the log by now, and be asked for by both; DynamoDB refuses to give a key twice.
      const wanted = [...new Map(keys.map((key) => [keyText(key), key])).values()];
      const found = await batchGet(client, table, [...wanted, ...wanted.map(logItemKey)]);
      const rows = new Map(found.map((item) => [keyText(keyIn(item)), item]));
      const standing = keys.map((key) => {
        const { pk: _, sk: __, bytes, ...others } = rows.get(keyText(key)) ?? {};
        const item = rows.get(keyText(logItemKey(key)));
        const text = bytes?.S;
        return {
          index: item ? Number(item['index']?.S) : null,
          key: entryKeyOf(key),
          bytes: text ?? null,
          others: plain(text === undefined && bytes ? { ...others, bytes } : others),
          item: item ? plain(item) : null,
        };
      });
      return withEvidence(standing);
    },
  };

  async function withEvidence(rows: TrailRow[]): Promise<TrailRow[]> {
    const asked = rows.map((row) =>
      evidenceIn(row).map((hash) => ({ hash, key: evidenceKey(hash, row.index ?? 0) })),
    );
    const wanted = new Map(asked.flat().map(({ key }) => [keyText(key), key]));
    if (wanted.size === 0) return rows;
    const found = new Set(
      (await batchGet(client, table, [...wanted.values()])).map((item) => keyText(keyIn(item))),
    );
    return rows.map((row, at) => {
      const hashes = (asked[at] ?? []).flatMap(({ hash, key }) => (found.has(keyText(key)) ? [hash] : []));
      return hashes.length > 0 ? { ...row, evidence: hashes } : row;
    });
  }
}

/** The hashes of evidence in an entry that has its place; none where its bytes are no entry, which is the verifier's to tell. */
function evidenceIn({ index, bytes }: TrailRow): string[] {
  if (index === null) return [];
  try {
    const { evidence } = JSON.parse(bytes ?? '') as Pick<AuditEntry, 'evidence'>;
    return [...new Set(evidence)];
  } catch {
    return [];
  }
}

const keyIn = (item: Record<string, AttributeValue>): Key => ({
  pk: item['pk']?.S ?? '',
  sk: item['sk']?.S ?? '',
});

/** DynamoDB's JSON: bytes are base64 there. */
const plain = (item: Record<string, AttributeValue>): Attributes =>
  JSON.parse(
    JSON.stringify(item, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  ) as Attributes;
