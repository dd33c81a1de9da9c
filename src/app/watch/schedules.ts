// When each cluster is read: the default, or the last setting whose glob fits its name.

import { fits } from '../../core/glob.ts';
import type { Schedules } from './input.ts';

export function scheduleOf(cluster: string, schedules: Schedules): string {
  return schedules.clusters.findLast((one) => fits(one.cluster, cluster))?.schedule ?? schedules.default;
}
