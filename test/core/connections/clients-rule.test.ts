// The rule `clients` over numbers that are exact and numbers that are lower bounds.

import { expect, test } from 'vitest';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { DAY, HOUR, heard, readingOf, START, sourceOf, times } from '../detection/one-source.ts';

interface Part {
  readonly clients: number | null;
  readonly atLeast?: true;
  readonly for: number;
}

/** One source that holds as much all the time, and tells its clients so. */
function* history(parts: readonly Part[]): Generator<Snapshot> {
  let from = START;
  for (const part of parts) {
    for (const at of times(from, from + part.for)) {
      const bound = part.atLeast === true ? { clientsAtLeast: true as const } : {};
      yield readingOf(at, [sourceOf('app', 400, { clients: part.clients, ...bound })]);
    }
    from += part.for;
  }
}

const told = (...parts: readonly Part[]) =>
  heard(history(parts))
    .told.map((line) => line.slice(17))
    .filter((line) => line.includes('clients'));
const fires = 'app clients firing';

test.each<[string, readonly Part[], readonly string[]]>([
  [
    'more clients',
    [
      { clients: 20, for: 2 * DAY },
      { clients: 60, for: 3 * HOUR },
    ],
    [fires],
  ],
  [
    'more of what is a lower bound all the time',
    [
      { clients: 20, atLeast: true, for: 2 * DAY },
      { clients: 60, atLeast: true, for: 3 * HOUR },
    ],
    [fires],
  ],
  [
    'a bound that is above the line of exact numbers',
    [
      { clients: 20, for: 2 * DAY },
      { clients: 60, atLeast: true, for: 3 * HOUR },
    ],
    [fires],
  ],
  [
    'a bound that turned exact',
    [
      { clients: 20, atLeast: true, for: 2 * DAY },
      { clients: 60, for: 3 * HOUR },
    ],
    [],
  ],
  [
    'a number that turned into a lower bound',
    [
      { clients: 60, for: 2 * DAY },
      { clients: 60, atLeast: true, for: 3 * HOUR },
    ],
    [],
  ],
  [
    'a bound in between',
    [
      { clients: 60, for: 2 * DAY },
      { clients: 5, atLeast: true, for: 20 * HOUR },
      { clients: 60, for: 3 * HOUR },
    ],
    [],
  ],
  [
    'nothing known in between',
    [
      { clients: 60, for: 2 * DAY },
      { clients: null, for: 20 * HOUR },
      { clients: 60, for: 3 * HOUR },
    ],
    [],
  ],
])('%s', (_, parts, lines) => {
  expect(told(...parts)).toEqual(lines);
});

test('after a day of the other kind alone that kind is learned', () => {
  const turned = [
    { clients: 20, atLeast: true as const, for: 2 * DAY },
    { clients: 60, for: 3 * DAY },
  ];
  expect(told(...turned)).toEqual([]);
  expect(told(...turned, { clients: 200, for: 3 * HOUR })).toEqual([fires]);
});

test('an alert that fires stays open while the number is a bound below its line', () => {
  const parts = [
    { clients: 20, for: 2 * DAY },
    { clients: 60, for: 3 * HOUR },
  ];
  expect(told(...parts, { clients: 20, atLeast: true, for: 6 * HOUR })).toEqual([fires]);
  expect(told(...parts, { clients: 20, for: 6 * HOUR })).toEqual([fires, 'app clients resolved']);
});
