// Alerts of the real bot as a person sees them in the channel: which there are, what they say, what is pressed.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedClock } from '../sandbox/demo/clock.ts';
import type { RunningCluster } from '../sandbox/scenario/scenario.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { OPS } from '../slack/bot-fixture.ts';
import { askIn, openWorkplace, type Workplace } from './slack.ts';

export interface Watched {
  readonly work: Workplace;
  readonly prod: RunningCluster;
  /** What all see in the channel. */
  all(): readonly Message[];
  /** Messages of alerts about a source, without their threads. */
  about(who: string): readonly Message[];
  /** The alert about a source, once its message begins so. */
  inState(who: string, state: string): Promise<Message>;
  /** In the thread of an alert, once it is there. */
  reply(alert: Message, words: RegExp): Promise<Message>;
  press(alert: Message, actionId: string): Promise<unknown>;
  /** A command, and what it is answered with: alerts may be told meanwhile. */
  ask(text: string): Promise<Message>;
  close(): Promise<void>;
}

/** A limit each, which needs no history. */
const settings = (schedule: string) => `
schedule: "${schedule}"
projects:
  - id: \${MONGODB_ATLAS_PROJECT_ID}
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
    clusters: [prod]
rules:
  dormant-spike: off
  pooled-spike: off
  churn: off
  clients: off
  new-source: off
  unreadable: off
  overrides:
    - { source: "Billing API", dormant-threshold: { limit: 250, readings: "1 of 1" } }
    - { source: "Web EU", dormant-threshold: { limit: 600, readings: "1 of 1" } }
    - { source: "peered network*", dormant-threshold: { limit: 500, readings: "1 of 1", severity: critical } }
    - { source: "*reports*", dormant-threshold: { limit: 100, readings: "1 of 1" } }
slack:
  channel: ${OPS}
  routes:
    - { source: "Billing API", owner: "${BEN.id}", runbook: "https://wiki.example.com/billing" }
`;

/** The caller closes it. */
export async function openWatched(options: {
  readonly schedule: string;
  readonly clock?: SimulatedClock;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Watched> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-alerts-'));
  const file = join(directory, 'settings.yaml');
  await writeFile(file, settings(options.schedule));
  const env = { ATLAS_CONNS_CONFIG: file, ATLAS_CONNS_DATA_DIR: join(directory, 'data'), TZ: 'UTC', ...options.env };
  const work = await openWorkplace({ env, ...(options.clock !== undefined && { clock: options.clock }) });
  const { slack } = work;
  const all = () => slack.messages(OPS, ANNA.id).filter(({ ephemeralTo }) => ephemeralTo === null);
  const about = (who: string) =>
    all().filter(({ threadTs, text }) => threadTs === null && (text.split('\n')[0] ?? '').includes(`— ${who}`));
  return {
    work,
    prod: work.project.scenario.cluster('prod'),
    all,
    about,
    inState: (who, state) => slack.until(() => about(who).find(({ text }) => text.startsWith(state))),
    reply: ({ ts }, words) =>
      slack.until(() => all().find(({ threadTs, text }) => threadTs === ts && words.test(text))),
    press: ({ channel, ts }, actionId) => slack.press({ user: ANNA.id, message: { channel, ts }, actionId }),
    ask: (text) => askIn(slack, text),
    async close() {
      await work.close();
      await rm(directory, { recursive: true });
    },
  };
}
