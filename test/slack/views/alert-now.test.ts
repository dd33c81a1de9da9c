// What an alert says of now: a cluster that cannot be read, with why and what to do; and what is calm but has not ended.

import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/core/base/duration.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { alertsView } from '../../../src/slack/views/alert-list.ts';
import { nodeOf, readingOf, START } from '../../core/detection/one-source.ts';
import { shownAs } from './alert-sample.ts';
import { drawn, said } from './drawn.ts';
import { alertOn, boardOf, TEN } from './watch-sample.ts';

const text =
  'shard-00-00.abcde.mongodb.net:27017 does not let the user atlas-conns in: unknown user or wrong password.';
const remedy = 'Check MONGODB_USERNAME and MONGODB_PASSWORD, or the connection string (Atlas: Database Access).';

/** The alert of a cluster of which none of so many nodes lets us in. */
function unread(nodes: number) {
  const untold = { problem: text, remedy, role: null, current: null, limit: null, rejected: null };
  const away = [...Array(nodes).keys()].map((index) => nodeOf(`shard-00-0${index}.abcde.mongodb.net:27017`, untold));
  const first = evaluate(null, readingOf(START, [], away), DEFAULT_BOOK);
  const { transitions } = evaluate(first.state, readingOf(START + 5 * MINUTE, [], away), DEFAULT_BOOK);
  const [found] = transitions;
  if (found === undefined || transitions.length > 1) throw new Error('not one alert');
  const { rule, who, value, usual, what, reason, notes } = found;
  return alertOn(null, { rule, who, value, usual, what, reason, notes, peak: value, id: 'unread' });
}

test('a cluster that cannot be read says in its message why, whole, and what to do', () => {
  expect(drawn(alertView(shownAs(unread(3))))).toMatchInlineSnapshot(`
    "🟠 **Warning — ****Cluster prod: cannot be read, none of its 3 nodes answers as it should** · prod
    Since {2026-11-21 09:55 UTC}.
    **Impact: **until it is read again, no alert of it starts or resolves.
    **Likely cause: **shard-00-00.abcde.mongodb.net:27017 does not let the user atlas-conns in: unknown user or wrong password
    **Do now: **Check MONGODB_USERNAME and MONGODB_PASSWORD, or the connection string (Atlas: Database Access).
    No owner set (setting \`owner\`).
    (Acknowledge) (Silence…) (Details)
    small: unreadable on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('one whose only node cannot be read needs no count', () => {
  const [first, , , why] = said(alertView(shownAs(unread(1)))).split('\n');
  expect(first).toBe('Warning — Cluster prod: cannot be read · prod');
  expect(why).toContain('wrong password');
});

test('a record of before, with its cause in its title, is drawn whole', () => {
  const what = `cannot be read: none of its 3 nodes answers as it should; the first: ${text.slice(0, -1)}`;
  const old = alertOn(null, { rule: 'unreadable', who: 'Cluster prod', usual: null, what, reason: '' });
  expect(drawn(alertView(shownAs(old))).split('\n')[0]).toContain('unknown user or wrong password');
});

const back = alertOn(null, {
  rule: 'unreadable',
  who: 'Cluster prod',
  usual: null,
  value: 0,
  peak: 1,
  what: 'it is read again',
  reason: '',
  since: TEN - 23 * MINUTE,
  calmSince: TEN - 8 * MINUTE,
});

test('each time stands beside what it is the time of: when it began, and since when it is read again', () => {
  const plainly = (line: string) => line.replaceAll(/<!date[^|]*\|(?:[\d-]+ )?(\d\d:\d\d) UTC>/g, '$1');
  const board = alertsView({ board: boardOf([back]), cluster: null, tables: 'data_table', place: { kind: 'answer' } });
  expect(plainly(said(board))).toContain('Recovering — Cluster prod: it is read again, in prod since 09:37');
  expect(drawn(board)).toContain('🟡 Recovering: Cluster prod | read again | {2026-11-21 09:37 UTC} |');
  expect(plainly(said(alertView(shownAs(back))))).toMatch(
    /^Recovering — Cluster prod: it is read again · prod · resolves at 10:02 if it stays so\nSince 09:37\.\nRead again since 09:52\./,
  );
});
