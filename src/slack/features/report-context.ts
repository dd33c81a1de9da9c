// What the watch knows around a reading: what is usual, which alerts are open, what is silenced, the last day of a source.

import { isOpen } from '../../core/alerting/alert.ts';
import { unlessAborted } from '../../core/base/abort.ts';
import { DAY } from '../../core/base/duration.ts';
import { percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { History, Monitor } from '../../core/ports/monitor.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import { UserError } from '../../errors.ts';
import type { Timing } from '../client/settings.ts';
import type { RequestHandler } from '../requests/handle-request.ts';
import type { ReportContext } from '../views/report-context.ts';

/** A report does not wait longer for what stands beside its figures. */
const PATIENCE_MS = 5_000;
/** Points of a chart. */
export const POINTS = 20;

export interface ReportContextRequest {
  readonly cluster: string;
  /** A source's id, where one is looked at. */
  readonly source: string | null;
  readonly signal: AbortSignal;
  readonly explained: (error: unknown) => Problem;
}

/** Null without a watch. Never rejects: what the store does not tell is said, and the report stands without it. */
export async function reportContextOf(
  { monitor }: ReportService,
  asked: ReportContextRequest,
): Promise<ReportContext | null> {
  if (monitor === null) return null;
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    return await unlessAborted(gathered(monitor, { ...asked, signal }), signal);
  } catch (error) {
    const { code, text, remedy } = signal.aborted ? tooSlow(monitor, asked.cluster) : asked.explained(error);
    const problem = { code, text: `Alerts and what is usual are missing here: ${text}`, remedy };
    return { usual: new Map(), alerts: [], silences: [], history: null, problem };
  }
}

function tooSlow(monitor: Monitor, cluster: string): Problem {
  const remedy = 'Ask again in a minute.';
  const way = monitor.catchingUp(cluster);
  if (way === null) return { code: 'watch-slow', text: 'the store did not answer in time.', remedy };
  const done = percent((way.at - way.from) / Math.max(1, way.to - way.from));
  return {
    code: 'watch-catching-up',
    text: `the history of ${cluster} is judged anew, ${done} of it is done.`,
    remedy,
  };
}

async function gathered(monitor: Monitor, { cluster, source, signal }: ReportContextRequest): Promise<ReportContext> {
  const [usual, board, history] = await Promise.all([
    monitor.usual(cluster, signal),
    monitor.board(signal),
    source === null ? null : lastDay(monitor, { cluster, source, signal }),
  ]);
  return {
    usual,
    alerts: board.alerts.filter((alert) => alert.cluster === cluster && isOpen(alert)),
    silences: board.silences.filter((silence) => silence.cluster === null || silence.cluster === cluster),
    history,
    problem: null,
  };
}

async function lastDay(
  monitor: Monitor,
  of: { readonly cluster: string; readonly source: string; readonly signal: AbortSignal },
): Promise<History | null> {
  try {
    return await monitor.history({ ...of, window: DAY, points: POINTS });
  } catch (error) {
    // It came after the last scheduled reading.
    if (error instanceof UserError) return null;
    throw error;
  }
}

// What everything that is shown is made from.

export interface ViewDependencies {
  readonly reports: ReportService;
  /** The slash command's name. */
  readonly command: string;
  readonly explained: RequestHandler['explained'];
  readonly timing: Timing;
  /** Of times of day in words; null for the machine's own. */
  readonly timeZone: string | null;
  /** Takes secrets out of what somebody typed, which is shown to others. */
  readonly redact: Redact;
}
