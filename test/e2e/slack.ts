// A workspace at work: stand-in project, stand-in Slack and the real bot between them, ended together.

import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import type { SimulatedClock } from '../sandbox/demo/clock.ts';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { SlackOptions } from '../sandbox/slack/server.ts';
import { PATIENT_MS, startSlack } from '../sandbox/slack/server.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { OPS, type Slack } from '../slack/bot-fixture.ts';

export const SHARED = 'C000SHARED';
export const DIRECT = 'D0000ANNA1';

export interface WorkplaceOptions {
  readonly transport?: 'socket' | 'http';
  readonly slack?: SlackOptions;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Of all that is at work; the machine's own unless told. */
  readonly clock?: SimulatedClock;
}

export interface Workplace {
  readonly project: StandInProject;
  readonly slack: Slack;
  /** Of this moment: `restart` makes another. */
  bot(): RunningBot;
  /** The same bot again, on the same data where `env` names its directory. */
  restart(how?: 'close' | 'kill'): Promise<void>;
  close(): Promise<void>;
}

/** The caller closes it. */
export async function openWorkplace(options: WorkplaceOptions = {}): Promise<Workplace> {
  const { clock } = options;
  const project = await startProject(clock === undefined ? {} : { now: clock.now });
  const slack = await startSlack({
    ackMs: PATIENT_MS,
    ...options.slack,
    ...(clock !== undefined && { posted: clock.now }),
  });
  const env = { ...(options.transport === 'http' ? await overHttp(slack) : {}), ...options.env };
  const start = () => startBot({ project, slack, env, ...(clock !== undefined && { clock: clock.piece() }) });
  let bot: RunningBot;
  try {
    bot = await start();
  } catch (error) {
    await Promise.all([slack.close(), project.close()]);
    throw error;
  }
  return {
    project,
    slack,
    bot: () => bot,
    async restart(how = 'close') {
      await bot[how]();
      bot = await start();
    },
    async close() {
      await bot.close();
      await Promise.all([slack.close(), project.close()]);
    },
  };
}

async function overHttp(slack: Slack): Promise<Readonly<Record<string, string | undefined>>> {
  const port = await freePort();
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  return { SLACK_APP_TOKEN: undefined, SLACK_SIGNING_SECRET: slack.signingSecret, PORT: String(port) };
}

/** A command of Anna's in the channel of the alerts, and what it is answered with: others may be told things meanwhile. */
export async function askIn(slack: Slack, text: string): Promise<Message> {
  const mine = () => slack.messages(OPS, ANNA.id).filter(({ ephemeralTo }) => ephemeralTo !== null);
  const before = new Set(mine().map(({ ts }) => ts));
  await slack.command({ user: ANNA.id, channel: OPS, text });
  return slack.until(() => mine().find((one) => !before.has(one.ts) && !one.text.startsWith('Reading ')));
}

/** A table of the message: rows of cells as they read, the head first. */
export function tableOf({ blocks }: Pick<Message, 'blocks'>): readonly (readonly string[])[] {
  const rows = blocks.flatMap(({ rows }) => (Array.isArray(rows) ? rows : []));
  return rows.map((row: unknown) => (Array.isArray(row) ? row.map(wordsIn) : []));
}

/** Everything that a cell, a block or a message says, without its structure. */
export function wordsIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsIn).filter(Boolean).join(' ');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, part]) => (name === 'text' && typeof part === 'string' ? part : wordsIn(part)))
    .filter(Boolean)
    .join(' ');
}

/** The action_ids of what can be pressed or chosen, in their order. */
export function movesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(movesOf);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'action_id' in value ? [String(value.action_id)] : [];
  return [...own, ...Object.values(value).flatMap(movesOf)];
}
