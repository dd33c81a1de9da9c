// What both kinds of Atlas credentials offer to a request: a ticket, and another one when the first was refused.

import type { HttpAnswer } from './http.ts';

/** What one request carries. */
export interface Ticket {
  /** Value of the `Authorization` header; null where the server must first challenge. */
  readonly header: string | null;
  /** What the ticket rests on (a token, a nonce): tells whether somebody has renewed it meanwhile. */
  readonly proof: string | null;
}

export interface Authorization {
  /** Rejects with UpstreamError, or with the signal's reason. `target` is the path as the server sees it. */
  ticket(request: { readonly method: string; readonly target: string }, signal: AbortSignal): Promise<Ticket>;
  /** After a 401: whether the same request is worth sending once more, with the next ticket. */
  renew(refusal: { readonly answer: HttpAnswer; readonly used: Ticket; readonly renewals: number }): boolean;
}
