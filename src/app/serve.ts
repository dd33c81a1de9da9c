// The bot: a desk behind Slack, from start to stop. Wiring alone.

import type { World } from '../cli/commands.ts';
import type { Config } from '../config.ts';
import type { BotStatus } from '../core/desk.ts';
import { referenceOf } from '../core/reference.ts';
import { UpstreamError } from '../errors.ts';
import { type Bot, createBot } from '../slack/bot.ts';
import { createDesk } from './desk.ts';
import type { Fleet } from './fleet.ts';

export interface ServeInput {
  readonly config: Config;
  readonly fleet: Fleet;
  readonly world: World;
  /** Aborts when the bot shall stop. */
  readonly signal: AbortSignal;
}

/** Resolves when it was stopped. Rejects with UpstreamError when Slack does not let it go on. */
export async function serve({ config, fleet, world, signal }: ServeInput): Promise<void> {
  const { log, now, random, version } = world;
  const { transport } = config.slack;
  if (transport === null) throw new Error('the settings were read without what Slack needs');
  const readings = new AbortController();
  const instance = referenceOf(random);
  const bots: Bot[] = [];
  const desk = createDesk({
    fleet,
    labels: config.labels,
    defaultCluster: config.defaultCluster,
    version,
    instance,
    now,
    problems: (): BotStatus['problems'] => bots.flatMap((bot) => bot.problems()),
    signal: readings.signal,
  });
  const bot = await createBot({ settings: { ...config.slack, transport }, desk, log, now, random, version });
  bots.push(bot);
  const stopped = aborted(signal);
  const ready = bot.start().then(() => {
    log.info({ instance, version, transport: transport.kind, command: config.slack.command }, 'the bot is ready');
    return bot.ended;
  });
  const end = await Promise.race([ready, stopped]);
  log.info({ instance }, 'the bot is stopping');
  await bot.stop();
  readings.abort();
  if (end !== null) throw new UpstreamError(end);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
