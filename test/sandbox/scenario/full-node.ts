// "A full node": a deploy leaks connections until the primary is full, others are shut out, and it is rolled back.

import type { Step } from './steps.ts';

interface Incident {
  /** The cluster that it happens to. */
  readonly cluster: string;
  /** In order. */
  readonly steps: readonly Step[];
  /** What is true of it whatever the bot says, for a cluster of the demo in daytime. Minutes are those of the steps. */
  readonly facts: {
    readonly culprit: {
      readonly source: string;
      readonly app: string;
      /** MongoClients. */
      readonly clients: { readonly usual: number; readonly leaking: number };
    };
    /** Shut out as soon as the node is full; `as` is the bot's name for it. */
    readonly victims: readonly { readonly source: string; readonly as: string }[];
    /** Places in the set: full until the election, and from it until the roll-back. */
    readonly nodes: { readonly before: number; readonly after: number };
    /** When the share of its limit is reached. */
    readonly reaches: { readonly eighty: number; readonly ninety: number; readonly full: number };
    readonly election: number;
    /** When half of it is undone, and all. */
    readonly rollBack: { readonly begins: number; readonly ends: number };
  };
}

const CULPRIT = 'Billing API';
const CLIENTS = { usual: 12, leaking: 40 };
const ELECTION = 20;
const ROLL_BACK = { begins: 32, ends: 34 };
/**
 * Connections that are leaked at the end of each minute. The primary of the demo has 625 to 875 in daytime, and 3,000
 * fit: each share is reached in the same minute at any hour.
 */
const LEAKED = [0, 200, 450, 700, 950, 1175, 1580, 1875, 2200, 2220, 2240, 2260, 2280, 2300];

const step = (minute: number, label: string, run: Step['run']): Step => ({ minute, label, run });

export const fullNodeIncident: Incident = {
  cluster: 'prod',
  steps: [
    step(0, 'Billing API deploys a version that leaks connections', (cluster) =>
      cluster.spike(CULPRIT, (CLIENTS.leaking + 0.5) / CLIENTS.usual, 'clients'),
    ),
    ...LEAKED.map((leaked, minute) => step(minute, '', (cluster) => cluster.leak(CULPRIT, leaked))),
    step(ELECTION, 'An election', (cluster) => cluster.election()),
    step(ROLL_BACK.begins, 'Billing API rolls back: half of it is done', (cluster) =>
      cluster.leak(CULPRIT, (LEAKED.at(-1) ?? 0) / 2),
    ),
    step(ROLL_BACK.ends, 'Billing API is rolled back', (cluster) => cluster.calm(CULPRIT)),
  ],
  facts: {
    culprit: { source: CULPRIT, app: 'billing', clients: CLIENTS },
    victims: [{ source: 'Thumbnails (Lambda)', as: '198.51.100.128/28' }],
    nodes: { before: 0, after: 1 },
    reaches: { eighty: 6, ninety: 7, full: 8 },
    election: ELECTION,
    rollBack: ROLL_BACK,
  },
};
