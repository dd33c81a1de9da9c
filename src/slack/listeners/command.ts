// The slash command.

import type { App } from '@slack/bolt';
import type { Floor } from '../floor.ts';
import { commandVisit } from '../requests/decode.ts';

/** Any command of the app: one with another name than the settings have would never be answered otherwise. */
export function listenToCommand(app: App, { reception, answers }: Floor): void {
  app.command(/^\//, ({ command }) =>
    reception.attend(commandVisit(command), (guest) => answers.command(guest, command.text)),
  );
}
