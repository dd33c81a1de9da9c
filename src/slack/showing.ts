// What everything that is shown is made from.

import type { Redact } from '../core/connections/redaction.ts';
import type { Desk } from '../core/ports/reports.ts';
import type { Timing } from './client/settings.ts';
import type { Reception } from './requests/handle-request.ts';

export interface Showing {
  readonly desk: Desk;
  /** The slash command's name. */
  readonly command: string;
  readonly explained: Reception['explained'];
  readonly timing: Timing;
  /** Of times of day in words; null for the machine's own. */
  readonly timeZone: string | null;
  /** Takes secrets out of what somebody typed, which is shown to others. */
  readonly redact: Redact;
}
