// Schemas of single settings. Each message states the expected value.

import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../core/base/duration.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { isConnectionString } from '../core/base/redact.ts';
import { readConnectionString, secretsIn } from '../core/lint/connection-string.ts';
import { parseCidr } from '../core/net/cidr.ts';

const SOCKET = '.sock';

/** `cluster0` of `mongodb+srv://cluster0.abcde.mongodb.net`: the first label of the first host; an IP address whole. */
export function clusterNameOf(uri: string): string {
  const first = readConnectionString(uri).string?.hosts[0] ?? uri;
  if (first.endsWith(SOCKET)) return first.slice(first.lastIndexOf('/') + 1, -SOCKET.length) || first;
  const host = first.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(host) > 0 ? host : (host.split('.')[0] ?? host);
}

/** Secrets of a connection string: the string, and its password as written and decoded. */
export function secretsInUri(uri: string): readonly string[] {
  const secrets = secretsIn(uri);
  return secrets.length === 0 ? [] : [uri, ...secrets];
}

const expectedText = { error: 'Expected text; what looks like a number needs quotes.' };
export const text = z.string(expectedText).min(1, expectedText);

/** A name, or a pattern with * and ?, to match against every name. */
export const pattern = text.max(200, { error: 'Expected a name or pattern of at most 200 characters.' });

export const mongodbUri = text.superRefine((uri, context) => {
  for (const { severity, text: what, fix } of readConnectionString(uri).findings)
    if (severity === 'error') context.addIssue({ code: 'custom', message: `${what} ${fix}` });
});

/** The name appears wherever the cluster does. A connection string in its place would expose its password. */
export const clusterName = pattern.refine((name) => !isConnectionString(name), {
  error:
    'Expected the name of a cluster; one with a connection string is written as { name, uri } under projects[].clusters.',
});

export const projectId = text.regex(/^[0-9a-f]{24}$/i, {
  error: 'Expected the 24 hexadecimal digits that Atlas shows under Project Settings.',
});

export const httpUrl = text.refine(
  (value) => URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol),
  { error: 'Expected a URL that starts with https:// or http://.' },
);

export const port = text.refine((value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535, {
  error: 'Expected a port number, 1 to 65535.',
});

/** An address or name of this machine, without a port. */
export const listenHost = text.refine((value) => isIP(value) > 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value), {
  error: 'Expected an address of this machine such as 127.0.0.1, 0.0.0.0 or ::1, without a port.',
});

const LEAST_TOKEN = 16;
const MOST_TOKENS = 2;

/** In the text of a header: no blanks, no letters outside ASCII. */
export const poolsToken = text.refine(
  (value) => {
    const tokens = tokensIn(value);
    return (
      tokens.length <= MOST_TOKENS &&
      tokens.every((token) => token.length >= LEAST_TOKEN && /^[\x21-\x7e]+$/.test(token))
    );
  },
  {
    error: `Expected a token of at least ${LEAST_TOKEN} letters, digits and signs without blanks; or two, separated by a comma, while one is replaced.`,
  },
);

/** Also for redaction: each token is a secret of its own. */
export function tokensIn(value: string): readonly string[] {
  return value.split(',').map((token) => token.trim());
}

export const channelId = text.regex(/^[CDG][A-Z0-9]{3,}$/, {
  error: 'Expected a channel id such as C0123ABCD (in Slack: the channel’s details, at the bottom).',
});

export const userId = text.regex(/^[UW][A-Z0-9]{3,}$/, {
  error: 'Expected a user id such as U0123ABCD (in Slack: the profile, Copy member ID).',
});

/** In milliseconds. */
export const duration = text.transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: 'Expected a duration such as 12h, 35d or 8w.' });
  return z.NEVER;
});

export function startingWith(prefix: string, what: string) {
  return text.startsWith(prefix, { error: `Expected ${what}: it starts with ${prefix}.` });
}

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, {
    error: (issue) => {
      const near = typeof issue.input === 'string' ? nearest(issue.input, words) : null;
      return `Expected one of ${words.join(', ')}.${near === null ? '' : ` Did you mean ${near}?`}`;
    },
  });
}

/** A block for a label, in canonical form. Never /0: such a label would name every client. */
export const labelCidr = text.transform((value, context) => {
  const block = parseCidr(value);
  if (block !== null && block.prefix > 0) return block.text;
  const message =
    block === null
      ? 'Expected a CIDR block such as 203.0.113.0/28 or 2001:db8::/48.'
      : 'A /0 block matches every address: the label would name all clients. Name smaller blocks.';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** An object with known keys. Unknown keys are an issue with one line each, which suggests the nearest known key. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const keys: readonly string[] = issue['keys'] ?? [];
      return keys.map((key) => remedyFor(key, known)).join('\n');
    },
  });
}

function remedyFor(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === null ? `Known settings: ${known.join(', ')}.` : `Did you mean ${near}?`;
}
