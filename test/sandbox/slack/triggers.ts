// Trigger ids: a person's act opens one modal, within three seconds.

import type { Triggers } from './answer.ts';
import { textOf } from './answer.ts';

const LIFE_MS = 3000;

export function createTriggers(now: () => Date): Triggers {
  const issued = new Map<string, { readonly user: string; readonly at: number; isUsed: boolean }>();
  return {
    issue(user) {
      const id = `${1000 + issued.size}.${now().getTime()}.${Math.random().toString(16).slice(2)}`;
      issued.set(id, { user, at: now().getTime(), isUsed: false });
      return id;
    },
    use(id) {
      const trigger = issued.get(textOf(id));
      if (trigger === undefined) return { error: 'invalid_trigger_id' };
      if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
      if (now().getTime() - trigger.at > LIFE_MS) return { error: 'expired_trigger_id' };
      trigger.isUsed = true;
      return { user: trigger.user };
    },
  };
}
