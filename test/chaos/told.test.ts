// What counts as told: the verdict of a schedule must not be content with a message that tells another state.

import { expect, test } from 'vitest';
import type { Alert, AlertGroup } from '../../src/core/alerting/alert.ts';
import { mainOf } from '../../src/core/alerting/incident-story.ts';
import type { MessageView } from '../../src/slack/blockkit/types.ts';
import { alertView } from '../../src/slack/views/alert-card.ts';
import { groupView, incidentView, joinedView } from '../../src/slack/views/alert-group.ts';
import { FILLING, FULL, groupOf } from '../slack/views/alert-sample.ts';
import { agedIn, postedIn, type Records, staleIn } from './told.ts';

const MINUTE = 60_000;
const shown = {
  ...{
    owner: null,
    command: '/conns',
    runbook: null,
    links: { cluster: null, accessList: null },
    previous: null,
    related: [],
  },
  ...{ chart: null, mentions: [], late: null, hasButtons: true },
};
const card = (alert: Alert): MessageView => alertView({ ...shown, alert });
const incident = (members: readonly Alert[], group: AlertGroup): MessageView =>
  incidentView({ ...shown, alert: mainOf(members) ?? FULL, group, members, tables: 'data_table' });

function posted(messages: Readonly<Record<string, MessageView>>) {
  return postedIn(
    Object.entries(messages).map(([id, { text, blocks }], index) => ({
      ...{ ts: String(index), channel: 'C1', user: 'BOT', text, ephemeralTo: null, threadTs: null, edits: 0 },
      blocks: blocks as unknown as readonly Record<string, unknown>[],
      metadata: { event_payload: { id: `${id}/message` } },
    })),
  );
}

const alone: Alert = { ...FILLING, group: null, lead: null, shown: FILLING.value, postedAt: FILLING.since };
const recordsOf = (...alerts: readonly Alert[]): Records => ({ alerts, groups: [] });

test('an alert alone is told by its title, a tenth and a minute away at most', () => {
  const { id } = alone;
  const now = posted({ [id]: card(alone) });
  expect([staleIn(now, recordsOf(alone)), agedIn(now, recordsOf(alone))]).toEqual([[], []]);
  expect(staleIn(now, recordsOf({ ...alone, state: 'acknowledged' }))).toHaveLength(1);
  expect(staleIn(now, recordsOf({ ...alone, severity: 'critical' }))).toHaveLength(1);
  expect(staleIn(posted({}), recordsOf(alone))).toHaveLength(1);
  const later = (more: number, parts: Partial<Alert> = {}) =>
    agedIn(now, recordsOf({ ...alone, judgedAt: alone.judgedAt + more, ...parts }));
  expect(later(MINUTE)).toHaveLength(1);
  expect(later(MINUTE, { postedAt: alone.judgedAt - 61 * MINUTE })).toEqual([]);
  expect(later(15 * MINUTE, { postedAt: alone.judgedAt - 61 * MINUTE })).toHaveLength(1);
  expect(later(0, { value: alone.value * 1.2 })).toHaveLength(1);
});

test('a member is told by its row, and what is left of its own message by a line', () => {
  const group = { ...groupOf([FULL, FILLING]), lead: FULL.id };
  const [lead, member] = [FULL, alone].map((alert) => ({ ...alert, shown: 1, group: group.id, lead: FULL.id }));
  if (lead === undefined || member === undefined) throw new Error('no members');
  const records = { alerts: [lead, member], groups: [group] };
  const line = joinedView({ alert: member, permalink: null });
  const told = { [lead.id]: incident([lead, member], group), [member.id]: line };
  expect([staleIn(posted(told), records), agedIn(posted(told), records)]).toEqual([[], []]);
  expect(staleIn(posted({ [lead.id]: told[lead.id] ?? line }), records)).toEqual([]);
  expect(staleIn(posted({ ...told, [member.id]: card(alone) }), records)).toEqual([`${member.id} is firing`]);
  expect(staleIn(posted({ ...told, [lead.id]: card(FULL) }), records)).toHaveLength(2);
  const silenced = { ...member, state: 'silenced' } as const;
  expect(staleIn(posted(told), { alerts: [lead, silenced], groups: [group] })).toHaveLength(1);
});

test('a group of the version before has a message of its own beside those of its alerts', () => {
  const group = { ...groupOf([alone]), lead: null };
  const alert = { ...alone, group: group.id };
  const records = { alerts: [alert], groups: [group] };
  const of = (alerts: readonly Alert[]) => groupView({ ...shown, group, alerts, tables: 'data_table' });
  expect(staleIn(posted({ [alert.id]: card(alert), [group.id]: of([alert]) }), records)).toEqual([]);
  const before = of([{ ...alert, state: 'acknowledged' }]);
  expect(staleIn(posted({ [alert.id]: card(alert), [group.id]: before }), records)).toEqual([`${group.id} is a group`]);
});
