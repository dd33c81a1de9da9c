// One request of one person, whichever way it came: plain data, made by decode.ts.

import type { AskedIn } from '../../core/base/permissions.ts';
import type { SilenceInput } from '../blockkit/silence-fields.ts';

export interface SlackRequest {
  /** The same delivery has the same id, however often it arrives. */
  readonly id: string;
  readonly user: string;
  readonly channel: AskedIn;
  readonly way: Origin;
}

/** How an answer reaches the person. */
export type Origin =
  | { readonly kind: 'command'; readonly responseUrl: string }
  | {
      readonly kind: 'click';
      readonly responseUrl: string;
      /** Whether the clicked message is the person's own, so that an answer takes its place. */
      readonly isOwn: boolean;
      readonly threadTs: string | null;
    }
  | {
      readonly kind: 'mention';
      /** The message itself, or the one that its thread hangs on. */
      readonly threadTs: string;
      readonly isInThread: boolean;
    }
  | { readonly kind: 'home' }
  /** A modal that is open: what is said stands in it. */
  | { readonly kind: 'modal'; readonly viewId: string };

/** What was pressed or chosen. */
export interface Press {
  readonly actionId: string;
  /** Of the button, or of the chosen option; empty where there is none. */
  readonly value: string;
}

export interface Submission {
  readonly visit: SlackRequest;
  readonly subject: string;
  readonly input: SilenceInput;
}
