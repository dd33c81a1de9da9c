// What a view is made of, whatever the blocks: its elements, its texts, and those of them that Slack parses.

import type { HomeView, MessageView } from '../../../src/slack/blockkit/types.ts';

export interface Element {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Every object of the view, blocks first. */
export function* elementsOf(value: unknown): Generator<Element> {
  if (Array.isArray(value)) {
    for (const one of value) yield* elementsOf(one);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const type = 'type' in value ? String(value.type) : '';
  yield { ...value, type };
  for (const inner of Object.values(value)) yield* elementsOf(inner);
}

/** What people read or hear. */
export function sayings(view: MessageView | HomeView): readonly string[] {
  const fields = ['text', 'caption', 'fallback', 'accessibility_label'] as const;
  return [view, ...elementsOf(view)].flatMap((element) =>
    fields.flatMap((field) => {
      const said = Object.entries(element).find(([name]) => name === field)?.[1];
      return typeof said === 'string' ? [said] : [];
    }),
  );
}

/** What Slack parses. */
export function mrkdwnOf(view: MessageView): readonly string[] {
  const marked = [...elementsOf(view.blocks)].filter(({ type }) => type === 'mrkdwn');
  return [view.text, ...marked.map(({ text }) => String(text))];
}
