// One line of the bench: a ratio or a size, the reach that was set for it, and whether it was reached.

export interface Row {
  readonly what: string;
  readonly value: number;
  /** E.g. `×`, `%`, `MB`. */
  readonly unit: string;
  /** The goal in words, e.g. `≤ 1.5 ×`. */
  readonly reach: string;
  readonly ok: boolean;
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
