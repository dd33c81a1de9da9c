// Readiness of a bot that takes deliveries over HTTP: no connection says whether Slack is there, so the last exchange does.

import { expect, test } from 'vitest';
import type { SlackResult } from '../../src/core/ports/telemetry.ts';
import { UpstreamError } from '../../src/errors.ts';
import type { Health } from '../../src/http/health.ts';
import { figures, parseExposition } from './exposition.ts';
import { ask, NOW, serveHealth, someBot } from './fixture.ts';

const SECOND = 1_000;
const gone = new UpstreamError({ code: 'slack-unreachable', text: 'Slack did not answer.', remedy: '' });

interface Stage {
  readonly health: Health;
  readonly bot: ReturnType<typeof someBot>;
  /** What the next question comes to; null: nothing yet. */
  answer: SlackResult | null;
  asked: number;
  pass(ms: number): void;
  ready(): Promise<{ readonly status: number; readonly says: string }>;
  up(): Promise<number | undefined>;
}

async function stage(): Promise<Stage> {
  const bot = someBot();
  let time = NOW.getTime();
  const askSlack = async () => {
    made.asked += 1;
    if (made.answer === null) return new Promise<never>(() => undefined);
    health.observer.slackCall({ method: 'auth.test', result: made.answer });
    if (made.answer !== 'ok') throw gone;
  };
  const health = await serveHealth(bot, { askSlack, now: () => new Date(time), deadlineMs: 50 });
  const made: Stage = {
    ...{ health, bot, answer: 'ok', asked: 0 },
    pass(ms) {
      time += ms;
    },
    async ready() {
      const { status, body } = await ask(health, '/readyz');
      return { status, says: JSON.parse(body).checks[0].says };
    },
    async up() {
      return figures(parseExposition((await ask(health, '/metrics')).body), 'atlas_conns_slack_up')[''];
    },
  };
  return made;
}

test('it says when Slack last answered, and calls Slack where that is a minute ago', async () => {
  const made = await stage();
  made.health.observer.slackCall({ method: 'users.info', result: 'ok' });
  made.pass(59 * SECOND);
  const says = 'Listening for Slack; its Web API last answered 59 s ago.';
  expect(await made.ready()).toEqual({ status: 200, says });
  expect(made.asked).toBe(0);
  made.pass(SECOND);
  for (let times = 0; times < 5; times++) {
    expect((await made.ready()).says).toContain('last answered 0.1 s ago');
    expect(await made.up()).toBe(1);
  }
  expect(made.asked).toBe(1);
});

test('it is not ready from the first exchange without an answer until the next with one', async () => {
  const made = await stage();
  const { observer } = made.health;
  observer.slackCall({ method: 'users.info', result: 'ok' });
  observer.slackCall({ method: 'chat.postMessage', result: 'unanswered' });
  made.pass(5 * SECOND);
  observer.slackCall({ method: 'chat.postMessage', result: 'unanswered' });
  const says = 'Listening for Slack, but its Web API has not answered for 5 s.';
  expect(await made.ready()).toEqual({ status: 503, says });
  expect(await made.up()).toBe(0);
  expect((await ask(made.health, '/livez')).status).toBe(200);
  expect(made.asked).toBe(0);
  // A refusal is an answer, too.
  observer.slackCall({ method: 'chat.postMessage', result: 'error' });
  expect((await made.ready()).status).toBe(200);
  expect(await made.up()).toBe(1);
});

test('without other calls it finds out that Slack is gone, and that it is back', async () => {
  const made = await stage();
  expect((await made.ready()).status).toBe(200);
  made.answer = 'unanswered';
  made.pass(60 * SECOND);
  expect((await made.ready()).status).toBe(503);
  made.pass(9 * SECOND);
  expect((await made.ready()).status).toBe(503);
  expect(made.asked).toBe(2);
  made.answer = 'ok';
  made.pass(SECOND);
  // The one who asks does not wait for it; the next one is told.
  await made.ready();
  expect((await made.ready()).status).toBe(200);
  expect(made.asked).toBe(3);
  expect(made.bot.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a Slack that hangs hangs neither probe nor scrape, and is asked once however many ask', async () => {
  const made = await stage();
  made.answer = null;
  const answers = await Promise.all([made.ready(), made.ready(), made.up()]);
  expect(answers).toMatchObject([{ status: 503 }, { status: 503 }, 0]);
  made.pass(10 * SECOND);
  expect((await made.ready()).says).toBe('Listening for Slack, but its Web API has not answered for 10 s.');
  expect(made.asked).toBe(1);
});

test('after the clock was set back it asks again', async () => {
  const made = await stage();
  await made.ready();
  made.pass(-3_600 * SECOND);
  made.answer = 'unanswered';
  expect((await made.ready()).status).toBe(503);
  expect(made.asked).toBe(2);
});

test('Slack is not called before the bot listens', async () => {
  const made = await stage();
  made.bot.slack = { code: 'slack-disconnected', text: 'The bot is starting.', remedy: 'Wait a moment.' };
  expect(await made.ready()).toEqual({ status: 503, says: 'The bot is starting.' });
  expect(await made.up()).toBe(0);
  expect(made.asked).toBe(0);
});
