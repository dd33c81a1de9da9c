// Somebody may not ask: why, and whom to ask instead.

import { message, prose } from '../blocks.ts';
import { type Phrase, who } from '../phrase.ts';
import type { MessageView } from '../view.ts';

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
