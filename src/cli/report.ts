// `atlas-conns report`: ask, print in the form that was asked for, and say by the exit code whether all was read.

import type { ConnectionReport } from '../core/report.ts';
import type { Dimension } from '../core/turn.ts';
import { UserError } from '../errors.ts';
import type { Commands, SavedReading } from './commands.ts';
import { nodesRead, nodesUnread } from './figures.ts';
import { findSource } from './find-source.ts';
import { printable } from './printable.ts';
import { sentence, unreadLines } from './remarks.ts';
import { reportCsv } from './report-csv.ts';
import { reportJson } from './report-json.ts';
import { reportText } from './report-text.ts';
import { sourceText } from './source-text.ts';
import { painter, type Terminal } from './terminal.ts';

/** As the parser gives them. */
export interface ReportOptions {
  readonly by: Dimension;
  readonly source?: string;
  readonly threads?: true;
  readonly json?: true;
  readonly csv?: true;
  readonly from?: readonly SavedReading[];
  readonly accessList?: readonly string[];
}

interface Input {
  readonly cluster: string | null;
  readonly options: ReportOptions;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** @returns the exit code: 0 all was read, 1 something could not be read */
export async function showReport(input: Input): Promise<number> {
  checkOptions(input);
  const report = await ask(input);
  print(report, input);
  return report.complete && nodesUnread(report).length === 0 && nodesRead(report).length > 0 ? 0 : 1;
}

function checkOptions({ cluster, options }: Input): void {
  const { from, accessList, json, by } = options;
  if (from !== undefined && cluster !== null)
    throw new UserError(printable(`--from reads files, and "${cluster}" is a cluster.`), 'Give one or the other.');
  if (from === undefined && accessList !== undefined)
    throw new UserError('--access-list belongs to --from.', 'Add --from FILE, or leave --access-list out.');
  if (json === true && by !== 'source')
    throw new UserError('--json holds every dimension already.', 'Leave --by out, or use --csv.');
}

function ask({ cluster, options, commands, signal }: Input): Promise<ConnectionReport> {
  const threads = options.threads === true || options.json === true;
  if (options.from === undefined) return commands.report({ cluster, threads, signal });
  return commands.savedReport({ readings: options.from, accessLists: options.accessList ?? [], threads, signal });
}

function print(report: ConnectionReport, { options, terminal }: Input): void {
  const paint = painter(terminal.colors);
  const nothingRead = nodesRead(report).length === 0;
  if (options.json === true) terminal.out(reportJson(report));
  if (nothingRead) {
    const said = report.problems.map((problem) => `problem: ${sentence(problem)}`);
    const lines = [
      `Nothing could be read of ${printable(report.cluster)}.`,
      ...unreadLines(report, painter(false)),
      ...said,
    ];
    terminal.err(`${lines.join('\n')}\n`);
    return;
  }
  if (options.json === true) return;
  if (options.csv === true) {
    terminal.out(reportCsv(report, options.by));
    const missing = unreadLines(report, painter(false));
    if (missing.length > 0) terminal.err(`${missing.join('\n')}\n`);
    return;
  }
  const width = terminal.columns;
  const text =
    options.source === undefined
      ? reportText(report, { by: options.by, threads: options.threads === true, width, paint })
      : sourceText({ report, source: findSource(report, options.source), width, paint });
  terminal.out(text);
}
