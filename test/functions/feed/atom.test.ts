import { describe, expect, it } from 'vitest';
import { atom } from '../../../functions/feed/atom.ts';
import { showAtom } from '../../../functions/feed/show-atom.ts';
import { type CloudEvent, cloudEvent } from '../../../shared/store/cloud-event.ts';
import { callOf } from '../../kit/call.ts';
import { chained, progressOf } from '../../kit/records.ts';

const [plain, nasty] = chained('cmt_a', [
  progressOf(1, 'Half of it stands.'),
  progressOf(2, '<b>"fish" & chips</b> \u0007\u{1F41F}'),
]).map(cloudEvent) as [CloudEvent, CloudEvent];

describe('the Atom feed', () => {
  it('names each event by an IRI of its own, the newest first, and the time of the newest', () => {
    const xml = atom('/v1/events.atom', [nasty, plain]);
    expect([...xml.matchAll(/<id>(.*?)<\/id>/g)].map(([, id]) => id)).toEqual([
      'urn:followthrough:events',
      'urn:followthrough:event:cmt_a/2',
      'urn:followthrough:event:cmt_a/1',
    ]);
    expect(/<updated>(.*?)<\/updated>/.exec(xml)?.[1]).toBe(nasty.time);
    expect(xml).toContain('<title>commitment progress reported: cmt_a</title>');
    expect(xml).toContain('<summary>Half of it stands.</summary>');
    expect(xml).toContain('href="/v1/commitments/cmt_a"');
  });

  it('lets no text end its element, and leaves out what XML can not carry', () => {
    expect(atom('/', [nasty])).toContain(
      '<summary>&#60;b&#62;&#34;fish&#34; &#38; chips&#60;/b&#62; \u{1F41F}</summary>',
    );
    expect(atom('/?type="><x/>', [])).not.toContain('<x/>');
  });

  it('shortens a long text, never in the middle of a character', () => {
    const [long] = chained('cmt_a', [progressOf(1, `x${'\u{1F41F}'.repeat(4000)}`)]).map(cloudEvent);
    const summary = /<summary>(.*?)<\/summary>/.exec(atom('/', [long as CloudEvent]))?.[1] ?? '';
    expect(summary).toBe(`x${'\u{1F41F}'.repeat(999)}…`);
  });

  it('shows the last events of a filter, and knows no cursor', async () => {
    const show = showAtom({
      feed: {
        latest: async (filter, limit) => [
          { position: 1, type: filter.type ?? '', stream: 'cmt_a', sequence: limit },
        ],
      },
      events: { many: async () => chained('cmt_a', [progressOf(1)]) },
    });
    expect(await show(callOf('/v1/events.atom?type=t&limit=3'))).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/atom+xml; charset=utf-8' },
      body: expect.stringContaining('href="/v1/events.atom?type=t&#38;limit=3"'),
    });
    expect((await show(callOf('/v1/events.atom?after=x'))).status).toBe(400);
  });
});
