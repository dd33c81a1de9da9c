// The fetch of the Web API clients, with somebody who counts: which method, and what came of it.

import type { FetchFunction } from '@slack/web-api';
import type { Observer, SlackResult } from '../core/observe.ts';

/** Those that the bot calls; any other is counted as `other`, so that their number has a bound. */
const METHODS: ReadonlySet<string> = new Set([
  'apps.connections.open',
  'auth.test',
  'chat.getPermalink',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.history',
  'conversations.info',
  'conversations.replies',
  'usergroups.users.list',
  'users.info',
  'views.open',
  'views.publish',
  'views.update',
]);

type Response = Awaited<ReturnType<FetchFunction>>;

/** Also where the library tries again: each exchange is one. */
export function observedFetch(onCall: Observer['slackCall'], ask: FetchFunction = fetch): FetchFunction {
  return async (url, init) => {
    const method = methodOf(url);
    const tell = (result: SlackResult) => onCall({ method, result });
    const response = await ask(url, init).catch((error: unknown) => {
      tell('unanswered');
      throw error;
    });
    if (response.status === 200) return listening(response, tell);
    tell(response.status === 429 ? 'rate_limited' : 'error');
    return response;
  };
}

function methodOf(url: string | URL): string {
  const name = String(url).split(/[?#]/)[0]?.split('/').at(-1) ?? '';
  return METHODS.has(name) ? name : 'other';
}

/** Whether Slack did it is in the body alone, which the library reads once: its reading is listened to. */
function listening(response: Response, tell: (result: SlackResult) => void): Response {
  const { ok, status, statusText, url, headers } = response;
  return {
    ...{ ok, status, statusText, url, headers },
    arrayBuffer: () => response.arrayBuffer(),
    json: () => response.json(),
    async text() {
      const body = await response.text().catch((error: unknown) => {
        tell('unanswered');
        throw error;
      });
      tell(isOk(body) ? 'ok' : 'error');
      return body;
    },
  };
}

function isOk(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
  } catch {
    return false;
  }
}
