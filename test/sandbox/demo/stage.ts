// The demo's stage: a project with a past, a Slack with a page, the real bot, and the clock that they share.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR } from '../../../src/core/base/duration.ts';
import { freePort } from '../free-port.ts';
import { startProject } from '../project.ts';
import type { RunningCluster } from '../scenario/scenario.ts';
import { slackPage } from '../slack/page/page.ts';
import { type SlackControls, startSlack } from '../slack/server.ts';
import type { SlackStandIn } from '../slack/stand-in.ts';
import { type Applications, startApplications } from './applications.ts';
import { type RunningBot, startBot } from './bot.ts';
import { createClock, type Piece, type SimulatedClock } from './clock.ts';
import { dayControl, happenings, type Outlook, wallTime } from './controls.ts';
import { writePast } from './past.ts';
import { weekScenario } from './week.ts';

export interface Stage {
  readonly slack: SlackStandIn & SlackControls;
  readonly prod: RunningCluster;
  /** Null where none report their pools. */
  readonly apps: Applications | null;
  readonly clock: Pick<SimulatedClock, 'now' | 'speed' | 'wait'>;
  /** Of everything on the stage. */
  setSpeed(speed: number): void;
  /**
   * Where time stands still: lets so many milliseconds pass, a whole number, at this speed. Then it stands still again,
   * so that nobody on the stage can be late by more, however slow the machine is.
   */
  pass(ms: number, speed: number): Promise<void>;
  readonly bot: RunningBot;
  /** All that run. */
  bots(): readonly RunningBot[];
  /** Starts another bot on the same store: instead of one that has ended, or a replica. */
  start(): Promise<RunningBot>;
  /** The channel that alerts go to. */
  readonly channel: string;
  /** The environment of a terminal beside the bot. */
  readonly env: Readonly<Record<string, string>>;
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
  /** Connection string of a store that replicas share; a file of this stage unless told. */
  readonly store?: string;
  /** Two applications report their pools. */
  readonly reporting?: true;
  /** How much the bot logs; its own default unless told. */
  readonly logLevel?: 'debug';
}

/** The caller closes it. Rejects with the bot's log where it does not start. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await opened({ speed: SPEED, days: DAYS, ...options, closers })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opening extends StageOptions {
  readonly speed: number;
  readonly days: number;
  readonly closers: (() => Promise<void>)[];
}

async function opened(input: Opening) {
  const { closers, speed } = input;
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const first = midnight - input.days * DAY;
  const began = midnight + input.hour * HOUR;
  // Time stands still until everybody is there.
  const clock = createClock({ real: Date.now(), simulated: began, speed: 0 });
  const { now } = clock;
  const project = await startProject({ now, plan: weekScenario, start: new Date(first), named: true });
  closers.push(() => project.close());
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-demo-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const { clusters } = project.scenario;
  const read = clusters.filter(({ plan }) => plan.tier !== 'M0');
  await writePast({ directory, store: input.store, clusters: read, start: first, until: began });
  const prod = project.scenario.cluster('prod');
  const running = new Set<RunningBot>();
  let piece = clock.piece();
  const tell = (next: Piece) => {
    piece = next;
    for (const bot of running) bot.follow(next);
  };
  const setSpeed = (faster: number) => tell(clock.setSpeed(faster));
  const outlook: Outlook = { channel: ALERTS, hasPast: true, after: (minutes) => wallTime(minutes, speed || SPEED) };
  const ending = new AbortController();
  closers.push(async () => ending.abort());
  const pass = async (ms: number, fast: number) => {
    const over = clock.wait(ms, ending.signal);
    const [real, simulated] = [Date.now(), now().getTime()];
    const going = { real, simulated, speed: fast };
    const standing = { real: real + ms / fast, simulated: simulated + ms, speed: 0 };
    for (const next of [going, standing]) {
      clock.follow(next);
      tell(next);
    }
    await over;
  };
  const pools = { port: await freePort(), token: randomUUID() };
  const apps =
    input.reporting === true
      ? startApplications({
          ...{ cluster: prod, clock, signal: ending.signal },
          ...{ url: `http://127.0.0.1:${pools.port}`, token: pools.token },
        })
      : null;
  const happening = happenings(project, { outlook, clock, apps, ending: ending.signal });
  const controls = [...happening, dayControl(clock, setSpeed)];
  const slack = await startSlack({ posted: now, page: (standIn) => slackPage(standIn, { controls, clock }) });
  closers.push(() => slack.close());
  const channel = channelOf(slack);
  const shared = {
    ATLAS_CONNS_DATA_DIR: directory,
    TZ: 'UTC',
    ...(input.store !== undefined && { ANALYSIS_URI: input.store }),
    ...(apps !== null && { POOLS_PORT: String(pools.port), POOLS_TOKEN: pools.token }),
  };
  const env = { ...shared, SLACK_ALERT_CHANNEL: channel, LOG_LEVEL: input.logLevel };
  const start = async () => {
    const bot = await startBot({ project, slack, env, clock: piece });
    running.add(bot);
    void bot.ended.then(() => running.delete(bot));
    closers.push(() => bot.close());
    return bot;
  };
  const bot = await start();
  setSpeed(speed);
  const terminal = { ...project.env, ...shared };
  return { slack, prod, apps, clock, setSpeed, pass, bot, bots: () => [...running], start, channel, env: terminal };
}

/** Where alerts go, as people write it. */
export const ALERTS = '#db-ops';

/** The id of the channel that alerts go to. */
export function channelOf(slack: SlackStandIn): string {
  return slack.channels.find(({ name }) => `#${name}` === ALERTS)?.id ?? '';
}
