// Somebody may not ask: why, and whom to ask instead.

import { message, prose } from '../blockkit/blocks.ts';
import { type Phrase, who } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';

/** Whom or where to ask, at most. */
const MOST = 5;

/** @param input `ask`: ids of users, user groups and channels, or words */
export function refusalView({
  reason,
  ask,
}: {
  readonly reason: string;
  readonly ask: readonly string[];
}): MessageView {
  const asked = ask.slice(0, MOST).flatMap((one, at) => [at === 0 ? ' Ask ' : ' or ', who(one)]);
  const line: Phrase = asked.length === 0 ? [reason] : [reason, ...asked, '.'];
  return message({ said: [line], above: [prose([line])], below: [] });
}
