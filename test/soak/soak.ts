// The soak while it runs: the stand-ins, the bot between them, and everything that happens side by side.

import { setTimeout as pause } from 'node:timers/promises';
import { CHANNEL } from '../chaos/bot.ts';
import type { Family } from '../http/exposition.ts';
import type { StandInProject } from '../sandbox/project.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { type SoakedBot, startSoakedBot } from './bot.ts';
import { clusterName, LOUD, openTo, startFleet } from './fleet.ts';
import { createPeople, type People, type Told } from './people.ts';
import { type Trouble, troublesOf } from './trouble.ts';
import { total, type Vitals, vitalsOf } from './vitals.ts';

export interface SoakInput {
  readonly directory: string;
  readonly clusters: number;
  readonly everyMs: number;
  readonly say: (text: string) => void;
}

/** What was seen of the run. */
export interface Seen {
  readonly slack: SlackStandIn;
  readonly vitals: readonly Vitals[];
  readonly told: Told;
  readonly crowded: Crowded;
  readonly metrics: readonly Family[] | null;
  readonly complaints: ReadonlyMap<string, number>;
}

interface Crowded {
  /** The most connections that one node had. */
  readonly most: number;
  /** When it had more than one and its monitor, and what went wrong at that time. */
  readonly moments: readonly string[];
}

export interface Soak {
  readonly pid: number;
  run(ms: number): Promise<void>;
  /** Waits for what is still on its way, and ends the bot. */
  finish(): Promise<Seen>;
  close(): Promise<void>;
}

/** The connection that reads, and the monitor's. */
const EACH = 2;
const LOOK_MS = 500;
const MINUTE = 60_000;
const LAST_MS = 3 * MINUTE;
/** After so long a person types it again. */
const PATIENCE_MS = 30_000;
/** The rest of the time nothing goes wrong, so that what was put off is made up for. */
const TROUBLED = 0.85;

export async function openSoak(input: SoakInput): Promise<Soak> {
  const { directory, clusters, everyMs, say } = input;
  const project = await startFleet(clusters);
  const slack = await startSlack();
  const schedule = everyMs >= MINUTE ? '* * * * *' : `*/${everyMs / 1_000} * * * * *`;
  const bot = await startSoakedBot({ project, slack, directory, schedule });
  const troubles = troublesOf({ project, slack, bot });
  await troubles.find(({ name }) => name === 'nobody resolves a name')?.end(0);
  const crowded = { most: 0, last: 0, moments: [] };
  const state: State = { troubled: 0, trouble: 'calm', metrics: null, vitals: [], crowded };
  const names = Array.from({ length: clusters }, (_, index) => clusterName(index));
  const asking = { slack, channel: CHANNEL, users: [ANNA.id, BEN.id], clusters: names, patienceMs: PATIENCE_MS };
  const people = createPeople({ ...asking, troubles: () => state.troubled });
  const [began, ending] = [performance.now(), new AbortController()];
  const at = () => performance.now() - began;
  const around: Around = { project, bot, people, troubles, state, everyMs, say, at, signal: ending.signal };
  return {
    pid: bot.pid,
    async run(ms) {
      const running = [...dailyWork(around), trouble(around, at() + TROUBLED * ms)];
      const gone = bot.ended.then((code) => Promise.reject(new Error(`the bot ended with ${code}`)));
      gone.catch(() => undefined);
      await Promise.race([rest(around, ms), gone]);
      ending.abort();
      await Promise.all(running);
    },
    async finish() {
      const until = performance.now() + LAST_MS;
      const waiting = async () => total((await bot.metrics()) ?? [], 'atlas_conns_outbox_deliveries');
      while (performance.now() < until && (await waiting()) > 0) await pause(1_000);
      state.metrics = (await bot.metrics()) ?? state.metrics;
      say(lineOf(around));
      await bot.close();
      return { ...state, slack, told: people.told, complaints: bot.complaints };
    },
    async close() {
      bot.wake();
      await bot.close();
      await Promise.all([slack.close(), project.close()]);
    },
  };
}

interface State {
  /** Odd while something is wrong. */
  troubled: number;
  /** The last that began, or calm. */
  trouble: string;
  metrics: readonly Family[] | null;
  readonly vitals: Vitals[];
  readonly crowded: { most: number; last: number; readonly moments: string[] };
}

interface Around {
  readonly project: StandInProject;
  readonly bot: SoakedBot;
  readonly people: People;
  readonly troubles: readonly Trouble[];
  readonly state: State;
  readonly everyMs: number;
  readonly say: (text: string) => void;
  /** Since the beginning, in milliseconds. */
  readonly at: () => number;
  /** Ends everything that goes on. */
  readonly signal: AbortSignal;
}

const minuteOf = (ms: number): string => (ms / MINUTE).toFixed(1);

function rest({ signal }: Pick<Around, 'signal'>, ms: number): Promise<void> {
  return pause(ms, undefined, { signal }).catch(() => undefined);
}

async function forever(around: Around, ms: number, turn: (index: number) => void | Promise<void>): Promise<void> {
  for (let index = 0; !around.signal.aborted; index++) {
    await turn(index);
    await rest(around, ms);
  }
}

/** Everything but trouble, side by side. */
function dailyWork(around: Around): readonly Promise<void>[] {
  const { project, bot, people, state, everyMs, say, at } = around;
  const { crowded, vitals } = state;
  return [
    forever(around, LOOK_MS, () => {
      const { most } = openTo(project);
      crowded.most = Math.max(crowded.most, most);
      // One that was just replaced may still be closing.
      // Until a set has told its members' names, the names of its seeds have connections of their own.
      if (at() > 2 * everyMs && most > EACH && crowded.last > EACH)
        crowded.moments.push(`${most} in minute ${minuteOf(at())}: ${state.trouble}`);
      crowded.last = most;
    }),
    forever(around, Math.max(2_000, everyMs / 10), async () => {
      const families = await bot.metrics();
      state.metrics = families ?? state.metrics;
      vitals.push(await vitalsOf({ bot, project }, { at: at(), families }));
    }),
    forever(around, MINUTE, () => say(lineOf(around))),
    forever(around, Math.min(5_000, everyMs / 2), () => people.act()),
    forever(around, 2 * everyMs, (index) => alertOne(project, index)),
  ];
}

/** One thing after another goes wrong, until a time; what began is always ended. */
async function trouble(around: Around, until: number): Promise<void> {
  const { troubles, state, everyMs, say, at } = around;
  const pauseMs = Math.max(5_000, everyMs / 2);
  await rest(around, 2 * everyMs);
  await forever(around, 1_000, async (index) => {
    const one = troubles[index % troubles.length];
    const round = Math.floor(index / troubles.length);
    if (one === undefined || at() + 3 * everyMs > until) return;
    state.troubled += 1;
    state.trouble = one.name;
    say(`  ${one.name}`);
    await one.begin(round);
    await rest(around, Math.max(8_000, everyMs) * (one.times ?? 1));
    await one.end(round);
    // What it set off is over a while after it.
    await rest(around, pauseMs);
    state.troubled += 1;
    state.trouble = `calm after: ${one.name}`;
    await rest(around, pauseMs);
  });
}

/** A source becomes loud; the one that was loud three turns ago calms down. */
function alertOne({ scenario: { clusters } }: StandInProject, index: number): void {
  const of = (turn: number) => clusters[(turn * 11) % clusters.length];
  of(index)?.spike(LOUD, 8);
  if (index >= 3) of(index - 3)?.calm(LOUD);
}

function lineOf({ state: { metrics, vitals }, people: { told }, project }: Around): string {
  const now = vitals.at(-1);
  const figure = (name: string, labels = '') => total(metrics ?? [], `atlas_conns_${name}`, labels);
  const { most, all } = openTo(project);
  const readings = ['complete', 'partial', 'failed'].map(
    (result) => `${figure('readings_total', `result=${result}`)} ${result}`,
  );
  return [
    `rss ${now?.rss.toFixed(0)} MB, heap ${now?.heap?.toFixed(0) ?? '?'} MB, handles ${now?.handles}`,
    `connections ${all}, at most ${most} a node`,
    `readings ${readings.join(', ')}, ${figure('slots_skipped_total')} skipped, ${figure('lost_readings_total')} lost`,
    `commands ${told.answered} answered (slowest ${(told.slowestMs / 1_000).toFixed(1)} s, in calm ${(told.calmSlowestMs / 1_000).toFixed(1)} s), ${told.refused} refused, ${told.unanswered} unanswered`,
    `alerts ${figure('alerts')} open, ${figure('outbox_deliveries')} waiting`,
  ].join(' | ');
}
