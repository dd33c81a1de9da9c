import { expect, test } from 'vitest';
import { plain, text } from '../../../src/slack/blockkit/rich-text.ts';
import { fc } from '../../core/arbitrary.ts';
import { outsideText } from '../views/arbitrary-report.ts';

/** The word joiner, which nobody sees. */
const j = '\u2060';

test.each([
  ['<!channel> & <@U1>', `&lt;!channel&gt; &amp; &lt;@${j}U1&gt;`],
  ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
  ['@here @ noon #general', `@${j}here @ noon #${j}general`],
  ['*bold* ~gone~ `code`', '∗bold∗ ∼gone∼ ˋcodeˋ'],
  ['_slanted_ snake_case_ __init__', 'ˍslantedˍ snake_caseˍ ˍˍinitˍˍ'],
  [':tada: 10:02', `:${j}tada: 10:${j}02`],
  ['2001:db8:100::1', `2001:${j}db8:${j}100:${j}:${j}1`],
  ['https://evil.example/?a&b', `https:${j}//evil.${j}example/?a&amp;b`],
  ['who@evil.example', `who@${j}evil.${j}example`],
  ['203.0.113.9', '203.0.113.9'],
  ['> not a quote > at all', `${j}&gt; not a quote &gt; at all`],
])('mrkdwn shows %j as itself', (outside, expected) => {
  expect(text(outside)).toBe(expected);
});

test.each([
  ['a\nb\tc', 'a\\nb\\tc'],
  ['\u202Egnp.exe', '\\u{202e}gnp.exe'],
  ['zero\u200Bwidth \u00ADsoft', 'zero\\u{200b}width \\u{ad}soft'],
  ['a lone \uD83D half', 'a lone \\u{d83d} half'],
  ['\u3164', '\\u{3164}'],
  ['', '(blank)'],
  [' \u00A0\u2003', '(blank)'],
  ['❤️ 長い名前 مرحبا', '❤️ 長い名前 مرحبا'],
  ['<!channel> *as it is*', '<!channel> *as it is*'],
])('what nobody can see of %j is made visible, and nothing else is changed', (outside, expected) => {
  expect(plain(outside)).toBe(expected);
});

test('a cut goes through no escape, no letter with its accents and no emoji', () => {
  expect(text('a&b&c', { max: 8 })).toBe('a&amp;b…');
  expect(text('a&b&c', { max: 6 })).toBe('a…');
  expect(plain('ab\u202Ecd', { max: 9 })).toBe('ab…');
  expect(plain('naïve'.normalize('NFD'), { max: 4 })).toBe('na…');
  expect(plain('👩🏽‍🚒👩🏽‍🚒', { max: 9 })).toBe('…');
  expect(plain('12345', { max: 5 })).toBe('12345');
});

test('a text is never empty and never above its limit', () => {
  fc.assert(
    fc.property(outsideText, fc.integer({ min: 1, max: 300 }), (outside, wanted) => {
      const max = Math.max(wanted, '(blank)'.length);
      for (const one of [text(outside, { max }), plain(outside, { max })]) {
        expect(one.length).toBeGreaterThan(0);
        expect(one.length).toBeLessThanOrEqual(max);
        expect(one.isWellFormed()).toBe(true);
      }
    }),
  );
});

test('mrkdwn differs from the plain text only in escapes that show as the same', () => {
  const back: Readonly<Record<string, string>> = { '∗': '*', '∼': '~', ˋ: '`', ˍ: '_' };
  const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
  const ours = fc.string({ unit: fc.constantFrom(...'ab_*~`:@#.<>& 1'.split('')), minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(ours, (outside) => {
      const shown = text(outside)
        .replaceAll(j, '')
        .replace(/[∗∼ˋˍ]/g, (one) => back[one] ?? one)
        .replace(/&(?:lt|gt|amp);/g, (one) => entities[one] ?? one);
      expect(shown).toBe(plain(outside));
    }),
  );
});
