// When each cluster is read: the default, or the last setting whose glob fits its name.

import { fits } from '../../core/base/glob.ts';
import type { Schedules } from '../monitor/types.ts';

export function scheduleOf(cluster: string, schedules: Schedules): string {
  return schedules.clusters.findLast((one) => fits(one.cluster, cluster))?.schedule ?? schedules.default;
}
