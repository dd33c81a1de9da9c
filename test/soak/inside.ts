// Loaded into the bot before it begins (`--import`): what cannot be done to a process from outside. Its DNS goes away and
// comes back, and its clock is stepped.

import dns from 'node:dns';

/** What the soak sends. */
export interface Inside {
  /** The ports of the cluster that this zone leads to; null while nobody resolves it. */
  readonly dns: { readonly zone: string; readonly ports: readonly number[] } | null;
  /** How far the clock is off, in milliseconds. */
  readonly clockMs: number;
}

let inside: Inside = { dns: null, clockMs: 0 };
process.on('message', (told: Inside) => {
  inside = told;
});
process.channel?.unref();

const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now() + inside.clockMs] : given, made),
  get: (target, key) => (key === 'now' ? () => RealDate.now() + inside.clockMs : Reflect.get(target, key)),
});

const failed = (code: string) => Object.assign(new Error(`query ${code}`), { code });
const isOurs = (name: string) => name.endsWith('.soak.test');

const resolve = dns.promises.resolve;
const resolved = async (name: string, type: string) => {
  if (!isOurs(name)) return resolve(name, type);
  if (inside.dns === null) throw failed('ESERVFAIL');
  const { zone, ports } = inside.dns;
  if (type === 'TXT') throw failed('ENODATA');
  return ports.map((port, index) => ({ name: `node-${index}.${zone}`, port, priority: 0, weight: 0 }));
};
dns.promises.resolve = resolved as typeof resolve;

const { lookup } = dns;
const found = (name: string, options: { all?: boolean } | undefined, done: (...told: unknown[]) => void) => {
  if (!isOurs(name)) return lookup(name, options ?? {}, done);
  if (inside.dns === null) return process.nextTick(done, failed('EAI_AGAIN'));
  process.nextTick(done, null, ...(options?.all ? [[{ address: '127.0.0.1', family: 4 }]] : ['127.0.0.1', 4]));
};
dns.lookup = found as unknown as typeof lookup;
