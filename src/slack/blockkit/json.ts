// Values of which nothing is known yet: what Slack sends, and JSON of ours that comes back from it.

export type Fields = Readonly<Record<string, unknown>>;

/** Of an object; none of anything else. */
export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
/** Null for anything but text, and for none. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The list in a text; empty where there is none. */
export function listIn(json: string): readonly unknown[] {
  const value = jsonIn(json);
  return Array.isArray(value) ? value : [];
}

/** Undefined for what is not JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
