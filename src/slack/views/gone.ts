// A click on an old message whose source or cluster is no more.

import { actions, message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { freshReport } from './buttons.ts';

/** @param input `what` is gone, in words, e.g. `The source of this message`; `cluster` where a fresh report can be had */
export function goneView({ what, cluster }: { readonly what: string; readonly cluster: string | null }): MessageView {
  const line: Phrase =
    cluster === null
      ? [what, ' is no longer there.']
      : [what, ' is no longer there. A fresh report of ', bold(cluster), ' shows who is.'];
  return message({
    said: [line],
    above: [prose([line])],
    below: cluster === null ? [] : [actions([freshReport(cluster)])],
  });
}
