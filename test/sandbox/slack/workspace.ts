// What the stand-in Slack knows: people, channels, messages, views; and how it changes.

import { EventEmitter } from 'node:events';
import type { Channel, Message, Person } from './stand-in.ts';

export type Block = Readonly<Record<string, unknown>>;

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
}

/** A modal or an App Home. */
export interface View {
  readonly id: string;
  readonly type: string;
  readonly hash: string;
  readonly version: number;
  /** Whose screen it is on. */
  readonly user: string;
  readonly blocks: readonly Block[];
  /** The rest as the app gave it: title, submit, callback_id, private_metadata, … */
  readonly given: Block;
  readonly rootId: string;
  readonly previousId: string | null;
}

export interface UploadedFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly channel: string | null;
  readonly content: Buffer;
}

export const TEAM = { id: 'T0000STAND', domain: 'stand-in', name: 'Stand-in' };
export const BOT = { user: 'U000000BOT', id: 'B000000BOT', app: 'A000000APP', name: 'atlas-conns' };

export interface Workspace {
  readonly people: Map<string, Person>;
  readonly channels: Map<string, Channel>;
  readonly archived: Set<string>;
  readonly groups: Map<string, UserGroup>;
  readonly homes: Map<string, View>;
  /** A person's open modals, the visible one last. */
  readonly modals: Map<string, readonly View[]>;
  readonly files: Map<string, UploadedFile>;
  readonly now: () => Date;
  messages(): readonly Message[];
  message(channel: string, ts: string): Message | null;
  post(draft: Draft): Message;
  edit(message: Message, change: Partial<Message>): Message;
  remove(message: Message): void;
  /** An id that was never given before: `V` gives `V00000001`. */
  newId(prefix: string): string;
  /** Unique and growing, as a message's `ts`. */
  newTs(): string;
  /** Tells who listens that something changed. */
  changed(): void;
  onChange(listener: () => void): () => void;
}

interface Draft {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly ephemeralTo?: string | null;
  readonly threadTs?: string | null;
  readonly broadcast?: boolean;
  readonly metadata?: unknown;
}

/** @param posted what messages are dated by */
export function createWorkspace(now: () => Date, posted: () => Date): Workspace {
  const known = new Map<string, Message>();
  const listeners = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  const keyOf = (message: { readonly channel: string; readonly ts: string }) => `${message.channel}/${message.ts}`;
  let ids = 0;
  let lastMicros = 0;

  const workspace: Workspace = {
    people: new Map(),
    channels: new Map(),
    archived: new Set(),
    groups: new Map(),
    homes: new Map(),
    modals: new Map(),
    files: new Map(),
    now,
    messages: () => [...known.values()],
    message: (channel, ts) => known.get(`${channel}/${ts}`) ?? null,
    post(draft) {
      const { channel, user, text, blocks = [], ephemeralTo = null, threadTs = null } = draft;
      const { metadata, broadcast = false } = draft;
      const identified = withIds(blocks, workspace);
      const ts = workspace.newTs();
      const message = { ts, channel, user, text, blocks: identified, ephemeralTo, threadTs, edits: 0 };
      return keep({ ...message, ...(broadcast && { broadcast }), ...(metadata !== undefined && { metadata }) });
    },
    edit(message, change) {
      const blocks = withIds(change.blocks ?? message.blocks, workspace);
      return keep({ ...message, ...change, blocks, edits: message.edits + 1 });
    },
    remove(message) {
      known.delete(keyOf(message));
      workspace.changed();
    },
    newId: (prefix) => `${prefix}${String(++ids).padStart(8, '0')}`,
    newTs() {
      lastMicros = Math.max(lastMicros + 1, Math.floor(posted().getTime()) * 1000);
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
    },
    changed: () => void listeners.emit('change'),
    onChange(listener) {
      listeners.on('change', listener);
      return () => void listeners.off('change', listener);
    },
  };

  function keep(message: Message): Message {
    known.set(keyOf(message), message);
    workspace.changed();
    return message;
  }
  return workspace;
}

/** Slack names what the app left without a block_id or action_id. */
export function withIds(blocks: readonly Block[], workspace: Pick<Workspace, 'newId'>): readonly Block[] {
  const named = (element: unknown) =>
    isInteractive(element) && element['action_id'] === undefined
      ? { ...element, action_id: workspace.newId('a') }
      : element;
  return blocks.map((block) => ({
    ...block,
    block_id: block['block_id'] ?? workspace.newId('b'),
    ...(Array.isArray(block['elements']) && { elements: block['elements'].map(named) }),
    ...(block['accessory'] !== undefined && { accessory: named(block['accessory']) }),
    ...(Array.isArray(block['actions']) && { actions: block['actions'].map(named) }),
  }));
}

const NOT_INTERACTIVE = ['image', 'mrkdwn', 'plain_text', 'card'];

function isInteractive(element: unknown): element is Block {
  if (typeof element !== 'object' || element === null || !('type' in element)) return false;
  return !NOT_INTERACTIVE.includes(String(element.type)) && !String(element.type).startsWith('rich_text');
}

/** The bot belongs to a channel as people do. */
export function isMember(channel: Channel, user: string): boolean {
  return channel.members.includes(user);
}

/** The direct message channel of a person and the bot, opened where there was none. */
export function directChannel(workspace: Workspace, user: string): Channel {
  const open = [...workspace.channels.values()].find(
    (channel) => channel.kind === 'direct' && isMember(channel, user) && isMember(channel, BOT.user),
  );
  if (open !== undefined) return open;
  const name = workspace.people.get(user)?.name ?? user;
  const channel: Channel = { id: workspace.newId('D0'), name, kind: 'direct', members: [user, BOT.user] };
  workspace.channels.set(channel.id, channel);
  workspace.changed();
  return channel;
}
