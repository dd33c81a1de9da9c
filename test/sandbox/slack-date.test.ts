// Slack's dates as the page says them: against the day of who reads, which may be a simulated one, wherever they stand.

import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { blockElements } from './slack/page/block.ts';
import { dateWords } from './slack/page/date-text.ts';
import type { Fields } from './slack/page/field.ts';
import type { Names } from './slack/page/names.ts';

/** In the zone of this machine, as the page. */
const NOON = new Date(2031, 4, 17, 12);
const secondsAt = (day: number, hour: number) => new Date(2031, 4, day, hour).getTime() / 1000;
const NAMES: Names = {
  ...{ users: [], channels: [], now: NOON, bot: { id: 'U0BOT', name: 'atlas-conns' } },
  person: (id) => id,
  channel: (id) => id,
};

test.each([
  [16, 'Yesterday'],
  [17, 'Today'],
  [18, 'Tomorrow'],
  [15, '15 May 2031'],
])('day %d is %s on the 17th', (day, words) => {
  const said = (hour: number) =>
    dateWords({ seconds: secondsAt(day, hour), format: '{date_short_pretty} at {time}', fallback: '?', now: NOON });
  expect([said(0), said(23)]).toEqual([`${words} at 00:00`, `${words} at 23:00`]);
});

test('a date that cannot be said is its fallback, and one without pretty is never a word', () => {
  const date = { seconds: secondsAt(17, 9), fallback: '09:00 UTC', now: NOON };
  expect(dateWords({ ...date, format: '{date_short} {time}' })).toBe('17 May 2031 09:00');
  expect(dateWords({ ...date, format: '{moon_phase}' })).toBe('09:00 UTC');
  expect(dateWords({ ...date, seconds: Number.NaN, format: '{time}' })).toBe('09:00 UTC');
});

test('mrkdwn, rich text and the cells of tables say the same', () => {
  const format = '{date_short_pretty} at {time}';
  const element = { type: 'date', timestamp: secondsAt(17, 9), format, fallback: '?' };
  const rich = { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [element] }] };
  const list = { type: 'rich_text_list', style: 'bullet', elements: rich.elements };
  const head = { type: 'raw_text', text: 'Since' };
  const blocks: readonly Fields[] = [
    { type: 'context', elements: [{ type: 'mrkdwn', text: `<!date^${secondsAt(17, 9)}^${format}|?>` }] },
    rich,
    { type: 'rich_text', elements: [list] },
    { type: 'data_table', rows: [[head], [rich]] },
    { type: 'table', rows: [[head], [rich]] },
  ];
  for (const element of blockElements(blocks, NAMES)) {
    expect(renderToStaticMarkup(element).replace(/<[^>]*>/g, '')).toMatch(/(?:^|Since)Today at 09:00$/);
  }
});
