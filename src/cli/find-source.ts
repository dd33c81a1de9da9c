// "Which source?" at the terminal: what fits several or none is said with the names that would fit.

import { counted } from '../core/base/format.ts';
import { type Findable, findSource as findInSources } from '../core/connections/find-source.ts';
import { nodesUnread } from '../core/connections/node-usage.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import type { ConnectionSource } from '../core/connections/source.ts';
import type { KnownSource } from '../core/ports/store.ts';
import { UserError } from '../errors.ts';
import { printable } from './printable.ts';

const MOST_CANDIDATES = 10;

/** @throws UserError with the candidates where several fit, with the nearest where none does */
export function findSource(report: ConnectionReport, wanted: string): ConnectionSource {
  const { sources, cluster } = report;
  const unread = nodesUnread(report).length;
  const where = unread === 0 ? cluster : `the nodes of ${cluster} that were read (${counted(unread, 'node')} not)`;
  const none = `No source "${wanted}" has connections to ${where}.`;
  return found({ sources, wanted, none, all: `atlas-conns report ${cluster} lists them all.` });
}

/** The same among those that a history knows. */
export function findKnown(sources: readonly KnownSource[], cluster: string, wanted: string): KnownSource {
  const none = `No source "${wanted}" is in the history of ${cluster}.`;
  return found({
    sources,
    wanted,
    none,
    all: `atlas-conns history --cluster ${cluster} --window 400d lists them all.`,
  });
}

function found<Source extends Findable>(asked: {
  readonly sources: readonly Source[];
  readonly wanted: string;
  /** What to say where none fits, and how to see them all. */
  readonly none: string;
  readonly all: string;
}): Source {
  const { sources, wanted } = asked;
  const match = findInSources(sources, wanted);
  switch (match.kind) {
    case 'found':
      return match.source;
    case 'several':
      throw ambiguous(wanted, match.candidates);
    case 'none': {
      const remedy = match.nearest === null ? asked.all : `Did you mean "${match.nearest}"?`;
      throw new UserError(printable(asked.none), printable(remedy));
    }
  }
}

function ambiguous(wanted: string, fitting: readonly Findable[]): UserError {
  const names = fitting.slice(0, MOST_CANDIDATES).map(({ id, name }) => `  ${name === id ? id : `${name} (${id})`}`);
  const more = fitting.length - names.length;
  return new UserError(
    printable(`"${wanted}" fits ${counted(fitting.length, 'source')}.`),
    [`Name one of them by its id:`, ...names.map(printable), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
  );
}
