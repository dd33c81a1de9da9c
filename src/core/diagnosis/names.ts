// unnamed: many connections have no appName, or a name that Atlas or a tool fills in.

import { count, percent, sum } from '../base/format.ts';
import { isDefaultAppName } from '../drivers/app-names.ts';
import { type Finder, pooledOf } from './finder.ts';

/** With fewer, whoever looks finds the program by its address. */
const MANY = 50;
/** Below a quarter of a source the names of the others say enough. */
const LEAST_SHARE = 0.25;

export const unnamed: Finder = ({ source, cluster }) => {
  const rows = source.apps.filter(
    ({ name }) => name === null || name === '' || isDefaultAppName(name, cluster.cluster),
  );
  const pooled = sum(rows, (row) => row.pooled);
  const share = pooled / Math.max(1, pooledOf(source));
  if (pooled < MANY || share < LEAST_SHARE) return null;
  const defaults = rows.flatMap(({ name }) => (name === null || name === '' ? [] : [`"${name}"`]));
  const what =
    defaults.length === 0 ? 'no appName' : `the appName ${defaults.join(', ')}, which Atlas or a tool fills in`;
  const both = defaults.length > 0 && rows.length > defaults.length ? 'no appName, or ' : '';
  return {
    evidence: [
      `${count(pooled)} of ${count(pooledOf(source))} connections (${percent(share)}) have ${both}${what}.`,
      'Nothing tells services without a name, or with the same name, from each other.',
    ],
    frees: null,
    confidence: 'fits',
  };
};
