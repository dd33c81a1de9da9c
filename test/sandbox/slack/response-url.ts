// Response URLs: five uses within thirty minutes, also where the bot is no member.

import { type Answer, blocksIn, type Fields, isTrue, type Refusal, refuse, textOf } from './answer.ts';
import { refusedMessage } from './chat-methods.ts';
import type { Message } from './stand-in.ts';
import { BOT, type Workspace } from './workspace.ts';

const LIFE_MS = 30 * 60_000;
const USES = 5;

/** Where answers go, and the message that was clicked; null after a command. */
interface Origin {
  readonly channel: string;
  readonly user: string;
  readonly original: Message | null;
}

interface Issued extends Origin {
  readonly at: number;
  uses: number;
  /** What a replacement replaces: the clicked message, else the command's last ephemeral answer. */
  current: { readonly channel: string; readonly ts: string } | null;
}

export interface ResponseUrls {
  /** The id of a fresh one. */
  issue(origin: Origin): string;
  use(id: string, body: Fields): { readonly status: number; readonly answer: Answer | Refusal };
  /** As `use`, for what came with the acknowledgement, which counts as no use. */
  answer(id: string, body: Fields): Answer | Refusal;
}

export function createResponseUrls(workspace: Workspace): ResponseUrls {
  const issued = new Map<string, Issued>();

  function apply(url: Issued, body: Fields): Answer | Refusal {
    const current = url.current === null ? null : workspace.message(url.current.channel, url.current.ts);
    if (isTrue(body['delete_original'])) {
      if (current !== null) workspace.remove(current);
      return { ok: true };
    }
    const refused = refusedMessage(body);
    if (refused !== null) return refused;
    const content = { text: textOf(body['text']), blocks: blocksIn(body) };
    if (isTrue(body['replace_original']) && current !== null) {
      workspace.edit(current, content);
      return { ok: true };
    }
    const isForAll = body['response_type'] === 'in_channel';
    const threadTs = textOf(body['thread_ts']) || null;
    const place = { channel: url.channel, user: BOT.user, threadTs, ephemeralTo: isForAll ? null : url.user };
    const message = workspace.post({ ...place, ...content });
    if (url.original === null && !isForAll) url.current = message;
    return { ok: true };
  }

  return {
    issue(origin) {
      const id = workspace.newId('R');
      issued.set(id, { ...origin, at: workspace.now().getTime(), uses: 0, current: origin.original });
      return id;
    },
    use(id, body) {
      const url = issued.get(id);
      if (url === undefined) return { status: 404, answer: refuse('invalid_url') };
      if (workspace.now().getTime() - url.at > LIFE_MS) return { status: 404, answer: refuse('expired_url') };
      if (url.uses === USES) return { status: 404, answer: refuse('used_url') };
      url.uses += 1;
      const answer = apply(url, body);
      return { status: answer.ok ? 200 : 400, answer };
    },
    answer(id, body) {
      const url = issued.get(id);
      return url === undefined ? refuse('invalid_url') : apply(url, body);
    },
  };
}
