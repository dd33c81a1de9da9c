// Trigger ids: a person's act opens one modal, within three seconds or whatever time it is given.

import type { Triggers } from './answer.ts';
import { textOf } from './answer.ts';

export function createTriggers(now: () => Date, lifeMs: number): Triggers {
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
      if (now().getTime() - trigger.at > lifeMs) return { error: 'expired_trigger_id' };
      trigger.isUsed = true;
      return { user: trigger.user };
    },
  };
}
