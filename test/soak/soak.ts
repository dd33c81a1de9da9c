// The soak while it runs: the stand-ins, the bot between them, and everything that happens side by side.

import { setTimeout as pause } from 'node:timers/promises';
import { CHANNEL } from '../chaos/bot.ts';
import type { Family } from '../http/exposition.ts';
import type { StandInProject } from '../sandbox/project.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { startSoakedBot } from './bot.ts';
import { clusterName, LOUD, openTo, startFleet } from './fleet.ts';
import { createPeople, type Told } from './people.ts';
import { troublesOf } from './trouble.ts';
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
  readonly endedAt: number;
  readonly vitals: readonly Vitals[];
  readonly told: Told;
  /** How often a node had more than a connection and its monitor, and the most that one had. */
  readonly crowded: { readonly times: number; readonly most: number };
  readonly metrics: readonly Family[] | null;
  readonly complaints: ReadonlyMap<string, number>;
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

export async function openSoak({ directory, clusters, everyMs, say }: SoakInput): Promise<Soak> {
  const project = await startFleet(clusters);
  const slack = await startSlack();
  const schedule = everyMs >= MINUTE ? '* * * * *' : `*/${everyMs / 1_000} * * * * *`;
  const bot = await startSoakedBot({ project, slack, directory, schedule });
  const [began, ending] = [performance.now(), new AbortController()];
  const at = () => performance.now() - began;
  const vitals: Vitals[] = [];
  let metrics: readonly Family[] | null = null;
  let troubles = 0;
  const crowded = { times: 0, most: 0 };
  const names = Array.from({ length: clusters }, (_, index) => clusterName(index));
  const people = createPeople({
    ...{
      slack,
      channel: CHANNEL,
      users: [ANNA.id, BEN.id],
      clusters: names,
      patienceMs: PATIENCE_MS,
      troubles: () => troubles,
    },
  });
  const { signal } = ending;
  const forever = async (ms: number, turn: (index: number) => void | Promise<void>) => {
    for (let index = 0; !signal.aborted; index++) {
      await turn(index);
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  };
  const rest = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);

  const all = troublesOf({ project, slack, bot });
  const calm = all.find(({ name }) => name === 'nobody resolves a name');
  await calm?.end(0);
  let before = 0;
  const work = {
    counting: () =>
      forever(LOOK_MS, () => {
        const { most } = openTo(project);
        crowded.most = Math.max(crowded.most, most);
        // One that was just replaced may still be closing.
        if (most > EACH && before > EACH) crowded.times += 1;
        before = most;
      }),
    measuring: () =>
      forever(Math.max(2_000, everyMs / 10), async () => {
        const found = await bot.metrics();
        metrics = found ?? metrics;
        vitals.push(await vitalsOf({ bot, project }, { at: at(), families: found }));
      }),
    telling: () => forever(MINUTE, () => say(lineOf({ metrics, vitals, told: people.told, project }))),
    asking: () => forever(Math.min(5_000, everyMs / 2), () => people.act()),
    alerting: () => forever(2 * everyMs, (index) => alertOne(project, index)),
    troubling: async (until: number) => {
      await rest(2 * everyMs);
      await forever(1_000, async (round) => {
        const trouble = all[round % all.length];
        if (trouble === undefined || at() + 3 * everyMs > until) return;
        troubles += 1;
        say(`  ${trouble.name}`);
        await trouble.begin(Math.floor(round / all.length));
        await rest(Math.max(8_000, everyMs) * (trouble.times ?? 1));
        await trouble.end(Math.floor(round / all.length));
        await rest(Math.max(5_000, everyMs / 2));
        troubles += 1;
        await rest(Math.max(5_000, everyMs / 2));
      });
    },
  };
  return {
    pid: bot.pid,
    async run(ms) {
      const running = [work.counting(), work.measuring(), work.telling(), work.asking(), work.alerting()];
      const troubling = work.troubling(at() + TROUBLED * ms);
      const gone = bot.ended.then((code) => Promise.reject(new Error(`the bot ended with ${code}`)));
      await Promise.race([rest(ms), gone]);
      ending.abort();
      await Promise.all([...running, troubling]);
      gone.catch(() => undefined);
    },
    async finish() {
      const endedAt = at();
      const until = performance.now() + LAST_MS;
      const waiting = async () => total((await bot.metrics()) ?? [], 'atlas_conns_outbox_deliveries');
      while (performance.now() < until && (await waiting()) > 0) await pause(1_000);
      metrics = (await bot.metrics()) ?? metrics;
      say(lineOf({ metrics, vitals, told: people.told, project }));
      await bot.close();
      return { slack, endedAt, vitals, told: people.told, crowded, metrics, complaints: bot.complaints };
    },
    async close() {
      bot.wake();
      await bot.close();
      await Promise.all([slack.close(), project.close()]);
    },
  };
}

/** A source becomes loud; the one that was loud three turns ago calms down. */
function alertOne({ scenario: { clusters } }: StandInProject, index: number): void {
  const of = (turn: number) => clusters[(turn * 11) % clusters.length];
  of(index)?.spike(LOUD, 8);
  if (index >= 3) of(index - 3)?.calm(LOUD);
}

interface Line {
  readonly metrics: readonly Family[] | null;
  readonly vitals: readonly Vitals[];
  readonly told: Told;
  readonly project: StandInProject;
}

function lineOf({ metrics, vitals, told, project }: Line): string {
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
