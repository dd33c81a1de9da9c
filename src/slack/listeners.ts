// Acknowledged at once, always: known or not, allowed or not, and before anything else is done.

import type { App } from '@slack/bolt';
import { slackErrorCode } from './client/errors.ts';
import type { BotLog } from './client/log.ts';

/**
 * Commands and clicks; events Bolt acknowledges itself. An unknown command or button would never be acknowledged by its
 * listeners, for there are none. Where the line is gone, Slack delivers again, and the work goes on regardless.
 */
export function acknowledgeAll(app: App, log: BotLog): void {
  app.use(async (args) => {
    if ('command' in args || 'action' in args) {
      try {
        await args.ack();
      } catch (error) {
        log.warn({ error: slackErrorCode(error), err: error }, 'a delivery could not be acknowledged');
      }
    }
    await args.next();
  });
}
