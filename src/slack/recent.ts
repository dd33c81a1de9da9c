// Deliveries of late: Slack repeats them when an acknowledgement got lost, and each is answered once.

const MOST_KEPT = 5_000;

/** @returns whether `id` is new; from then on it is not. The oldest are forgotten. */
export function createRecent(): (id: string) => boolean {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > MOST_KEPT && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
