// The buttons of the demo's page: what happens to prod and to whom the bot asks, and how fast time goes.

import { apiError } from '../atlas/fault.ts';
import type { StandInProject } from '../project.ts';
import type { Control } from '../slack/page/page.ts';
import type { SlackControls } from '../slack/server.ts';
import type { SimulatedClock } from './clock.ts';

const DAY = 1440;
const BILLING = 'Billing API';
/** How many times their usual: enough of them for one message about all. */
const SEVEN: Readonly<Record<string, number>> = {
  'Web EU': 4,
  'CI runners': 8,
  'Kubernetes (peered VPC)': 4,
  'Reports (private endpoint)': 8,
  'Thumbnails (Lambda)': 6,
  'Office Berlin': 40,
  'Contractor (entry removed)': 20,
};

const control = (id: string, label: string, run: () => void | Promise<void>): Control => ({
  ...{ id, label },
  run: async () => run(),
});

/** What happens to prod and to the project's access list. */
export function happenings({ atlas, scenario }: StandInProject): readonly Control[] {
  const prod = scenario.cluster('prod');
  const list = atlas.scenario.accessList;
  const removed: typeof list = [];
  return [
    control('spike', 'Billing API spikes', () => prod.spike(BILLING, 6)),
    control('worse', 'It gets worse', () => prod.spike(BILLING, 16)),
    control('calm', 'Billing API calms down', () => prod.calm(BILLING)),
    control('seven', 'Seven sources at once', () => {
      for (const [name, factor] of Object.entries(SEVEN)) prod.spike(name, factor);
    }),
    control('all-calm', 'All seven calm down', () => {
      for (const name of Object.keys(SEVEN)) prod.calm(name);
    }),
    control('election', 'An election', () => prod.election()),
    control('lose', 'A node is lost', () => prod.lostNode(2)),
    control('back', 'The node is back', () => prod.nodeBack(2)),
    control('remove', 'Web EU’s access list entry is removed', () => {
      const at = list.findIndex(({ comment }) => comment === 'Web EU');
      if (at >= 0) removed.push(...list.splice(at, 1));
    }),
    control('add', 'The entry is added back', () => void list.push(...removed.splice(0))),
  ];
}

/** A day passes in a minute. */
export function dayControl(clock: Pick<SimulatedClock, 'speed'>, setSpeed: (speed: number) => void): Control {
  return control('day', 'A day passes in a minute', () => {
    const before = clock.speed();
    if (before >= DAY) return;
    setSpeed(DAY);
    setTimeout(() => setSpeed(before), 60_000).unref();
  });
}

/** Slack and Atlas fail and come back. */
export function outages({ atlas }: StandInProject, { faults }: Pick<SlackControls, 'faults'>): readonly Control[] {
  const failing = apiError(500, 'UNEXPECTED_ERROR', { detail: 'The stand-in was told to fail.' });
  return [
    control('slack-fails', 'Slack fails', () => {
      faults.fail('*', 503, Number.POSITIVE_INFINITY);
      faults.dropSockets();
    }),
    control('slack-works', 'Slack works again', () => faults.clear()),
    control('atlas-fails', 'Atlas fails', () => void atlas.faults.add(/./, failing)),
    control('atlas-works', 'Atlas works again', () => atlas.faults.clear()),
  ];
}
