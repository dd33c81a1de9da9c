// Nothing is lost to a refusal: a message that Slack does not take is sent again in a simpler form, and the log says why.

import { asText, clamped, withoutCharts } from '../blockkit/fallback.ts';
import type { MessageView, TableStyle } from '../blockkit/types.ts';
import type { Posted } from '../posted.ts';
import { isFormRefused, isTokenGone, isTooMuch } from './errors.ts';
import type { BotLog } from './log.ts';

/** A view before it is known how tables can be shown. */
export type Rendering = (tables: TableStyle) => MessageView;
export type Post = (view: MessageView) => Promise<Posted>;

export interface Sender {
  /**
   * Tries it with charts and without, then data_table, table and text, then the first blocks alone, then words alone.
   * Never rejects for Slack's part.
   */
  send(rendering: Rendering, post: Post): Promise<Posted>;
}

const STYLES: readonly TableStyle[] = ['data_table', 'table', 'text'];

interface Form {
  readonly name: TableStyle | 'clamped' | 'words';
  readonly isCharted: boolean;
  readonly view: MessageView;
}

/** What the workspace was seen to take. */
interface Manner {
  readonly style: TableStyle;
  readonly charts: boolean;
}

export function createSender(input: {
  readonly log: BotLog;
  /** Called with Slack's code when it no longer takes the token. */
  readonly onTokenGone: (code: string) => void;
}): Sender {
  const { log } = input;
  let manner: Manner = { style: 'data_table', charts: true };

  const remember = ({ name }: Form, refused: Form) => {
    // The same tables are taken without the chart: it was the chart that was in the way.
    const charts = manner.charts && !(refused.isCharted && name === manner.style);
    const style = STYLES.find((known) => known === name) ?? manner.style;
    if (charts === manner.charts && style === manner.style) return;
    manner = { style, charts };
    log.warn(manner, 'messages are shown in a simpler style from now on');
  };

  return {
    async send(rendering, post) {
      let refused: Form | null = null;
      let isKindRefused = false;
      let posted: Posted = { ok: false, error: 'unknown', detail: [] };
      for (const form of forms(rendering, manner)) {
        if (refused !== null && JSON.stringify(form.view) === JSON.stringify(refused.view)) continue;
        posted = await post(form.view);
        if (posted.ok) {
          if (isKindRefused && refused !== null) remember(form, refused);
          return posted;
        }
        log.warn({ form: form.name, error: posted.error, detail: posted.detail }, 'Slack did not take a message');
        if (isTokenGone(posted.error)) input.onTokenGone(posted.error);
        if (!isFormRefused(posted.error)) return posted;
        // What was only too much is no reason to do without tables from now on.
        isKindRefused ||= !isTooMuch(posted.error);
        refused = form;
      }
      return posted;
    },
  };
}

function* forms(rendering: Rendering, { style, charts }: Manner): Generator<Form> {
  const best = rendering(style);
  if (charts && best.blocks.some(({ type }) => type === 'data_visualization'))
    yield { name: style, isCharted: true, view: best };
  const plain = { isCharted: false };
  for (const name of STYLES.slice(STYLES.indexOf(style)))
    yield { ...plain, name, view: withoutCharts(rendering(name)) };
  const whole = rendering('text');
  yield { ...plain, name: 'clamped', view: clamped(whole) };
  // The rows of a table can be told in words; of the lines that stand for one they cannot.
  yield { ...plain, name: 'words', view: asText(rendering('table')) };
}
