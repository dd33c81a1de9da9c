// Reads the fields of blocks: what a bot sent is unknown until looked at.

export type Fields = Readonly<Record<string, unknown>>;

/** The object; one without fields where it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** One entry for each item, so that a cell that is null keeps its place; none where it is no list. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The string; an empty one where it is none. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Slack's three escapes undone, in one pass: `&amp;lt;` is the text `&lt;`. */
export function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
  return text.replace(/&(lt|gt|amp);/g, (entity, name: string) => characters[name] ?? entity);
}
