// One source against its own past, in a word or two: `6.8 ×`, `as usual`, `new`.

import { count } from './base/format.ts';
import type { AgainstUsual } from './ports/monitor.ts';

/** Nearer to its usual than this nobody has to look. */
const NEAR = 1.4;
/** A few connections more or less are nothing, whatever the ratio. */
const FEW = 10;

/** @param known undefined for a source that no reading of the watch has found yet */
export function againstUsual(dormant: number, known: AgainstUsual | undefined): string {
  if (known?.isNew === true) return 'new';
  const usual = known?.usual ?? null;
  if (usual === null) return '–';
  const isNear = dormant <= usual * NEAR && dormant >= usual / NEAR;
  if (isNear || Math.abs(dormant - usual) < FEW) return 'as usual';
  const ratio = dormant / usual;
  if (!Number.isFinite(ratio) || ratio >= 1_000) return `usually ${count(Math.round(usual))}`;
  return `${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))} ×`;
}
