// What the watch says of itself: where history lives, what waits, what could not be written.

import { counted } from '../../core/base/format.ts';
import type { WatchStatus } from '../../core/ports/monitor.ts';
import { bold, type Phrase } from '../blockkit/rich-text.ts';
import { waitingLines } from './alert-status.ts';
import { at } from './alert-words.ts';
import { sentence } from './notes.ts';

const KINDS: Readonly<Record<string, string>> = { sqlite: 'SQLite', mongodb: 'MongoDB' };

/** Without a watch one line that says so. */
export function watchLines(watch: WatchStatus | null): readonly Phrase[] {
  if (watch === null) return [['No history is kept, and no alerts are posted.']];
  const { store, unwritten, lost, waiting } = watch;
  const where: Phrase = [
    'History and alerts live in ',
    bold(`${KINDS[store.kind] ?? store.kind}: ${store.where}`),
    '.',
  ];
  return [
    where,
    ...awayLines(store),
    ...(unwritten === 0
      ? []
      : [[`${counted(unwritten, 'reading')} ${unwritten === 1 ? 'waits' : 'wait'} to be written.`]]),
    ...(lost === 0
      ? []
      : [
          [
            `${counted(lost, 'reading')} before ${lost === 1 ? 'was' : 'were'} lost: memory holds no more, or they could not be written.`,
          ],
        ]),
    ...(waiting === null ? [['How many messages wait for Slack cannot be told now.']] : waitingLines(waiting)),
  ];
}

function awayLines({ awaySince, problem }: WatchStatus['store']): readonly Phrase[] {
  if (awaySince === null) return [];
  const since: Phrase = ['It cannot be used since ', at(awaySince)];
  if (problem === null) return [[...since, ': readings go on and are written when it is back.']];
  return [[...since, ': ', ...sentence(problem)], ['Readings go on and wait in memory meanwhile.']];
}
