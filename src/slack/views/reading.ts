// Shown while a reading takes longer than a second.

import { counted } from '../../core/base/format.ts';
import { message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';

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
