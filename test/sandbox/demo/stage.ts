// The demo's stage: a project with a past, a Slack with a page, the real bot, and the clock that they share.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR } from '../../../src/core/base/duration.ts';
import { startProject } from '../project.ts';
import type { RunningCluster } from '../scenario/scenario.ts';
import { slackPage } from '../slack/page/page.ts';
import { type SlackControls, startSlack } from '../slack/server.ts';
import type { SlackStandIn } from '../slack/stand-in.ts';
import { type RunningBot, startBot } from './bot.ts';
import { createClock, type SimulatedClock } from './clock.ts';
import { dayControl, happenings, type Outlook, wallTime } from './controls.ts';
import { writePast } from './past.ts';
import { weekScenario } from './week.ts';

export interface Stage {
  readonly slack: SlackStandIn & SlackControls;
  readonly prod: RunningCluster;
  readonly clock: Pick<SimulatedClock, 'now' | 'speed' | 'wait'>;
  /** Of everything on the stage. */
  setSpeed(speed: number): void;
  readonly bot: RunningBot;
  /** The channel that alerts go to. */
  readonly channel: string;
  close(): Promise<void>;
}

/** A day of the week has one like it in the past. */
const DAYS = 8;
/** An hour is a minute. */
export const SPEED = 60;

export interface StageOptions {
  /** The hour of the day that it begins at, UTC. */
  readonly hour: number;
  readonly speed?: number;
  /** Whole days of past; eight unless told. */
  readonly days?: number;
}

/** The caller closes it. Rejects with the bot's log where it does not start. */
export async function openStage({ hour, speed = SPEED, days = DAYS }: StageOptions): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await opened({ hour, speed, days, closers })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function opened(input: Required<StageOptions> & { readonly closers: (() => Promise<void>)[] }) {
  const { closers, speed } = input;
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const start = midnight - input.days * DAY;
  const began = midnight + input.hour * HOUR;
  // Time stands still until everybody is there.
  const clock = createClock({ real: Date.now(), simulated: began, speed: 0 });
  const { now } = clock;
  const project = await startProject({ now, plan: weekScenario, start: new Date(start), named: true });
  closers.push(() => project.close());
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-demo-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const { clusters } = project.scenario;
  await writePast({ directory, clusters: clusters.filter(({ plan }) => plan.tier !== 'M0'), start, until: began });
  const prod = project.scenario.cluster('prod');
  let bot: RunningBot | null = null;
  const setSpeed = (faster: number) => {
    const piece = clock.setSpeed(faster);
    bot?.follow(piece);
  };
  const outlook: Outlook = { channel: ALERTS, hasPast: true, after: (minutes) => wallTime(minutes, speed || SPEED) };
  const ending = new AbortController();
  closers.push(async () => ending.abort());
  const happening = happenings(project, { outlook, clock, ending: ending.signal });
  const controls = [...happening, dayControl(clock, setSpeed)];
  const slack = await startSlack({ posted: now, page: (standIn) => slackPage(standIn, { controls, clock }) });
  closers.push(() => slack.close());
  const channel = channelOf(slack);
  const env = { ATLAS_CONNS_DATA_DIR: directory, SLACK_ALERT_CHANNEL: channel, TZ: 'UTC' };
  bot = await startBot({ project, slack, env, clock: clock.piece() });
  const { close } = bot;
  closers.push(() => close());
  setSpeed(speed);
  return { slack, prod, clock, setSpeed, bot, channel };
}

/** Where alerts go, as people write it. */
export const ALERTS = '#db-ops';

/** The id of the channel that alerts go to. */
export function channelOf(slack: SlackStandIn): string {
  return slack.channels.find(({ name }) => `#${name}` === ALERTS)?.id ?? '';
}
