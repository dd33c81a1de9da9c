// Metrics over the catalog: counters that count, and figures that are drawn anew at each scrape, so that what is gone is gone.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface Row<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

interface Entry<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** What a scrape shows of it is what `rows` returns then, and nothing else: no rows, no figure. */
export function drawn<Label extends string>(
  registry: Registry,
  entry: Entry<Label> & { readonly type: 'gauge' | 'counter' },
  rows: () => readonly Row<Label>[],
): void {
  const settings = { ...settingsOf(registry, entry), collect: () => draw() };
  const metric = entry.type === 'gauge' ? new Gauge(settings) : new Counter(settings);
  const draw = () => {
    metric.reset();
    // Without labels the library begins with a zero, which would be a lie.
    if (entry.labels.length === 0) metric.remove();
    for (const { labels, value } of rows()) metric.inc(labels, value);
  };
}

export function counter<Label extends string>(registry: Registry, entry: Entry<Label>): Counter<Label> {
  return new Counter(settingsOf(registry, entry));
}

export function histogram<Label extends string>(
  registry: Registry,
  entry: Entry<Label>,
  buckets: readonly number[],
): Histogram<Label> {
  return new Histogram({ ...settingsOf(registry, entry), buckets: [...buckets] });
}

function settingsOf<Label extends string>(registry: Registry, { name, help, labels }: Entry<Label>) {
  return { name, help, labelNames: labels, registers: [registry] };
}
