import { entryKeyOf } from '../../../shared/store/keys.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import type { Item, Stranger } from './stranger.ts';

/** What stands in the table of the trail about one entry of the log. */
export interface Standing {
  index: number;
  entry: AuditEntry;
  row: Item;
  item: Item;
}

/** All entries that have their place, in the order of the log. */
export async function standingIn(stranger: Stranger): Promise<Standing[]> {
  const all = await stranger.everything('audit');
  const keyText = (item: Item) => `${item['pk']?.S}\n${item['sk']?.S}`;
  const rows = new Map(all.map((item) => [keyText(item), item]));
  return all
    .filter((item) => item['sk']?.S?.startsWith('L#'))
    .flatMap((item) => {
      const { pk, sk } = entryKeyOf({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' });
      const row = rows.get(`${pk}\n${sk}`);
      const entry = row && (JSON.parse(row['bytes']?.S ?? '') as AuditEntry);
      return row && entry ? [{ index: Number(item['index']?.S), entry, row, item }] : [];
    })
    .sort((one, other) => one.index - other.index);
}

export const placeOf = (item: Item): [pk: string, sk: string] => [item['pk']?.S ?? '', item['sk']?.S ?? ''];
