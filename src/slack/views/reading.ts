// Shown while a reading takes longer than a second.

import { counted } from '../../core/figures.ts';
import { message, prose } from '../blocks.ts';
import { bold, type Phrase } from '../phrase.ts';
import type { MessageView } from '../view.ts';

/** `nodes` is null before they are known. */
export function readingView({
  cluster,
  nodes,
}: {
  readonly cluster: string;
  readonly nodes: number | null;
}): MessageView {
  const line: Phrase = ['Reading ', bold(cluster), nodes === null ? '…' : `, ${counted(nodes, 'node')}…`];
  return message({ said: [line], above: [prose([line])], below: [] });
}
