// What comes back from Slack as it was given: JSON of ours, or of nobody's.

/** The list in a text; empty where there is none. */
export function listIn(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
