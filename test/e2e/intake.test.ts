// The real process and invalid deliveries: it goes on, warns once for each, and answers the next command.

import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { command } from '../slack/bot-fixture.ts';
import { postSigned } from '../slack/client/signed-post.ts';
import { ODD_DELIVERIES, RATE_LIMITED } from '../slack/odd-deliveries.ts';
import { openWorkplace, type Workplace } from './slack.ts';

async function workplace(transport: 'socket' | 'http'): Promise<Workplace> {
  const work = await openWorkplace({ transport });
  onTestFinished(() => work.close());
  return work;
}

const warnings = (work: Workplace) => work.bot().log.filter((line) => line.includes('delivery not understood'));

test('by Socket Mode: app_rate_limited and everything like it', async () => {
  const work = await workplace('socket');
  const { slack } = work;
  slack.faults.send(JSON.stringify({ envelope_id: 'rl', type: 'events_api', payload: RATE_LIMITED }));
  for (const message of ['null', 'not json', '{"type":"disconnected"}', '{"type":"events_api"}', Buffer.from('x')])
    slack.faults.send(message);
  for (const { kind, payload } of ODD_DELIVERIES)
    slack.faults.send(JSON.stringify({ envelope_id: 'odd', type: kind, payload }));
  expect((await command(slack, 'help')).text).toContain('What you can ask');
  await expect.poll(() => warnings(work)).toHaveLength(ODD_DELIVERIES.length + 6);
});

test('by HTTP: null, payload=null, and everything like them', async () => {
  const work = await workplace('http');
  const { slack } = work;
  const listening = work.bot().log.find((line) => line.includes('listening for Slack')) ?? '';
  const log = [{ level: 'info', message: 'listening for Slack', address: JSON.parse(listening).address }];
  const bodies = ['null', '[]', '{"event":null}', ...ODD_DELIVERIES.map(({ payload }) => JSON.stringify(payload))];
  for (const body of bodies) {
    for (const sent of [{ body, type: 'application/json' }, { body: `payload=${encodeURIComponent(body)}` }])
      expect((await postSigned(slack, { log }, sent)).status).toBeOneOf([200, 400]);
  }
  const half = connect(log[0]?.address.port, '127.0.0.1').on('error', () => undefined);
  half.write('POST /slack/events HTTP/1.1\r\nContent-Le');
  expect((await command(slack, 'help')).text).toContain('What you can ask');
  half.destroy();
});
