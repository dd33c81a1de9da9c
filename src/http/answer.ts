// An answer of the health server, whole before it is sent.

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One thing that was looked at, and what was found in words. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
}

/**
 * 200 where every check is ok, else 503.
 * @param input.redact takes secrets out of a text
 */
export function answerOf(input: {
  readonly checks: readonly Check[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly redact: (text: string) => string;
}): Answer {
  const { checks, more = {}, redact } = input;
  const ok = checks.every((check) => check.ok);
  // Text by text: in the whole a short secret such as "true" would be found where it is JSON's own.
  const shown = (_key: string, value: unknown) => (typeof value === 'string' ? redact(value) : value);
  const body = JSON.stringify({ ok, checks, ...more }, shown, 2);
  return { status: ok ? 200 : 503, type: 'application/json; charset=utf-8', body: `${body}\n` };
}

export function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}
