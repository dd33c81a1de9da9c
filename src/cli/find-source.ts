// "Which source?" at the terminal: what fits several or none is said with the names that would fit.

import { counted } from '../core/figures.ts';
import { findSource as findInSources } from '../core/find-source.ts';
import { nodesUnread } from '../core/headroom.ts';
import type { ConnectionReport } from '../core/report.ts';
import type { ConnectionSource } from '../core/source.ts';
import { UserError } from '../errors.ts';
import { printable } from './printable.ts';

const MOST_CANDIDATES = 10;

/** @throws UserError with the candidates where several fit, with the nearest where none does */
export function findSource(report: ConnectionReport, wanted: string): ConnectionSource {
  const match = findInSources(report.sources, wanted);
  switch (match.kind) {
    case 'found':
      return match.source;
    case 'several':
      throw ambiguous(wanted, match.candidates);
    case 'none':
      throw unknown(report, { wanted, near: match.nearest });
  }
}

function ambiguous(wanted: string, found: readonly ConnectionSource[]): UserError {
  const names = found.slice(0, MOST_CANDIDATES).map(({ id, name }) => `  ${name === id ? id : `${name} (${id})`}`);
  const more = found.length - names.length;
  return new UserError(
    printable(`"${wanted}" fits ${counted(found.length, 'source')}.`),
    [`Name one of them by its id:`, ...names.map(printable), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
  );
}

function unknown(
  report: ConnectionReport,
  { wanted, near }: { readonly wanted: string; readonly near: string | null },
): UserError {
  const { cluster } = report;
  const unread = nodesUnread(report).length;
  const where = unread === 0 ? cluster : `the nodes of ${cluster} that were read (${counted(unread, 'node')} not)`;
  const remedy = near === null ? `atlas-conns report ${cluster} lists them all.` : `Did you mean "${near}"?`;
  return new UserError(printable(`No source "${wanted}" has connections to ${where}.`), printable(remedy));
}
