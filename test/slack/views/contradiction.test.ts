// The checker of contradictions finds them: each true message, made false in one place.

import { expect, test } from 'vitest';
import type { MessageView } from '../../../src/slack/blockkit/types.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { incidentView } from '../../../src/slack/views/alert-group.ts';
import { FILLING, FULL, groupOf, REFUSING, shownAs } from './alert-sample.ts';
import { contradictionsIn } from './contradiction.ts';

const members = [FULL, REFUSING, FILLING];
const group = { ...groupOf(members), lead: FULL.id };
const INCIDENT = incidentView({ ...shownAs(FULL), group, members, tables: 'data_table' });
const REFUSED = alertView(shownAs(REFUSING));
const SOURCE = incidentView({ ...shownAs(FILLING), group, members: [FILLING], tables: 'data_table' });

/** In text and blocks alike. */
function altered(view: MessageView, from: string, to: string, where: 'both' | 'text' | 'blocks' = 'both'): MessageView {
  const text = where === 'blocks' ? view.text : view.text.replaceAll(from, to);
  const blocks = where === 'text' ? view.blocks : JSON.parse(JSON.stringify(view.blocks).replaceAll(from, to));
  return { text, blocks };
}

test('messages that are true to themselves have none', () => {
  for (const view of [INCIDENT, REFUSED, SOURCE]) expect(contradictionsIn(view)).toEqual([]);
});

test.each([
  ['recovering at the limit', altered(altered(INCIDENT, 'Critical — ', 'Recovering — '), '🔴 ', '🟡 '), /at the limit/],
  ['a mark of another state', altered(INCIDENT, '🔴 ', '🟢 ', 'blocks'), /stands before/],
  ['refusals, and none', altered(INCIDENT, 'Shut out: ', 'Nobody is refused; '), /it says both of refusals/],
  [
    'critical and recovering',
    altered(INCIDENT, '3,000 connections', '3,000 connections, recovering'),
    /critical and over/,
  ],
  ['a now without a time', altered(INCIDENT, 'Then fix: ', 'It is full now: '), /"now" without a time/],
  ['another limit in the impact', altered(INCIDENT, 'at 100 % of 3,000 as of', 'at 43 % of 3,000 as of'), /the impact/],
  ['another figure in the row', altered(INCIDENT, '3,000 (100 %)', '2,900 (97 %)'), /its row shard-00-00/],
  ['another figure of a source', altered(SOURCE, '"1,842"', '"1,700"', 'blocks'), /its row Billing API/],
  [
    'other refusals',
    altered(REFUSED, 'refused 1,068 connections', 'refused 900 connections'),
    /refused, the impact 900/,
  ],
  ['another title on the phone', altered(INCIDENT, 'is full', 'is busy', 'text'), /the phone says/],
  ['no time of the check', altered(INCIDENT, 'last checked', 'looked at'), /nothing tells when/],
])('%s', (_, view, words) => {
  expect(contradictionsIn(view).join('\n')).toMatch(words);
});

test('a time of the end that has passed', () => {
  const calm = { ...FULL, calmSince: FULL.since, judgedAt: FULL.since + 60_000 };
  const view = alertView(shownAs({ ...calm, evidence: null, value: 80, what: '80 of 3,000 connections' }));
  expect(contradictionsIn(view)).toEqual([]);
  const later = `last checked <!date^${Math.floor(FULL.since / 1_000) + 3_600}^`;
  const blocks = JSON.parse(JSON.stringify(view.blocks).replace(/last checked <!date\^\d+\^/, later));
  expect(contradictionsIn({ ...view, blocks })).toEqual([expect.stringContaining('it should be resolved already')]);
});
