import { describe, expect, it } from 'vitest';
import { MAX_PARTS } from '../../../shared/commitment/room.ts';
import { asFocalPoint, command, context, given, historyOf, type Outcome, stateOf } from '../../kit/given.ts';

const address = `https://example.org/${'x'.repeat(1900)}`;
const standing = stateOf(historyOf('in_progress'));
const holding = (count: number, url: string) => ({
  ...standing,
  head: { ...standing.head, evidence: count },
  evidence: Array.from({ length: count }, (_, n) => ({
    n: n + 1,
    title: 'Photo',
    url,
    sha256: null,
    addedAt: '2026-01-01T09:00:00.000Z',
    addedBy: 'psn_worker',
  })),
});
const more = { narrative: 'More.', evidence: [{ title: 'Photo', url: address }] };

const taken = ({ result }: Outcome): void => expect(result).not.toHaveProperty('rejected');

describe('the room of a commitment', () => {
  it('takes evidence as long as all of it can be shown in one answer', () => {
    taken(given(holding(650, address)).when(command('report-progress', more), asFocalPoint));
    given(holding(800, address))
      .when(command('report-progress', more), asFocalPoint)
      .rejected('limit-reached');
  });

  it('takes no more parts than their keys can number', () => {
    given(holding(MAX_PARTS, 'https://e.org'))
      .when(command('report-progress', more), asFocalPoint)
      .rejected('limit-reached');
  });

  it('still takes updates without parts, claims and closures when it is full', () => {
    const full = holding(MAX_PARTS, address);
    for (const body of [{ narrative: 'More.' }, { narrative: 'Done.', status: 'reported_complete' }])
      taken(given(full).when(command('report-progress', body), asFocalPoint));
    taken(given(full).when(command('close', { reasonCode: 'other', reason: 'No.' }), context()));
    given(full)
      .when(command('request-extension', { due: '2031-01-01', reason: 'Late.' }), asFocalPoint)
      .rejected('limit-reached');
  });
});
