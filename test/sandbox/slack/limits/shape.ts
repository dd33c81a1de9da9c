// Small checks that compose into the shape of a block; their words are Slack's own.

/** What Slack would refuse. `pointer` is a JSON pointer into the message or view, `error` what the method answers. */
export interface Violation {
  readonly error: string;
  readonly pointer: string;
  readonly message: string;
}

export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: unknown, pointer: string) => readonly Violation[];

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export function violation(pointer: string, message: string, error = 'invalid_blocks'): Violation {
  return { error, pointer, message };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text of 1 to `max` characters, unless `min` allows none. */
export function text(bounds: Bounds = {}): Check {
  const { min = 1, max = 3000 } = bounds;
  return (value, pointer) => {
    if (typeof value !== 'string') return [violation(pointer, 'must provide a string')];
    if (value.length < min) return [violation(pointer, `must be more than ${min - 1} characters`)];
    if (value.length > max) return [violation(pointer, `must be less than ${max + 1} characters`)];
    return [];
  };
}

export function number(bounds: Bounds = {}): Check {
  return (value, pointer) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return [violation(pointer, 'must provide a number')];
    if (bounds.min !== undefined && value < bounds.min) {
      return [violation(pointer, `must be at least ${bounds.min}`)];
    }
    if (bounds.max !== undefined && value > bounds.max) return [violation(pointer, `must be at most ${bounds.max}`)];
    return [];
  };
}

export const flag: Check = (value, pointer) =>
  typeof value === 'boolean' ? [] : [violation(pointer, 'must provide a boolean')];

export function oneOf(...values: readonly unknown[]): Check {
  return (value, pointer) =>
    values.includes(value) ? [] : [violation(pointer, `must be one of ${values.join(', ')}`)];
}

export const anything: Check = () => [];

/** An array whose items all pass. */
export function list(item: Check, bounds: Bounds = {}): Check {
  const { min = 1, max = Number.POSITIVE_INFINITY } = bounds;
  return (value, pointer) => {
    if (!Array.isArray(value)) return [violation(pointer, 'must provide an array')];
    const found: Violation[] = [];
    if (value.length < min) found.push(violation(pointer, `must have at least ${min} items`));
    if (value.length > max) found.push(violation(pointer, `no more than ${max} items allowed`));
    value.forEach((one, index) => {
      found.push(...item(one, `${pointer}/${index}`));
    });
    return found;
  };
}

/** An object with these fields and no others; a name that ends in `?` may be left out. */
export function shape(fields: Readonly<Record<string, Check>>): Check {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace(/\?$/, ''), check]));
  const required = Object.keys(fields).filter((name) => !name.endsWith('?'));
  return (value, pointer) => {
    if (!isFields(value)) return [violation(pointer, 'must provide an object')];
    const given = Object.keys(value).filter((name) => value[name] !== undefined);
    return [
      ...required
        .filter((name) => !given.includes(name))
        .map((name) => violation(pointer, `missing required field: ${name}`)),
      ...given.flatMap((name) => {
        const check = known.get(name);
        return check === undefined
          ? [violation(`${pointer}/${name}`, `invalid additional property: ${name}`)]
          : check(value[name], `${pointer}/${name}`);
      }),
    ];
  };
}

/** Picks the check by the object's `type`. */
export function byType(checks: Readonly<Record<string, Check>>): Check {
  return (value, pointer) => {
    if (!isFields(value)) return [violation(pointer, 'must provide an object')];
    const { type } = value;
    const check = typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type] : undefined;
    return check === undefined ? [violation(`${pointer}/type`, `unsupported type: ${type}`)] : check(value, pointer);
  };
}

export function every(...checks: readonly Check[]): Check {
  return (value, pointer) => checks.flatMap((check) => check(value, pointer));
}

/** At least one of these fields. */
export function someOf(...names: readonly string[]): Check {
  return (value, pointer) =>
    isFields(value) && names.some((name) => value[name] !== undefined)
      ? []
      : [violation(pointer, `must have one of ${names.join(', ')}`)];
}

/** Items told apart by what `key` finds in them; what has none is left alone. */
export function unique(key: (item: unknown) => unknown, message: string): Check {
  return (value, pointer) => {
    if (!Array.isArray(value)) return [];
    const seen = new Set<unknown>();
    return value.flatMap((item, index) => {
      const id = key(item);
      if (id === undefined || !seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [violation(`${pointer}/${index}`, `${message}: ${id}`)];
    });
  };
}
