// The buttons of the demo's page: what happens to prod and to whom the bot asks, how fast time goes, and what to expect.

import { apiError } from '../atlas/fault.ts';
import type { StandInProject } from '../project.ts';
import { fullNodeIncident } from '../scenario/full-node.ts';
import { playSteps } from '../scenario/steps.ts';
import type { Control } from '../slack/page/page.ts';
import type { SlackControls } from '../slack/server.ts';
import type { Applications } from './applications.ts';
import type { SimulatedClock } from './clock.ts';

const DAY = 1440;
const BILLING = 'Billing API';
/** How many times their usual. They are there at every hour, so that seven of them rise whenever it is pressed. */
const SEVEN: Readonly<Record<string, number>> = {
  [BILLING]: 4,
  'Web EU': 4,
  'Kubernetes (peered VPC)': 4,
  'Reports (private endpoint)': 5,
  'Thumbnails (Lambda)': 4,
  'Office Berlin': 20,
  'Contractor (entry removed)': 12,
};

/** How the page tells what to expect. */
export interface Outlook {
  /** The channel of alerts, `#db-ops`. */
  readonly channel: string;
  /** A time of the bot's clock as the wall's clock shows it: `10 s`. */
  after(minutes: number): string;
  /** Whether the bot has the history that rules about the usual need. */
  readonly hasPast: boolean;
}

/** Minutes of a clock that goes `speed` times as fast as the wall's. */
export function wallTime(minutes: number, speed: number): string {
  const seconds = Math.round((minutes * 60) / speed);
  return seconds < 90 ? `${seconds}\u00a0s` : `${Math.round(seconds / 60)}\u00a0min`;
}

const control = (id: string, label: string, expect: string, run: () => void | Promise<void>): Control => ({
  ...{ id, label, expect },
  run: async () => run(),
});

interface Happening {
  readonly outlook: Outlook;
  readonly clock: Pick<SimulatedClock, 'now' | 'wait'>;
  /** The applications that report their pools; left out where none do. */
  readonly apps?: Applications | null;
  /** Ends what goes on by itself. */
  readonly ending: AbortSignal;
}

/** What happens to prod and to the project's access list. */
export function happenings({ atlas, scenario }: StandInProject, given: Happening): readonly Control[] {
  const { outlook, apps = null } = given;
  const { channel, after, hasPast } = outlook;
  const prod = scenario.cluster('prod');
  const list = atlas.scenario.accessList;
  const removed: typeof list = [];
  const alert = (what: string, minutes: number) =>
    hasPast
      ? `${what} in ${channel} within ${after(minutes)}`
      : `More in the next report; ${what.toLowerCase()} in ${channel} once the bot has a day of history`;
  return [
    control('spike', 'Billing API spikes', alert('An alert', 15), () => prod.spike(BILLING, 6)),
    control('worse', 'It gets worse', alert('A reply to its alert', 10), () => prod.spike(BILLING, 16)),
    ...(apps === null ? [] : [leakingControl(apps, outlook)]),
    control('calm', 'Billing API calms down', alert('Its alert resolves', 20), () => {
      apps?.calm();
      prod.calm(BILLING);
    }),
    control('full', 'A full node', fullNodeOutlook(outlook), fullNode(scenario, given)),
    control('seven', 'Seven sources at once', alert('One message about all seven', 15), () => {
      for (const [name, factor] of Object.entries(SEVEN)) prod.spike(name, factor);
    }),
    control('all-calm', 'All seven calm down', alert('It resolves', 20), () => {
      for (const name of Object.keys(SEVEN)) prod.calm(name);
    }),
    control('election', 'An election', 'Another primary in /atlas-conns nodes prod, and no alert', () =>
      prod.election(),
    ),
    control('lose', 'A node is lost', `An alert in ${channel} within ${after(15)}`, () => prod.lostNode(2)),
    control('back', 'The node is back', `Its alert resolves in ${channel} within ${after(20)}`, () => prod.nodeBack(2)),
    control(
      'remove',
      'Web EU’s access list entry is removed',
      'Billing API has its connections in /atlas-conns prod, and no alert',
      () => {
        const at = list.findIndex(({ comment }) => comment === 'Web EU');
        if (at >= 0) removed.push(...list.splice(at, 1));
      },
    ),
    control('add', 'The entry is added back', 'Web EU has its row again in /atlas-conns prod', () => {
      list.push(...removed.splice(0));
    }),
  ];
}

/** It needs no past: what the application says of its own pools is enough. */
function leakingControl(apps: Applications, { channel, after }: Outlook): Control {
  const expect = `Its pools are used up, and pool-exhausted says so in ${channel} within ${after(8)}; see /atlas-conns pools`;
  return control('leak-checkouts', 'Billing API leaks checkouts', expect, () => apps.leak());
}

function fullNodeOutlook({ channel, after }: Outlook): string {
  const { reaches, election, rollBack } = fullNodeIncident.facts;
  const [first, then, last] = [reaches.eighty + 2, election, rollBack.ends].map(after);
  return `A leak of Billing API fills the primary: alerts in ${channel} after ${first}, an election after ${then}, rolled back after ${last}`;
}

/** From its beginning, also where it has begun already. */
function fullNode({ cluster }: StandInProject['scenario'], { clock, ending }: Happening): () => void {
  let playing = new AbortController();
  return () => {
    playing.abort();
    playing = new AbortController();
    const signal = AbortSignal.any([ending, playing.signal]);
    const play = { cluster: cluster(fullNodeIncident.cluster), clock, signal };
    void playSteps(fullNodeIncident.steps, play);
  };
}

/** A day passes in a minute. */
export function dayControl(clock: Pick<SimulatedClock, 'speed'>, setSpeed: (speed: number) => void): Control {
  return control('day', 'A day passes in a minute', 'The clock runs faster, and then as before', () => {
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
    control('slack-fails', 'Slack fails', 'Commands get no answer; alerts wait; the bot logs it', () => {
      faults.fail('*', 503, Number.POSITIVE_INFINITY);
      faults.dropSockets();
    }),
    control('slack-works', 'Slack works again', 'What waited comes, within a minute or two', () => faults.clear()),
    control('atlas-fails', 'Atlas fails', 'Reports say that names may be old; the bot logs it', () => {
      atlas.faults.add(/./, failing);
    }),
    control('atlas-works', 'Atlas works again', 'Reports are whole again', () => atlas.faults.clear()),
  ];
}
