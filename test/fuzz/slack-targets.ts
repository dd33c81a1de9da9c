// What people and messages send from Slack: command text, button values, forms.

import { App } from '@slack/bolt';
import fc from 'fast-check';
import { silenceUntil } from '../../src/core/alerting/silence.ts';
import { durationText, parseDuration } from '../../src/core/base/duration.ts';
import { COMMANDS, parseCommand, printCommand } from '../../src/core/commands/commands.ts';
import { chosenValue, readChosen, readView, viewValue } from '../../src/slack/blockkit/action-values.ts';
import { packOrigin, readOrigin, SILENCE_FORM } from '../../src/slack/blockkit/silence-fields.ts';
import { readEnvelope } from '../../src/slack/client/envelopes.ts';
import { libraryLogger } from '../../src/slack/client/log.ts';
import {
  alertRequest,
  clickRequest,
  commandRequest,
  homeRequest,
  mentionRequest,
  originOf,
  pressOf,
  submissionOf,
} from '../../src/slack/requests/decode.ts';
import { damaged, hostile, spoiled } from './outside.ts';
import { mustBeSayable } from './rules.ts';
import { type Target, target } from './target.ts';

const CLUSTERS = ['prod', 'prod-eu', 'in', 'by <x>', 'a "b" c'];
const NOW = Date.parse('2026-11-21T10:00:00Z');
const grammar = { clusters: CLUSTERS, command: '/atlas-conns' };

const typed: readonly [string, ...string[]] = [
  'prod by app',
  'source "Billing API" in prod',
  'source 203.0.113.0/24 in prod-eu',
  'silence "Billing API" in prod for 4h because deploy',
  'silence node a:27017 until 2026-11-22 18:00 hold',
  'silence all for 2d reason x',
  'unsilence Billing API',
  'history source web in prod 7d',
  'nodes prod',
  'alerts prod-eu',
  ...Object.values(COMMANDS).map(({ usage }) => usage),
];

const command = target({
  name: 'command text',
  share: 22,
  inputs: damaged(typed),
  check(text) {
    const parsed = parseCommand(text, grammar);
    if (!parsed.ok) mustBeSayable(parsed.problem);
    else {
      const printed = printCommand(parsed.command);
      const again = parseCommand(printed, grammar);
      if (!again.ok) throw new Error(`what was understood is not, written down: ${printed}`);
      if (parsed.command.kind === 'silence') {
        const end = silenceUntil(parsed.command.until, { now: NOW, timeZone: 'Europe/Berlin' });
        if (!end.ok) mustBeSayable(end.problem);
      }
    }
  },
});

const values: readonly [string, ...string[]] = [
  viewValue({ view: 'source', cluster: 'prod', source: { id: '203.0.113.0/24' } }),
  viewValue({ view: 'history', cluster: 'prod', source: null, window: 604_800_000 }),
  chosenValue({
    target: { cluster: 'prod', source: null, node: null, rule: 'dormant-spike', who: 'x' },
    until: NOW,
    reason: null,
    hold: true,
  }) ?? '',
  packOrigin({ subject: 'x', channel: 'C1', responseUrl: 'https://x', threadTs: '1.2' }),
];

const button = target({
  name: 'button values',
  share: 22,
  inputs: damaged(values),
  check(value) {
    readOrigin(value);
    readChosen(value);
    readView(value);
  },
});

const payload = {
  event_id: 'Ev1',
  is_ext_shared_channel: false,
  event: {
    type: 'app_mention',
    user: 'U1',
    channel: 'C1',
    ts: '1.2',
    thread_ts: '1.1',
    text: '<@B> prod',
    subtype: 'thread_broadcast',
  },
  user: { id: 'U1' },
  view: {
    id: 'V1',
    callback_id: SILENCE_FORM,
    private_metadata: values[3],
    state: {
      values: {
        duration: { duration: { selected_option: { value: '4h' } } },
        date: { date: { selected_date_time: 1 } },
      },
    },
  },
};

const event = target({
  name: 'events and forms',
  share: 5,
  inputs: spoiled(payload),
  check(body) {
    mentionRequest(body);
    submissionOf(body);
  },
});

const who = { user: { id: 'U1' }, team: { id: 'T1' }, enterprise: null };
const envelopes: readonly object[] = [
  {
    type: 'slash_commands',
    payload: {
      command: '/x',
      text: 'prod',
      user_id: 'U1',
      channel_id: 'C1',
      trigger_id: '1',
      response_url: 'https://x',
    },
  },
  {
    type: 'interactive',
    payload: {
      ...who,
      type: 'block_actions',
      trigger_id: '1',
      container: { type: 'message', is_ephemeral: true, thread_ts: '1.1' },
      channel: { id: 'C1' },
      response_url: 'https://x',
      actions: [{ type: 'static_select', action_id: 'a', block_id: 'b', selected_option: { value: 'x' } }],
    },
  },
  { type: 'interactive', payload: { ...payload, ...who, type: 'view_submission' } },
  { type: 'events_api', payload: { ...payload, type: 'event_callback', authorizations: [{ team_id: 'T1' }] } },
  { type: 'hello', payload: {} },
];
const nothing = () => undefined;

/** Bolt with listeners that read what the bot's listeners read; whatever they throw comes out. */
function readingApp(): App {
  const none = async () => undefined;
  const app = new App({
    receiver: { init: nothing, start: none, stop: none },
    authorize: async () => ({ botToken: 'xoxb-1', botUserId: 'UBOT', botId: 'B1' }),
    convoStore: false,
    logger: libraryLogger({ debug: nothing, info: nothing, warn: nothing, error: nothing }),
  });
  app.command(/^\//, async ({ command: given }) => void commandRequest(given));
  app.action({ type: 'block_actions' }, async ({ body }) => {
    clickRequest(body);
    alertRequest(body);
    originOf(body, pressOf(body).value);
  });
  app.view({ type: 'view_submission', callback_id: SILENCE_FORM }, async ({ body }) => void submissionOf(body));
  app.event('app_mention', async ({ body }) => void mentionRequest(body));
  app.event('message', async ({ body }) => void mentionRequest(body));
  app.event('app_home_opened', async ({ body }) => void homeRequest(body));
  app.error(async (error) => {
    throw error.original ?? error;
  });
  return app;
}

const app = readingApp();

const delivery = target({
  name: 'deliveries',
  share: 10,
  inputs: fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...envelopes.map((one) => spoiled({ ...one, envelope_id: 'e' }))) },
    { weight: 1, arbitrary: hostile },
  ),
  async check(given) {
    const envelope = readEnvelope(typeof given === 'string' ? given : JSON.stringify(given));
    if (envelope.kind === 'delivery') await app.processEvent({ body: envelope.body, ack: async () => undefined });
  },
});

const duration = target({
  name: 'durations',
  share: 10,
  inputs: fc.oneof(damaged(['30m', '4h', '35d', '8w']), hostile),
  check(text) {
    const ms = parseDuration(text);
    if (ms === null) return;
    if (!Number.isSafeInteger(ms) || ms <= 0) throw new Error(`${ms} is no duration`);
    if (parseDuration(durationText(ms)) === null) throw new Error(`${durationText(ms)} is not understood`);
  },
});

export const SLACK_TARGETS: readonly Target[] = [command, button, event, delivery, duration];
