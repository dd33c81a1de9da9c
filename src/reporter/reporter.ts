// Reports the connection pools of this process to the bot (`PUT /v1/pools`). The file is complete in itself, so that an
// application can copy it: it runs on Node.js 18 and later, and loads nothing but Node's own modules, when it needs them.

/** What the reporter needs of a MongoClient: those of mongodb 4 to 7 have it. */
export interface PoolClient {
  on(event: string, listener: (event: unknown) => void): unknown;
  off(event: string, listener: (event: unknown) => void): unknown;
  readonly options?: unknown;
}

export interface ReporterOptions {
  /** Address of the bot, or several with commas between them. Default: ATLAS_CONNS_POOLS_URL. */
  readonly url?: string | undefined;
  /** Default: ATLAS_CONNS_POOLS_TOKEN. */
  readonly token?: string | undefined;
  /** Default: the appName of the first client, else the name of the program. */
  readonly app?: string | undefined;
  /** Up to eight words about the process, such as its region or release. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds between two reports, 1000 to 300000; the bot can ask for another pace. Default: 5000. */
  readonly everyMs?: number | undefined;
}

/** Ends the reports of one client. The last of a process also tells the bot that the process ends. */
export type StopReporting = () => Promise<void>;

const SECOND = 1_000;
const [MOST_PACE, MOST_BACKOFF] = [300 * SECOND, 30 * SECOND];
/** Twice the driver's default of connectTimeoutMS. */
const SET_UP = 60 * SECOND;
const [MOST_BYTES, MOST_KEPT, MOST_NAME] = [65_536, 1_000, 200];
const OPTIONS = new Set(['maxPoolSize', 'minPoolSize', 'maxIdleTimeMS']);

type Fields = Readonly<Record<string, unknown>>;
/** `doubtful`: its pool was cleared during the set-up. The driver drops some of these connections without an event. */
type State = 'idle' | 'inUse' | 'pending' | 'doubtful';
type Pool = ReturnType<typeof emptyPool>;
type Client = ReturnType<typeof clientOf>;
type Hub = ReturnType<typeof newHub>;

const emptyPool = () => ({
  /** By connectionId. Counters alone would drift: a set-up that fails has no event of its own. */
  states: new Map<unknown, State>(),
  count: { idle: 0, inUse: 0, pending: 0, doubtful: 0 },
  /** When each checkout that waits began, oldest first. */
  waits: [] as number[],
  max: { open: 0, inUse: 0, waiting: 0 },
  total: { created: 0, closed: 0, checkouts: 0, failed: 0, timeouts: 0, cleared: 0, waitMs: 0 },
  ...{ clearedAt: 0, isClosed: false },
});

const clientOf = ({ options }: PoolClient, n: number) => ({
  n,
  appName: cut(objectOf(options)['appName']),
  options: numbersOf(options),
  pools: new Map<string, Pool>(),
});

/** One report: of this process, to the same bots with the same token. */
const newHub = (key: string, urls: readonly string[], token: string, { app, labels, everyMs }: ReporterOptions) => ({
  ...{ key, urls, token },
  labels: Object.fromEntries(
    Object.entries(labels ?? {})
      .slice(0, 8)
      .map(textPair),
  ),
  app: cut(app || (process.argv[1] ?? '').replace(/^.*[/\\]|\.\w+$/g, '') || 'node'),
  ...{ driver: { name: 'unknown', version: 'unknown' }, id: '', host: '', seq: 0, joined: 0, failed: 0 },
  clients: new Set<Client>(),
  stops: new WeakMap<object, StopReporting>(),
  everyMs: paceOf(everyMs) ?? 5 * SECOND,
  /** The URL that is used now. */
  at: Math.floor(Math.random() * urls.length),
  /** Pools of a report. The bot can ask for fewer. */
  most: 100,
  /** Rounds in which no bot took the report, in a row. */
  backoffs: 0,
  ...{ isKnown: false, isOver: false },
  timer: undefined as ReturnType<typeof setTimeout> | undefined,
  sending: Promise.resolve() as Promise<unknown>,
  onExit: () => {},
});

const startedAt = new Date(Date.now() - process.uptime() * SECOND).toISOString();
const hubs = new Map<string, Hub>();
const warned = new Set<string>();
const nothing: StopReporting = async () => undefined;

/**
 * Reports the pools of a MongoClient. Call it before the client connects: earlier events are lost. It does nothing
 * without a URL, never throws, and never keeps the process alive. A second call for the same client changes nothing.
 */
export function reportPools(client: PoolClient, options: ReporterOptions = {}): StopReporting {
  try {
    const text = options.url ?? process.env['ATLAS_CONNS_POOLS_URL'] ?? '';
    const token = (options.token ?? process.env['ATLAS_CONNS_POOLS_TOKEN'] ?? '').trim();
    const parts = text.split(',').filter((part) => part.trim() !== '');
    if (parts.length === 0) return nothing;
    const urls = parts.flatMap(endpointOf);
    if (urls.length < parts.length) warn('ATLAS_CONNS_POOLS_URL has a part that is not a URL. Write http://host:port.');
    if (token === '') warn('Pools are not reported without a token. Set ATLAS_CONNS_POOLS_TOKEN.');
    return urls.length === 0 || token === '' ? nothing : join(client, urls, token, options);
  } catch {
    warn('These pools are not reported: reportPools needs a MongoClient.');
    return nothing;
  }
}

function endpointOf(part: string): readonly string[] {
  try {
    const { protocol, host, pathname } = new URL(part.trim());
    if (!/^https?:$/.test(protocol)) return [];
    return [`${protocol}//${host}${pathname.replace(/(?:\/v1\/pools)?\/*$/, '')}/v1/pools`];
  } catch {
    return [];
  }
}

function join(source: PoolClient, urls: readonly string[], token: string, options: ReporterOptions): StopReporting {
  const key = JSON.stringify([urls, token]);
  const appName = cut(objectOf(source.options)['appName']);
  const hub = hubs.get(key) ?? newHub(key, urls, token, { ...options, app: options.app || appName });
  const present = hub.stops.get(source);
  if (present !== undefined) return present;
  const client = clientOf(source, hub.joined + 1);
  const listeners = Object.entries(LISTENERS).map(([name, take]) => {
    const listener = (event: unknown) => {
      try {
        take(poolOf(client, objectOf(event)['address']), event as Fields, client);
      } catch {
        hub.failed++;
      }
    };
    source.on(name, listener);
    return () => source.off(name, listener);
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= leave(hub, client, listeners).catch(() => void hub.failed++);
    hub.stops.delete(source);
    return stopped;
  };
  hub.stops.set(source, stop);
  hub.clients.add(client);
  if (hub.joined++ === 0) open(hub, source);
  // An application that makes a client for each call, and never ends its reports.
  if (hub.clients.size > MOST_KEPT) hub.clients.delete([...hub.clients].find(isGone) ?? client);
  return stop;
}

const isGone = ({ pools }: Client) => [...pools.values()].every(({ isClosed }) => isClosed);

function open(hub: Hub, { options }: PoolClient): void {
  hubs.set(hub.key, hub);
  // A promise, in some versions of the driver.
  Promise.resolve(objectOf(options)['metadata']).then((metadata) => {
    const { name, version } = objectOf(objectOf(metadata)['driver']);
    hub.driver = { name: cut(name) || 'unknown', version: cut(version) || 'unknown' };
  }, nothing);
  hub.onExit = () => {
    // A bot that never heard of this process needs no farewell.
    if (hub.isKnown) hub.sending = hub.sending.then(() => send(hub, true, false)).catch(nothing);
  };
  process.once('beforeExit', hub.onExit);
  schedule(hub, SECOND * (0.5 + Math.random() / 2));
}

async function leave(hub: Hub, client: Client, listeners: readonly (() => unknown)[]): Promise<void> {
  for (const remove of listeners) remove();
  if (hub.clients.size > 1 || !hub.clients.has(client)) return void hub.clients.delete(client);
  hub.isOver = true;
  hubs.delete(hub.key);
  process.off('beforeExit', hub.onExit);
  clearTimeout(hub.timer);
  await hub.sending;
  // The application waits for this one, within the deadline.
  if (hub.backoffs === 0) await send(hub, true, true);
}

function poolOf({ pools }: Client, address: unknown): Pool {
  const name = cut(address);
  const present = pools.get(name);
  if (present !== undefined) return present;
  if (name === '' || pools.size >= MOST_KEPT) throw new RangeError('no address, or too many of them');
  const pool = emptyPool();
  pools.set(name, pool);
  return pool;
}

/** They run inside the driver: they only count. */
const LISTENERS: Readonly<Record<string, (pool: Pool, event: Fields, client: Client) => void>> = {
  connectionPoolCreated: (_, { options }, client) => void Object.assign(client.options, numbersOf(options)),
  connectionPoolCleared: (pool) => {
    pool.total.cleared++;
    pool.clearedAt = performance.now();
    for (const [id, state] of pool.states) if (state === 'pending') move(pool, id, 'doubtful');
  },
  connectionPoolClosed: (pool) => {
    // The driver sends no event about this pool from now on, whatever becomes of the connections in use.
    pool.isClosed = true;
    pool.waits.length = 0;
    for (const id of pool.states.keys()) move(pool, id, null);
  },
  connectionCreated: (pool, { connectionId }) => {
    pool.isClosed = false;
    move(pool, connectionId, 'pending');
  },
  connectionReady: (pool, { connectionId }) => move(pool, connectionId, 'idle'),
  connectionClosed: (pool, { connectionId }) => move(pool, connectionId, null),
  connectionCheckOutStarted: (pool) => {
    pool.waits.push(performance.now());
    pool.max.waiting = Math.max(pool.max.waiting, waitingIn(pool));
  },
  connectionCheckedOut: (pool, event) => {
    addWait(pool, event);
    pool.total.checkouts++;
    move(pool, event['connectionId'], 'inUse');
  },
  connectionCheckOutFailed: (pool, event) => {
    addWait(pool, event);
    pool.total.failed++;
    if (event['reason'] === 'timeout') pool.total.timeouts++;
  },
  connectionCheckedIn: (pool, { connectionId }) => move(pool, connectionId, 'idle'),
};

function move({ states, count, max, total, isClosed }: Pool, id: unknown, to: State | null): void {
  const from = states.get(id);
  if (from !== undefined) count[from]--;
  else if (to === null || isClosed) return;
  // Also one from before the reporter listened, when it is first seen.
  else total.created++;
  if (to === null) return void (states.delete(id) && total.closed++);
  states.set(id, to);
  count[to]++;
  max.open = Math.max(max.open, count.idle + count.inUse);
  max.inUse = Math.max(max.inUse, count.inUse);
}

/** Each checkout begins as one that waits: what an idle connection serves at once does not count. */
const waitingIn = ({ waits, count }: Pool) => Math.max(0, waits.length - count.idle);

function addWait({ waits, total }: Pool, { durationMS }: Fields): void {
  const began = waits.shift() ?? performance.now();
  // Older drivers tell no duration. The sum is right whichever of the checkouts this one is.
  total.waitMs += Number.isFinite(durationMS) ? Math.max(0, Number(durationMS)) : performance.now() - began;
}

function figuresOf(pool: Pool) {
  const { states, count, waits, max, total } = pool;
  if (count.doubtful > 0 && performance.now() - pool.clearedAt > SET_UP) {
    for (const [id, state] of states) if (state === 'doubtful') move(pool, id, null);
  }
  // With an idle connection, only checkouts that set up their own still wait. The others were aborted (`signal`), for
  // which the driver has no event.
  if (count.idle > 0) waits.splice(0, Math.max(0, waits.length - count.pending - count.doubtful));
  const { idle, inUse, pending } = count;
  const now = { open: idle + inUse, pending, inUse, waiting: waitingIn(pool) };
  return { now, max, total: { ...total, waitMs: Math.min(Number.MAX_SAFE_INTEGER, Math.round(total.waitMs)) } };
}

/** The report, with as many of the largest pools as fit. */
function bodyOf(hub: Hub, isBye: boolean): string {
  const all = [...hub.clients]
    .flatMap((client) => [...client.pools].map(([address, pool]) => ({ client, address, ...figuresOf(pool) })))
    .sort((one, other) => other.now.open - one.now.open || other.max.open - one.max.open);
  const { id, host, app, driver, labels, seq, everyMs, failed } = hub;
  const head = { v: 1, seq, everyMs, process: { id, pid: process.pid, host, app, startedAt, driver, labels } };
  for (let most = Math.min(hub.most, all.length); ; most = Math.floor(most / 2)) {
    const pools = new Map<Client, Record<string, object>>();
    for (const { client, address, ...figures } of all.slice(0, most)) {
      pools.set(client, { ...pools.get(client), [address]: figures });
    }
    const clients = [...pools].map(([client, own]) => ({ ...client, pools: own }));
    const body = JSON.stringify({ ...head, clients, left: all.length - most, reporter: { failed }, bye: isBye });
    if (most === 0 || Buffer.byteLength(body) <= MOST_BYTES) return body;
  }
}

function schedule(hub: Hub, delay: number): void {
  hub.timer = setTimeout(() => {
    const next = send(hub, false, false).catch(() => ++hub.failed && MOST_BACKOFF);
    hub.sending = next.then((wait) => hub.isOver || schedule(hub, wait));
  }, delay);
  hub.timer.unref();
}

/** Tries each bot once. Resolves with the time until the next report. */
async function send(hub: Hub, isBye: boolean, holds: boolean): Promise<number> {
  const { randomUUID } = await import('node:crypto');
  hub.id ||= randomUUID();
  hub.host ||= cut((await import('node:os')).hostname());
  hub.seq++;
  let [wait, isHeard] = [0, false];
  // Enough to halve a report of 100 pools down to one, and for an id that is taken.
  for (let failures = 0, retries = 8; failures < hub.urls.length; ) {
    const url = hub.urls[hub.at] ?? '';
    const { status, retryAfter, text } = await put(url, hub.token, bodyOf(hub, isBye), holds);
    if (status === 200 || status === 204) {
      hub.backoffs = 0;
      hub.isKnown = true;
      // For this once: a bot that has fewer processes again asks for nothing.
      return paceOf(Number(/"everyMs"\s*:\s*(\d+)/.exec(text)?.[1])) ?? hub.everyMs;
    }
    if (status === 409 && retries-- > 0) {
      // After a fork: the id belongs to the other process.
      Object.assign(hub, { id: randomUUID(), seq: 1 });
    } else if (status === 413 && hub.most > 1 && retries-- > 0) {
      hub.most = Math.floor(hub.most / 2);
    } else {
      failures++;
      hub.failed++;
      hub.at = (hub.at + 1) % hub.urls.length;
      wait = Math.max(wait, status >= 400 && status < 429 ? MOST_BACKOFF : retryAfter);
      isHeard ||= status in REMEDIES || status === 429 || status === 503;
      const remedy = REMEDIES[status];
      if (remedy !== undefined) warn(`${new URL(url).host} answered a pool report with ${status}. ${remedy}`);
    }
  }
  hub.isKnown = false;
  const most = Math.min(MOST_BACKOFF, SECOND * 2 ** ++hub.backoffs);
  if (hub.backoffs === 3 && !isHeard) warn(`No bot takes the pool reports at ${hostsOf(hub)}. ${REMEDIES[404]}`);
  return Math.max(wait, SECOND + Math.random() * (most - SECOND));
}

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'Use the reporter of the same version of atlas-conns.',
  401: 'Set ATLAS_CONNS_POOLS_TOKEN to the POOLS_TOKEN of the bot.',
  404: 'Set ATLAS_CONNS_POOLS_URL to the POOLS_PORT of the bot.',
};

const hostsOf = ({ urls }: Hub) => [...new Set(urls.map((url) => new URL(url).host))].join(', ');

/** Not `fetch`: Node.js 18 prints a warning about it, and its sockets keep a process alive that has ended its work. */
async function put(url: string, token: string, body: string, holds: boolean) {
  const web = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return new Promise<{ status: number; retryAfter: number; text: string }>((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const call = web.request(url, { method: 'PUT', agent: false, headers });
    const end = (status: number, retryAfter: number, text: string) => {
      clearTimeout(deadline);
      clearInterval(watch);
      resolve({ status, retryAfter, text });
      call.destroy();
    };
    const none = () => end(0, 0, '');
    const deadline = setTimeout(none, 2 * SECOND);
    // A socket that connects keeps the process alive, although it is unref'd. It is dropped where nothing else does.
    const watch = setInterval(() => {
      const alive = process.getActiveResourcesInfo?.();
      if (alive?.every((name) => /ConnectWrap$|^PipeWrap$|^TTYWrap$/.test(name))) none();
    }, SECOND / 10).unref();
    if (holds) clearInterval(watch);
    else {
      deadline.unref();
      call.on('socket', (socket) => {
        socket.unref().once('connect', () => socket.unref());
        socket.once('connect', () => clearInterval(watch));
      });
    }
    call.on('error', none).on('close', none);
    call.on('response', (response) => {
      let text = '';
      const { statusCode = 0, headers } = response;
      const after = headers['retry-after'] ?? '0';
      const wait = /^\d+$/.test(after) ? Number(after) * SECOND : Date.parse(after) - Date.now();
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text = cut(text + chunk);
      });
      response.on('error', none).on('end', () => end(statusCode, Math.min(MOST_PACE, Math.max(0, wait || 0)), text));
    });
    call.end(body);
  });
}

function paceOf(everyMs: unknown): number | undefined {
  if (typeof everyMs !== 'number' || !(everyMs > 0)) return undefined;
  return Math.round(Math.min(MOST_PACE, Math.max(SECOND, everyMs)));
}

function numbersOf(options: unknown): Fields {
  const all = Object.entries(objectOf(options));
  return Object.fromEntries(all.filter(([name, value]) => OPTIONS.has(name) && Number.isInteger(value)));
}

const textPair = ([name, text]: readonly [string, unknown]) => [cut(name), cut(text)] as const;
const objectOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** Text that is not too long. The cut is never in the middle of a character of two units. */
function cut(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text.length <= MOST_NAME ? text : text.slice(0, MOST_NAME).replace(/[\uD800-\uDBFF]$/, '');
}

/** Once each. No text has a secret in it: of a URL it names the host alone. */
function warn(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  process.emitWarning(text, 'AtlasConnsWarning');
}
