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

/** 200 where every check is ok, else 503. */
export function answerOf(checks: readonly Check[], more: Readonly<Record<string, unknown>> = {}): Answer {
  const ok = checks.every((check) => check.ok);
  const body = JSON.stringify({ ok, checks, ...more }, null, 2);
  return { status: ok ? 200 : 503, type: 'application/json; charset=utf-8', body: `${body}\n` };
}

export function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}
