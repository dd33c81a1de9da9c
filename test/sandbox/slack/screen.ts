// What people see, and who and what is there.

import type { SlackStandIn } from './stand-in.ts';
import { BOT, isMember, type UserGroup, type View, type Workspace } from './workspace.ts';

type Seen = Pick<SlackStandIn, 'messages' | 'home' | 'onChange' | 'addPerson' | 'addChannel'>;

/** `addPerson` and `addChannel` replace one of the same id, which is how members come and go. */
export interface Screen extends Seen {
  addGroup(group: UserGroup): void;
  archive(channel: string, isArchived?: boolean): void;
  /** The bot is taken out of a channel, or comes back into it. */
  botIn(channel: string, isIn: boolean): void;
  /** Somebody deletes a message. */
  remove(message: { readonly channel: string; readonly ts: string }): void;
  /** The modal this person sees. */
  modal(user: string): View | null;
  /** They close it without sending it. */
  closeModal(user: string): void;
  /** Resolves once `look` finds something, looking again after every change and call; rejects when `signal` aborts. */
  until<T>(look: () => T | null | undefined | false, signal?: AbortSignal): Promise<T>;
}

export function createScreen(workspace: Workspace): Screen {
  return {
    messages(id, asSeenBy) {
      const channel = workspace.channels.get(id);
      const isHidden = channel === undefined || (channel.kind !== 'public' && !isMember(channel, asSeenBy));
      if (isHidden) return [];
      return workspace
        .messages()
        .filter((message) => message.channel === id)
        .filter(({ ephemeralTo }) => ephemeralTo === null || ephemeralTo === asSeenBy);
    },
    home(user) {
      const view = workspace.homes.get(user);
      return view === undefined ? null : { blocks: view.blocks, version: view.version };
    },
    modal: (user) => workspace.modals.get(user)?.at(-1) ?? null,
    closeModal(user) {
      workspace.modals.set(user, (workspace.modals.get(user) ?? []).slice(0, -1));
      workspace.changed();
    },
    onChange: (listener) => workspace.onChange(listener),
    addPerson(person) {
      workspace.people.set(person.id, person);
      workspace.changed();
    },
    addChannel(channel) {
      workspace.channels.set(channel.id, channel);
      workspace.changed();
    },
    addGroup: (group) => void workspace.groups.set(group.id, group),
    archive(channel, isArchived = true) {
      if (isArchived) workspace.archived.add(channel);
      else workspace.archived.delete(channel);
    },
    botIn(id, isIn) {
      const channel = workspace.channels.get(id);
      if (channel === undefined) throw new Error(`there is no channel ${id}`);
      const others = channel.members.filter((member) => member !== BOT.user);
      workspace.channels.set(id, { ...channel, members: isIn ? [...others, BOT.user] : others });
      workspace.changed();
    },
    remove({ channel, ts }) {
      const message = workspace.message(channel, ts);
      if (message === null) throw new Error(`there is no message ${ts} in ${channel}`);
      workspace.remove(message);
    },
    until: (look, signal) => until(look, workspace, signal),
  };
}

function until<T>(look: () => T | null | undefined | false, workspace: Workspace, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = workspace.onChange(check);
    signal?.addEventListener('abort', () => {
      stop();
      reject(signal.reason);
    });
    check();
    function check(): void {
      const found = look();
      if (found === null || found === undefined || found === false) return;
      stop();
      resolve(found);
    }
  });
}
