// A message as lines of text, roughly as Slack draws it: so that expected views can be read.

import type { HomeView, MessageView } from '../../../src/slack/blockkit/types.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => value as Fields;
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : []) as readonly Fields[];

export function drawn({ blocks }: MessageView | HomeView): string {
  return blocks.map((block) => drawnBlock(fields(block))).join('\n');
}

function drawnBlock(block: Fields): string {
  switch (block['type']) {
    case 'header':
      return `# ${fields(block['text'])['text']}`;
    case 'divider':
      return '---';
    case 'context':
      return listOf(block['elements'])
        .map(({ text }) => `small: ${text}`)
        .join('\n');
    case 'actions':
      return listOf(block['elements']).map(drawnElement).join(' ');
    case 'rich_text':
      return listOf(block['elements']).map(drawnRichText).join('\n');
    case 'table':
    case 'data_table':
      return listOf(block['rows'])
        .map((row) => listOf(row).map(drawnCell).join(' | '))
        .join('\n');
    case 'data_visualization':
      return drawnChart(block);
    default:
      throw new Error(`nobody draws ${block['type']}`);
  }
}

function drawnChart({ title, chart }: Fields): string {
  const lines = listOf(fields(chart)['series']).map(
    ({ name, data }) =>
      `${name} ${listOf(data)
        .map(({ label, value }) => `${label} ${value}`)
        .join(', ')}`,
  );
  return [`chart: ${title}`, ...lines].join('\n');
}

function drawnElement(element: Fields): string {
  if (element['type'] === 'static_select') {
    const words = listOf(element['options']).map(({ text }) => fields(text)['text']);
    return `[${fields(element['placeholder'])['text']} ▾ ${words.join('; ')}]`;
  }
  if (element['type'] === 'overflow')
    return `(⋯ ${listOf(element['options'])
      .map(({ text }) => fields(text)['text'])
      .join('; ')})`;
  return `(${fields(element['text'])['text']})`;
}

function drawnCell(cell: Fields): string {
  return cell['type'] === 'rich_text' ? listOf(cell['elements']).map(drawnRichText).join('') : String(cell['text']);
}

function drawnRichText(part: Fields): string {
  const inner = listOf(part['elements']);
  if (part['type'] === 'rich_text_list') return inner.map((item) => `• ${drawnRichText(item)}`).join('\n');
  return inner.map(drawnLeaf).join('');
}

function drawnLeaf(leaf: Fields): string {
  if (leaf['type'] === 'date') return `{${leaf['fallback']}}`;
  if (leaf['type'] === 'link') return `[${leaf['text']}](${leaf['url']})`;
  if (leaf['type'] !== 'text')
    return `<${leaf['type']} ${leaf['user_id'] ?? leaf['usergroup_id'] ?? leaf['channel_id']}>`;
  const { bold, code } = fields(leaf['style'] ?? {});
  if (bold) return `**${leaf['text']}**`;
  return code ? `\`${leaf['text']}\`` : String(leaf['text']);
}

/** A message's `text` as it is read: without the word joiners, which nobody sees. */
export function said({ text }: MessageView): string {
  return text.replaceAll('\u2060', '');
}
