// A notification as a line: when, what became of it, where, which rule, and the sentence.

import type { Notification } from '../core/notification.ts';
import { minute } from './moment.ts';
import { printable } from './printable.ts';
import type { Paint } from './terminal.ts';

const STYLES = { firing: 'red', worse: 'red', repeat: 'yellow', resolved: 'green' } as const;

/** Without an end of line. */
export function told({ at, cluster, event, rule, text }: Notification, paint: Paint): string {
  const word = event === 'resolved' ? 'ended' : event;
  return `${minute(at)}  ${paint(STYLES[event], word.padEnd(6))}  ${printable(`${cluster}  ${rule}  ${text}`)}`;
}
