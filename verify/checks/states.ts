import { addDays, dayOf } from '../../shared/commitment/dates.ts';
import { derive } from '../../shared/commitment/derived.ts';
import { evolve } from '../../shared/commitment/evolve.ts';
import { representState } from '../../shared/commitment/representation.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Status } from '../../shared/commitment/status.ts';
import { canonical } from '../../shared/record/canonical.ts';
import { type EventRecord, open } from '../../shared/record/event-record.ts';
import type { About } from '../about.ts';
import type { Folder } from '../folder/folder.ts';
import { jsonOf, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { LogIndex } from '../pass/log-index.ts';

export const about = {
  name: 'states',
  proves:
    'Every commitment as it was shown is what its events give, field by field: nothing stands in it that no recorded event put there, and no event is without its effect. What is derived from dates holds on one and the same day for all of them.',
  cannot:
    'The citation against the source text, which is not in the folder; and commitments of which no state was given.',
  means: 'A state was changed in the store without a command, or a record does not stand for what was done.',
  todo: 'The records are what was signed for. Fold them, and ask who wrote into the state.',
} as const satisfies About;

type Shown = Record<string, unknown> & { id: string; version: number };

const DAYS_BACK = 20_000;

export class States {
  readonly #ledger: Ledger;
  readonly #shown: Map<string, Shown> | null;
  readonly #folded = new Map<string, Commitment | null>();
  readonly #compared: { state: Commitment; derived: unknown }[] = [];

  constructor(folder: Folder, ledger: Ledger) {
    this.#ledger = ledger;
    this.#shown = readShown(folder, ledger);
  }

  get isGiven(): boolean {
    return this.#shown !== null;
  }

  /** Records in the order of their streams. A state is compared at the version that it shows. */
  fold(record: EventRecord): void {
    const { stream, sequence } = record;
    const shown = this.#shown?.get(stream);
    if (!this.#shown || !stream.startsWith('cmt_')) return;
    const before = this.#folded.get(stream);
    // What goes beyond the version shown happened later; what could not be folded is a finding of the records already.
    if (before === undefined ? sequence !== 1 : before === null || (shown && sequence > shown.version))
      return;
    try {
      const state = evolve(before ?? null, open(record));
      this.#folded.set(stream, state);
      if (shown?.version === sequence) this.#compare(state, shown);
    } catch {
      this.#folded.set(stream, null);
      this.#ledger.find(
        'states',
        stream,
        `cannot be folded: record ${sequence} does not follow from those before it`,
      );
    }
  }

  #compare(state: Commitment, { citation, derived, ...shown }: Shown): void {
    const folded: Record<string, unknown> = representState(state);
    if (!isCitation(citation, state.card.quote))
      this.#ledger.find('states', `${shown.id}, version ${shown.version}`, 'shows a citation that is none');
    for (const field of new Set([...Object.keys(folded), ...Object.keys(shown)])) {
      const [expected, found] = [folded[field], shown[field]].map((value) =>
        value === undefined ? 'nothing' : canonical(value),
      );
      if (expected !== found)
        this.#ledger.find(
          'states',
          `${shown.id}, version ${shown.version}`,
          `shows ${brief(found)} as ${field}, its events give ${brief(expected)}`,
        );
    }
    this.#compared.push({ state, derived });
  }

  /** @param log what it holds was there before the states were read: none of them may be older. */
  end(
    log: Pick<LogIndex, 'lengthOf'>,
    statuses: (id: string) => Status | undefined = (id) => this.#folded.get(id)?.head.status,
  ): void {
    if (!this.#shown) {
      this.#ledger.absent('states', 'no states (states.jsonl) were given');
      return;
    }
    for (const [id, { version }] of this.#shown) {
      const logged = log.lengthOf(id);
      if (version < logged)
        this.#ledger.find('states', id, `shows version ${version}, the log goes to event ${logged} of it`);
      const folded = this.#folded.get(id);
      if (folded === undefined) this.#ledger.find('states', id, 'is shown, and has no record');
      else if (folded && folded.head.version < version)
        this.#ledger.find(
          'states',
          id,
          `shows version ${version}, its records end at ${folded.head.version}`,
        );
    }
    for (const [id, folded] of this.#folded)
      if (folded && !this.#shown.has(id))
        this.#ledger.find('states', id, 'has records, and its state is not shown');
    const day = this.#judgeDerived(statuses);
    this.#ledger.done('states', { states: this.#compared.length, ...(day && { derivedOn: day }) });
  }

  /** Looks for the days on which all derived facts hold; the first state that leaves none has a finding. */
  #judgeDerived(statuses: (id: string) => Status | undefined): string | null {
    const newest = this.#compared.map(({ state }) => state.head.updatedAt).reduce(later, '');
    if (newest === '') return null;
    // The states may be shown on the day after the newest event, whatever this machine's clock says.
    const end = later(addDays(dayOf(new Date().toISOString()), 1), addDays(dayOf(newest), 1));
    let days: string[] = [];
    for (let day = dayOf(newest); day <= end && days.length < DAYS_BACK; day = addDays(day, 1))
      days.push(day);
    for (const { state, derived } of this.#compared) {
      const text = canonical(derived ?? null);
      const dependencies = state.card.dependsOn.flatMap((id) => statuses(id) ?? []);
      const held = days.filter(
        (day) => canonical(derive(state.card, state.head, dependencies, day)) === text,
      );
      if (held.length > 0) days = held;
      else
        this.#ledger.find(
          'states',
          state.card.id,
          `shows derived facts that hold on no day on which the others do: ${brief(text)}`,
        );
    }
    return days[0] ?? null;
  }
}

function readShown(folder: Folder, ledger: Ledger): Map<string, Shown> | null {
  const lines = linesOf(folder, 'states.jsonl');
  if (lines === null) return null;
  const shown = new Map<string, Shown>();
  for (const line of lines) {
    const where = `states.jsonl, line ${line.at}`;
    const json = jsonOf(line);
    const state = 'fault' in json ? null : (json.value as Shown | null);
    if (typeof state?.id !== 'string' || !Number.isSafeInteger(state.version))
      ledger.find('states', where, 'fault' in json ? json.fault : 'is no commitment');
    else if (shown.has(state.id)) ledger.find('states', where, `${state.id} is there twice`);
    else shown.set(state.id, state);
  }
  return shown;
}

/** Whether it holds is told by the source text alone; a quote that is redacted holds nowhere. */
const isCitation = (citation: unknown, quote: string | null): boolean =>
  canonical(citation ?? null) === '{"holds":false}' ||
  (canonical(citation ?? null) === '{"holds":true}' && quote !== null);

const later = (one: string, other: string): string => (one < other ? other : one);

const brief = (text: string | undefined): string =>
  text === undefined || text.length <= 80 ? `${text}` : `${text.slice(0, 79)}…`;
