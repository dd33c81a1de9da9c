// Use case: checks that the configured store works and is well placed.

import { WebClient } from '@slack/web-api';
import type { RoutingSettings } from '../../core/alerting/routing.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { explain, UpstreamError, UserError } from '../../errors.ts';
import type { Identity } from '../../slack/client/decode.ts';
import { isFinal, slackErrorCode, tokenProblem } from '../../slack/client/errors.ts';
import { libraryLogger } from '../../slack/client/log.ts';
import { alertChannels, cannotRecover, identify, lacks, unreachableProblem } from '../../slack/client/preflight.ts';
import type { SlackSettings } from '../../slack/client/settings.ts';
import { clientOptions, createWebClients } from '../../slack/client/web-client.ts';
import { testAlert } from '../../slack/notifier/test-alert.ts';
import { NO_ALERT_CHANNEL } from './check.ts';
import type { CheckFinding } from './types.ts';

export interface CheckStoreInput {
  /** Opening checks version, integrity and write access. */
  readonly open: () => Promise<Store>;
  /** Opens it read-only next to a running bot. */
  readonly openToRead: () => Promise<Store>;
  /** Servers of the store's own MongoDB, `host:port` each; empty for the embedded store. */
  readonly hosts: () => Promise<readonly string[]>;
  readonly place: () => Promise<StorePlace | null>;
  /** What was removed from or corrected in its connection string, one line each. */
  readonly remarks?: () => readonly string[];
  /** Nodes of the monitored clusters, `host:port` each. */
  readonly watched: readonly string[];
}

/** File system and lock data of the embedded store; null if it is not a file, or there is none. */
export interface StorePlace {
  /** Whether a store exists. */
  readonly isThere: boolean;
  /** Free bytes on its disk. */
  readonly free: number;
  /** The process that has it open, e.g. `process 12 on host, since …`; null if unknown. */
  readonly holder: string | null;
}

/** Whether another bot has the embedded store open. */
const HELD = 'store-held';
/** SQLite writes to a file next to it first, and that file may grow to this size. */
const NEEDED = 16 * 1024 * 1024;

export async function* checkStore(input: CheckStoreInput): AsyncGenerator<CheckFinding> {
  try {
    const before = await input.place();
    const { store, isHeld } = await opened(input);
    const { kind, where } = store.about;
    const clusters = await store.clusters();
    const history = clusters.length === 0 ? 'no history yet' : `history of ${clusters.join(', ')}`;
    const place = await input.place();
    // If there was a store before, a new empty one is worth reporting.
    const isNew = place?.isThere === true && before?.isThere !== true;
    const writable = isHeld ? heldBy(place) : `${isNew ? 'made now, ' : ''}can be written`;
    const what = `store: ${kind === 'sqlite' ? 'SQLite' : 'MongoDB'} ${where}, ${writable}, ${history}`;
    const shared = (await input.hosts()).filter((host) => input.watched.includes(host));
    yield shared.length === 0 ? { ok: true, what } : { ok: true, what, problem: livesInWatched(shared) };
    for (const text of input.remarks?.() ?? [])
      yield { ok: true, what: 'store', problem: { code: 'connection-string', text, remedy: '' } };
    // The write that just succeeded needed less space.
    if (place !== null && place.free < NEEDED)
      yield { ok: !isHeld, what: 'store: its disk', problem: short(where, place) };
  } catch (error) {
    if (!(error instanceof UpstreamError || error instanceof UserError)) throw error;
    yield { ok: false, what: 'store', problem: explain(error, '') };
  }
}

/** Next to a running bot no write is possible, so none is tried. */
function heldBy(place: StorePlace | null): string {
  const who = place === null || place.holder === null ? '' : ` (${place.holder})`;
  return `held by a bot that runs${who}: ask its \`health\``;
}

function short(where: string, { free }: StorePlace): Problem {
  return {
    code: 'store-disk-short',
    text: `The disk of the store ${where} has ${Math.floor(free / 1_000_000)} MB left: the next write may need ${NEEDED / 1024 / 1024} MB.`,
    remedy: 'Free space there. For a larger disk, move the directory with its content and restart the bot.',
  };
}

async function opened({
  open,
  openToRead,
}: CheckStoreInput): Promise<{ readonly store: Store; readonly isHeld: boolean }> {
  try {
    return { store: await open(), isHeld: false };
  } catch (error) {
    // An open store is normal: the bot runs.
    if (!(error instanceof UpstreamError) || error.problem.code !== HELD) throw error;
    return { store: await openToRead(), isHeld: true };
  }
}

function livesInWatched(shared: readonly string[]) {
  return {
    code: 'store-in-watched-cluster',
    text: `History and alerts live in a cluster that is watched (${shared.join(', ')}): when that cluster has no connections left, they are unavailable.`,
    remedy: 'Set ANALYSIS_URI to another cluster, or remove it to use the embedded store.',
  };
}

// Use case: checks the bot's tokens, scopes, channels and user groups in Slack without starting the bot. Can also send
// a test alert.

export interface CheckSlackInput {
  readonly settings: SlackSettings;
  readonly routing: RoutingSettings;
  /** Also posts a test alert to every alert channel, and resolves it. */
  readonly alert: boolean;
  readonly now: () => Date;
  readonly log: Log;
}

export async function* checkSlack(input: CheckSlackInput): AsyncGenerator<CheckFinding> {
  const { settings, routing, log } = input;
  const clients = createWebClients({ settings, logger: libraryLogger(log) });
  const channels = alertChannels(routing);
  let identity: Identity | null = null;
  try {
    identity = await identify(clients.answers);
    yield { ok: true, what: `Slack: the bot token is one of ${identity.teamName}` };
    const missing = await lacks({
      client: clients.answers,
      identity,
      lists: [settings.read, settings.act],
      alerts: channels,
    });
    for (const problem of missing) {
      const isMissing = problem.code === 'slack-scope' || problem.code === 'slack-group';
      yield { ok: false, ...(isMissing && { isMissing }), what: 'Slack', problem };
    }
    if (missing.length === 0) yield { ok: true, what: 'Slack: scopes, channels and user groups' };
    const unread = channels.length === 0 ? null : cannotRecover(identity);
    if (unread !== null) yield { ok: true, what: 'Slack: reading the channels of alerts', problem: unread };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    yield { ok: false, what: 'Slack: the bot token', problem: error.problem };
  }
  yield* checkAppToken(settings, log);
  if (!input.alert || identity === null) return;
  if (channels.length === 0)
    yield { ok: false, isMissing: true, what: 'Slack: a test alert', problem: NO_ALERT_CHANNEL };
  for await (const { what, problem } of testAlert({ ...input, channels, clients }))
    yield problem === null ? { ok: true, what: `Slack: ${what}` } : { ok: false, what: `Slack: ${what}`, problem };
}

async function* checkAppToken(settings: SlackSettings, log: Log): AsyncGenerator<CheckFinding> {
  const { transport } = settings;
  if (transport.kind !== 'socket') return;
  try {
    // Requests the address of a connection without opening it.
    const options = clientOptions({ settings, logger: libraryLogger(log) }, 2);
    await new WebClient(transport.appToken, options).apps.connections.open();
    yield { ok: true, what: 'Slack: the app token opens Socket Mode' };
  } catch (error) {
    const code = slackErrorCode(error);
    const problem = isFinal(error) ? tokenProblem('SLACK_APP_TOKEN', code) : unreachableProblem(code, error);
    yield { ok: false, what: 'Slack: the app token', problem };
  }
}
