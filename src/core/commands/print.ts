// A command as the text that parses back to it; for hints. A name that holds both kinds of quotes may be misread.

import type { SilenceEnd } from '../alerting/silence.ts';
import { durationText } from '../base/duration.ts';
import type { Command } from './command.ts';
import { clusterText } from './grammar.ts';
import { quoted, tokensOf } from './tokens.ts';

export function printCommand(command: Command): string {
  switch (command.kind) {
    case 'status':
    case 'help':
      return command.kind;
    case 'nodes':
    case 'hygiene':
    case 'alerts':
      return words(command.kind, command.cluster && clusterText(command.cluster));
    case 'source':
      return words('source', quoted(command.source), inCluster(command));
    case 'history': {
      const source = command.source === null ? null : quoted(command.source);
      return words('history', source, inCluster(command), durationText(command.window));
    }
    case 'silence': {
      const { target, until, hold, reason } = command;
      const what = words('silence', quoted(target), inCluster(command), endText(until));
      return words(what, hold ? 'hold' : null, reason === null ? null : reasonText(reason));
    }
    case 'unsilence':
      return words('unsilence', command.target && quoted(command.target), inCluster(command));
    case 'report': {
      const by = command.by === 'source' ? null : `by ${command.by}`;
      return words(command.cluster && clusterText(command.cluster), by);
    }
  }
}

const words = (...parts: readonly (string | null)[]) => parts.filter(Boolean).join(' ');
const inCluster = ({ cluster }: { readonly cluster: string | null }) => cluster && `in ${clusterText(cluster)}`;

function endText(end: SilenceEnd): string {
  if ('for' in end) return durationText(end.for);
  return words('until', end.date, end.time);
}

/** In quotes where its first word would be read as something else. */
function reasonText(reason: string): string {
  const [first] = tokensOf(reason);
  const isPlain = first !== undefined && /^\w/.test(reason) && !['hold', 'in'].includes(first.text.toLowerCase());
  return isPlain ? reason : quoted(reason);
}
