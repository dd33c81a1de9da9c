// The life of an alert as a table: what happens to a firing, acknowledged, silenced or ended one, and what is told.

import { expect, test } from 'vitest';
import type { AlertState } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { Plan } from '../../../src/core/alerting/plan.ts';
import {
  accept,
  acknowledge,
  applied,
  EMPTY,
  MINUTE,
  only,
  read,
  START,
  silence,
  silenceOf,
  transitionOf,
  unsilence,
  type World,
} from './plan-world.ts';

type Event = (world: World) => Plan;
interface Cell {
  readonly state: AlertState;
  /** What goes to Slack, in order: `edit`, `post`, or the reply: its text, `^` where the channel sees it, its mentions. */
  readonly told: readonly string[];
}

const fired = applied(EMPTY, read(EMPTY, START, [transitionOf({ event: 'firing' })]));
const LATER = START + 20 * MINUTE;
const WORLDS: Readonly<Record<AlertState, World>> = {
  firing: fired,
  acknowledged: applied(fired, acknowledge(fired, START + MINUTE)),
  silenced: applied(fired, silence(fired, START + MINUTE, silenceOf({ at: START + MINUTE }))),
  ended: applied(
    fired,
    read(fired, START + 5 * MINUTE, [transitionOf({ firing: false, event: 'resolved', value: 64 })]),
  ),
};

const reading =
  (told: Parameters<typeof transitionOf>[0], at = LATER): Event =>
  (world) =>
    read(world, at, [transitionOf(told)]);
const none = (state: AlertState): Cell => ({ state, told: [] });
const edited = (state: AlertState): Cell => ({ state, told: ['edit'] });
const worse = 'Worse: 890 dormant connections, usually 61';
const critical = 'Critical — Billing API: 890 dormant connections, usually 61 · prod';

const acceptedCell: Cell = { state: 'ended', told: ['edit', 'Accepted as normal after 20 min, peak 412'] };

const TABLE: readonly (readonly [string, Event, Readonly<Partial<Record<AlertState, Cell>>>])[] = [
  [
    'still true, moved by less than a tenth',
    reading({ value: 450 }),
    { firing: edited('firing'), acknowledged: edited('acknowledged'), silenced: edited('silenced') },
  ],
  [
    'still true, a moment later',
    reading({ value: 450 }, START + MINUTE + 10_000),
    { firing: edited('firing'), acknowledged: none('acknowledged'), silenced: none('silenced') },
  ],
  [
    'still true, moved by a tenth up',
    reading({ value: 454 }),
    { firing: edited('firing'), acknowledged: edited('acknowledged'), silenced: edited('silenced') },
  ],
  [
    'still true, moved by a tenth down',
    reading({ value: 370 }),
    { firing: edited('firing'), acknowledged: edited('acknowledged'), silenced: edited('silenced') },
  ],
  [
    'accepted as normal by a person',
    (world) => accept(world, LATER),
    { firing: acceptedCell, acknowledged: acceptedCell, silenced: acceptedCell, ended: none('ended') },
  ],
  [
    'worse: twice the value last told',
    reading({ value: 890, event: 'worse' }),
    {
      firing: { state: 'firing', told: ['edit', `${worse} @billing`] },
      acknowledged: { state: 'acknowledged', told: ['edit', `${worse} @billing U0ACK`] },
      silenced: edited('silenced'),
    },
  ],
  [
    'worse: critical',
    reading({ value: 890, event: 'worse', severity: 'critical' }),
    {
      firing: { state: 'firing', told: ['edit', `^ ${critical} @billing @dba-oncall`] },
      acknowledged: { state: 'acknowledged', told: ['edit', `^ ${critical} @billing U0ACK @dba-oncall`] },
      silenced: { state: 'firing', told: ['edit', `^ ${critical} @billing @dba-oncall`] },
    },
  ],
  [
    'still true after the repeat interval',
    reading({ event: 'repeat' }, START + 240 * MINUTE - 1),
    {
      firing: { state: 'firing', told: ['edit', 'Still 412 dormant connections, usually 61, after 4 h'] },
      acknowledged: edited('acknowledged'),
      silenced: edited('silenced'),
    },
  ],
  [
    'below the lower line, not yet for long enough',
    reading({ value: 70, calmSince: LATER }),
    { firing: edited('firing'), acknowledged: edited('acknowledged'), silenced: edited('silenced') },
  ],
  [
    'back below the lower line',
    reading({ firing: false, event: 'resolved', value: 64 }, START + 72 * MINUTE),
    {
      firing: { state: 'ended', told: ['edit', 'Resolved after 1 h 12 min, peak 412'] },
      acknowledged: { state: 'ended', told: ['edit', 'Resolved after 1 h 12 min, peak 412'] },
      silenced: edited('ended'),
      ended: none('ended'),
    },
  ],
  [
    'true again within 30 min of its end',
    reading({ event: 'firing', returns: 1 }, START + 25 * MINUTE),
    {
      ended: {
        state: 'firing',
        told: ['edit', '^ Warning again after 20 min — Billing API: 412 dormant connections, usually 61'],
      },
    },
  ],
  [
    'true again later',
    reading({ event: 'firing', since: START + 60 * MINUTE }, START + 60 * MINUTE),
    { ended: { state: 'firing', told: ['post'] } },
  ],
  [
    'Acknowledge',
    (world) => acknowledge(world, LATER, 'U0OTHER'),
    {
      firing: edited('acknowledged'),
      acknowledged: none('acknowledged'),
      silenced: none('silenced'),
      ended: none('ended'),
    },
  ],
  [
    'Silence',
    (world) => silence(world, LATER, silenceOf({ id: 'S2', at: LATER, until: START + 600 * MINUTE })),
    {
      firing: edited('silenced'),
      acknowledged: edited('silenced'),
      silenced: edited('silenced'),
      ended: none('ended'),
    },
  ],
  [
    'the end of its silence by time',
    (world) => unsilence(world, START + 240 * MINUTE, null),
    {
      firing: none('firing'),
      acknowledged: none('acknowledged'),
      silenced: {
        state: 'firing',
        told: ['edit', 'Still firing, no longer silenced: 412 dormant connections, usually 61'],
      },
      ended: none('ended'),
    },
  ],
  [
    'the end of its silence by a person',
    (world) => unsilence(world, LATER, ['S1']),
    {
      firing: none('firing'),
      acknowledged: none('acknowledged'),
      silenced: edited('firing'),
      ended: none('ended'),
    },
  ],
];

const cells = TABLE.flatMap(([name, event, row]) =>
  (['firing', 'acknowledged', 'silenced', 'ended'] as const).flatMap((state) => {
    const cell = row[state];
    return cell === undefined ? [] : [{ name, event, state, cell }];
  }),
);

test.each(cells)('$state, then: $name', ({ event, state, cell }) => {
  const before = WORLDS[state];
  const planned = event(before);
  const after = applied(before, planned);
  const newest = [...after.alerts.values()].at(-1);
  expect({ state: newest?.state, told: planned.deliveries.map((delivery) => saidOf(delivery, before)) }).toEqual(cell);
});

function saidOf({ id, kind, text, broadcast, mentions, channel }: Delivery, before: World): string {
  expect(channel).toBe('C0ALERTS');
  if (kind === 'message') return before.deliveries.some((earlier) => earlier.id === id) ? 'edit' : 'post';
  return [...(broadcast ? ['^'] : []), text, ...mentions].join(' ');
}

test('the table has a cell for each event in each state where it can happen', () => {
  expect(cells).toHaveLength(3 * 8 + 4 * 6 + 2);
  expect(Object.entries(WORLDS).map(([state, { alerts }]) => [state, only(alerts.values()).state])).toEqual(
    Object.keys(WORLDS).map((state) => [state, state]),
  );
});
