// Reports of the applications' pools, shared by replicas: one document for each process, of its newest report.

import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { jsonIn } from '../../core/base/json.ts';
import { totalsOf } from '../../core/pools/intake.ts';
import { GONE_AFTER_MS } from '../../core/pools/report.ts';
import { storedReport, storedTotals } from '../../core/pools/stored.ts';
import type { AgedReport, SharedPools, SharedReport } from '../../core/ports/pools.ts';
import { UpstreamError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import type { Collections, PoolDocument } from './documents.ts';
import { damagedProblem, isDuplicate } from './problems.ts';

/** Of one command. */
const MOST_WRITES = 500;
/** The newest ones. Two replicas keep as many at most. */
const MOST_READ = 20_000;

export function poolsIn({ call, asked }: Connection, { pools }: Collections): SharedPools {
  return {
    async write(reports) {
      for (let index = 0; index < reports.length; index += MOST_WRITES) {
        const writes = reports.slice(index, index + MOST_WRITES).map(writeOf);
        await call(async () => {
          try {
            await pools.bulkWrite(writes, { ordered: false });
          } catch (error) {
            if (!isDuplicate(error)) throw error;
            // Another replica inserted the same process at the same moment. Now it is there to be updated.
            await pools.bulkWrite(writes, { ordered: false });
          }
        });
      }
    },
    async read() {
      const found = await call(({ signal }) => pools.aggregate<Aged>(AGED, { signal }).toArray());
      try {
        return found.flatMap((one) => reportIn(one) ?? []);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new UpstreamError(damagedProblem(asked, 'a report of pools'), { cause: error });
      }
    },
  };
}

/** Null for a document of another version, as while replicas are replaced. */
function reportIn({ report: text, ageMs, firstAgeMs, before }: Aged): SharedReport | null {
  const report = storedReport(parsed(text));
  const totals = before && storedTotals(parsed(before.totals));
  return report && { report, ageMs, firstAgeMs, before: before && totals && { ageMs: before.ageMs, ...totals } };
}

function parsed(text: string): unknown {
  const part = jsonIn(text);
  if (part === undefined) throw new SyntaxError('not JSON');
  return part;
}

/**
 * In one update, so that two replicas cannot replace a newer report by an older one. The time is the server's: clocks of
 * replicas may differ. Values are literals, because a text that begins with $ would be an expression.
 */
function writeOf({ report, ageMs }: AgedReport): AnyBulkWriteOperation<PoolDocument> {
  const { seq, process, bye } = report;
  const { id, pid, host } = process;
  const isAbsent = { $eq: [{ $type: '$seq' }, 'missing'] };
  const isNewer = {
    $and: [
      { $lt: ['$seq', { $literal: seq }] },
      { $eq: ['$pid', { $literal: pid }] },
      { $eq: ['$host', { $literal: host }] },
    ],
  };
  const at = { $subtract: ['$$NOW', { $literal: ageMs }] };
  const next = {
    _id: { $literal: id },
    ...literals({
      seq,
      pid,
      host,
      gone: bye,
      report: JSON.stringify(report),
      totals: JSON.stringify(totalsOf(report)),
    }),
    at,
    firstAt: { $cond: [isAbsent, at, '$firstAt'] },
    before: { $cond: [{ $or: [isAbsent, { $eq: ['$gone', true] }] }, null, { at: '$at', totals: '$totals' }] },
  };
  const update = [{ $replaceWith: { $cond: [{ $or: [isAbsent, isNewer] }, next, '$$ROOT'] } }];
  return { updateOne: { filter: { _id: id }, update, upsert: true } };
}

function literals(fields: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { $literal: value }]));
}

interface Aged {
  readonly report: string;
  readonly ageMs: number;
  readonly firstAgeMs: number;
  readonly before: { readonly ageMs: number; readonly totals: string } | null;
}

const ageOf = (time: Document | string) => ({ $max: [0, { $subtract: ['$$NOW', time] }] });
const AGED: Document[] = [
  { $match: { gone: { $ne: true }, $expr: { $gt: ['$at', { $subtract: ['$$NOW', GONE_AFTER_MS] }] } } },
  { $sort: { at: -1 } },
  { $limit: MOST_READ },
  {
    $project: {
      _id: 0,
      report: 1,
      ageMs: ageOf('$at'),
      firstAgeMs: ageOf({ $ifNull: ['$firstAt', new Date(0)] }),
      before: {
        $cond: [{ $eq: ['$before', null] }, null, { ageMs: ageOf('$before.at'), totals: '$before.totals' }],
      },
    },
  },
];
