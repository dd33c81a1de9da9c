// What the log tells of a request: by one name, from the delivery to its end.

import { expect, test } from 'vitest';
import { ANNA } from '../sandbox/slack/people.ts';
import { command, newSlack, OPS, runBot, testDesk } from './bot-fixture.ts';

test('two requests at a time are told apart in every line that they lead to', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  reports.reports.set('broken', () => Promise.reject(new Error('internal words')));
  const { log } = await runBot(slack, { reports, random: Math.random });
  const before = log.length;
  await Promise.all([command(slack, 'prod'), command(slack, 'broken')]);
  await expect.poll(() => log.filter(({ message }) => message === 'request finished')).toHaveLength(2);
  const lines = log.slice(before);
  const requests = [...new Set(lines.map(({ request }) => request))];
  expect(requests).toHaveLength(2);
  const told = requests.map((request) =>
    lines.filter((line) => line['request'] === request).map((line) => line.message),
  );
  expect(told.toSorted((a, b) => a.length - b.length)).toEqual([
    ['request received', 'request finished'],
    ['request received', 'request failed', 'request finished'],
  ]);
  expect(lines[0]).toMatchObject({ level: 'info', user: ANNA.id, channel: OPS, way: 'command' });
});
