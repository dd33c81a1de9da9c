// Where a delivery goes: into the message that there is, below one, or into a channel.

import type { MessageRef, Outbox, Taken } from '../core/outbox.ts';
import type { Subject } from './notifier/message.ts';

export type Address =
  | { readonly kind: 'edit'; readonly place: MessageRef }
  /** `threadTs` null for the channel itself. */
  | { readonly kind: 'post'; readonly channel: string; readonly threadTs: string | null }
  /** Below the message of its group, which has no place yet. */
  | { readonly kind: 'below'; readonly channel: string }
  | { readonly kind: 'nowhere' };

/** Threads have one level: what belongs to an alert of a group stands in the group's thread. */
export async function addressOf(
  taken: Taken,
  { alert }: Subject,
  { outbox, known }: { readonly outbox: Pick<Outbox, 'place'>; readonly known: MessageRef | null },
): Promise<Address> {
  const { kind, about, channel } = taken;
  const own = known ?? (about === null ? null : await outbox.place(about));
  if (kind === 'message' && own !== null) return { kind: 'edit', place: own };
  const alone: Address = channel === null ? { kind: 'nowhere' } : { kind: 'post', channel, threadTs: null };
  if (kind === 'note') return alone;
  const group = alert?.group ?? null;
  const above = (group === null ? null : await outbox.place(group)) ?? own;
  if (above !== null) return { kind: 'post', channel: above.channel, threadTs: above.ts };
  return kind === 'message' && group !== null && channel !== null ? { kind: 'below', channel } : alone;
}
