// Unchecked values: Slack's payloads, and our own JSON that comes back from Slack.

export type JsonObject = Readonly<Record<string, unknown>>;

/** Empty for anything but an object. */
export const fieldsOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null ? { ...value } : {};
/** Null for anything but a non-empty text. */
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
