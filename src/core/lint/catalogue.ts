// Every rule of the linter.

import type { Rule } from './rule.ts';
import { AUTH_RULES } from './rules-auth.ts';
import { CONFLICT_RULES } from './rules-conflicts.ts';
import { HOST_RULES } from './rules-hosts.ts';
import { POOL_RULES } from './rules-pool.ts';
import { SAFETY_RULES } from './rules-safety.ts';
import { SHAPE_RULES } from './rules-shape.ts';
import { VALUE_RULES } from './rules-values.ts';

/** In the order in which their repairs are made: a later one sees what an earlier one left. */
export const CATALOGUE: readonly Rule[] = [
  ...SHAPE_RULES,
  ...HOST_RULES,
  ...VALUE_RULES,
  ...CONFLICT_RULES,
  ...AUTH_RULES,
  ...POOL_RULES,
  ...SAFETY_RULES,
];
