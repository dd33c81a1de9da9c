// The demo's project with days and nights: office hours, an evening peak, a job at night, and a little chance.

import { demoScenario } from '../scenario/demo.ts';
import type { ScenarioPlan } from '../scenario/scenario.ts';
import type { Source } from '../scenario/source.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

type Rhythm = Pick<Source, 'presence' | 'wave' | 'noise'>;

const daily = (peak: number, depth: number): Rhythm => ({
  wave: { periodSeconds: DAY, depth, peakSeconds: peak * HOUR },
  noise: 0.05,
});
const between = (from: number, to: number): Rhythm => ({
  presence: { everySeconds: DAY, atSeconds: from * HOUR, forSeconds: (to - from) * HOUR },
});

/** Hours of the day are UTC. */
const RHYTHMS: Readonly<Record<string, Rhythm>> = {
  'Billing API': daily(14, 0.25),
  'Web EU': daily(19, 0.5),
  'CI runners': between(6, 20),
  'Nightly ETL': between(1, 1.75),
  'Kubernetes (peered VPC)': daily(16, 0.1),
  'Reports (private endpoint)': daily(9, 0.3),
};

/** For a scenario that begins at midnight. */
export const weekScenario: ScenarioPlan = {
  ...demoScenario,
  clusters: demoScenario.clusters.map((cluster) => ({
    ...cluster,
    sources: cluster.sources.map((source) => ({ ...source, ...RHYTHMS[source.name] })),
  })),
};
