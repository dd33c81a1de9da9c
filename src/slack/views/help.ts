// What one can ask, from the table of commands.

import type { CommandForm } from '../../core/commands/command.ts';
import { bullets, header, message, prose } from '../blockkit/blocks.ts';
import { code, type Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';

export function helpView({
  command,
  forms,
}: {
  readonly command: string;
  readonly forms: readonly CommandForm[];
}): MessageView {
  const lines = forms.map(({ usage, says }): Phrase => [code(`${command} ${usage}`), ' — ', says]);
  const threads: Phrase = ['In a thread, where slash commands do not exist, mention me instead and write the same.'];
  return message({
    said: [['What you can ask'], ...lines, threads],
    above: [header('What you can ask'), bullets(lines), prose([threads])],
    below: [],
  });
}
