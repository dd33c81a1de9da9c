// The bots of a schedule: begun, met by what goes wrong, and replaced when they died.

import { WebClient } from '@slack/web-api';
import type { Change } from '../../src/core/ports/store.ts';
import type { Identity } from '../../src/slack/client/decode.ts';
import { identify } from '../../src/slack/client/preflight.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { SlackControls } from '../sandbox/slack/server.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { type Bot, createChaosBot, TIMING } from './bot.ts';
import type { ChaosClock, HostClock } from './clock.ts';
import { createFate, type Fate } from './fate.ts';
import { deskOf } from './history.ts';
import { mortalStore, type StoreTrouble } from './mortal-store.ts';
import type { Schedule } from './schedule.ts';
import { KEEP, type Shelf } from './shelf.ts';
import { startWire, type Wire } from './wire.ts';

export interface Member {
  readonly bot: Bot;
  readonly fate: Fate;
  readonly host: HostClock;
  readonly wire: Wire;
}

export interface Stage {
  readonly schedule: Schedule;
  readonly slack: SlackStandIn & SlackControls;
  readonly clock: ChaosClock;
  readonly shelf: Shelf;
  readonly trouble: StoreTrouble;
  /** How much each bot has under way, outside of this thread. */
  readonly work: Set<() => number>;
  readonly onWritten: (change: Change) => void;
  /** Errors that the bots logged. */
  readonly errors: string[];
  readonly isCalm: () => boolean;
}

export interface Crew {
  /** Those that live, by replica. */
  members(): readonly Member[];
  member(replica: number): Member | null;
  /** Puts a new bot in the place of each that died. */
  replace(): Promise<void>;
}

const CALL_MS = 250;

export async function createCrew(stage: Stage): Promise<Crew> {
  const { schedule, slack } = stage;
  const identity = await identify(new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl }));
  const places: (Member | null)[] = Array.from({ length: schedule.replicas }, () => null);
  let born = 0;
  const crew: Crew = {
    members: () => places.filter((member) => member !== null && !member.fate.isDead()).filter((one) => one !== null),
    member: (replica) => places[replica] ?? null,
    async replace() {
      for (const [replica, member] of places.entries()) {
        if (member !== null && !member.fate.isDead()) continue;
        born += 1;
        places[replica] = await begin(stage, { identity, instance: `bot-${replica}-${born}` });
      }
    },
  };
  await crew.replace();
  return crew;
}

async function begin(stage: Stage, as: { readonly identity: Identity; readonly instance: string }): Promise<Member> {
  const { schedule, slack, clock, trouble, onWritten, errors, isCalm, work } = stage;
  const fate = createFate();
  const host = clock.host(fate);
  const wire = await startWire(slack.url, fate);
  const { store: real, release } = await stage.shelf.open();
  const kind = schedule.replicas === 1 ? real.about.kind : 'mongodb';
  const { store, busy } = mortalStore(real, { fate, trouble, kind, onWritten });
  const standIns = new Set<() => number>();
  let opening = 0;
  const openStandIn = async () => {
    opening += 1;
    const real = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: host.now }).finally(() => {
      opening -= 1;
    });
    const never = { away: false, silent: false };
    const mortal = mortalStore(real, { fate, trouble: never, kind: 'sqlite', onWritten: () => undefined });
    standIns.add(mortal.busy);
    fate.onDeath(() => void real.close());
    return { ...mortal.store, close: real.close };
  };
  const quiet = () => undefined;
  const error = (fields: object, message: string) => {
    // Said of Slack's own trouble, which is made here.
    if (!fate.isDead() && message !== 'direct message not delivered')
      errors.push(`${message}: ${String(Object.values(fields).at(-1))}`);
  };
  const log = { debug: quiet, info: quiet, warn: quiet, error };
  const reports = deskOf(schedule, host, isCalm);
  const { apiUrl } = wire;
  const { botToken } = slack;
  const bot = createChaosBot({
    reports,
    store,
    openStandIn,
    host,
    apiUrl,
    botToken,
    ...as,
    callMs: CALL_MS,
    timing: TIMING,
    log,
  });
  const under = () => busy() + wire.busy() + opening + [...standIns].reduce((sum, own) => sum + own(), 0);
  work.add(under);
  fate.onDeath(() => {
    work.delete(under);
    release();
  });
  await bot.start();
  return { bot, fate, host, wire };
}
