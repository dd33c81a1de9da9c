// Reading a real replica set: every connection that was opened is told, and nothing but counts and metadata.

import { inspect } from 'node:util';
import { BSON, MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { decodeDocuments, decodeProbe, probe } from '../../src/cluster/current-op.ts';
import { readSaved } from '../../src/cluster/saved-dump.ts';
import type { ClusterReading } from '../../src/core/connections/reading.ts';
import { buildReport } from '../../src/core/connections/report.ts';
import type { OpenCluster } from '../../src/core/ports/clusters.ts';
import { password } from '../sandbox/mongod/replica-set.ts';
import { until } from '../sandbox/mongod/until.ts';
import { countOf, nodeOf, nodesRead, now, patience, somebody, sorted, useRealSet } from './real.ts';

const { real, closers } = useRealSet({ members: 3 });

function watch(uri = real().uri('watcher')): OpenCluster {
  const cluster = openCluster({ name: 'prod', uri, now });
  closers.push(cluster.close);
  return cluster;
}

function guest(client: MongoClient): MongoClient {
  closers.push(() => client.close());
  return client;
}

async function readUntil(cluster: OpenCluster, holds: (reading: ClusterReading) => boolean): Promise<ClusterReading> {
  let reading = await cluster.read({ signal: patience() });
  await until(`the reading holds: ${holds}`, async () => {
    reading = await cluster.read({ signal: patience() });
    return holds(reading);
  });
  return reading;
}

test('counts per address, app, user and activity equal what real drivers opened, on every node', async () => {
  const { hosts, uri } = real();
  const from = (localAddress: string, appName: string, minPoolSize: number) =>
    somebody(uri('app'), { localAddress, appName, minPoolSize, maxPoolSize: minPoolSize });
  guest(await from('127.0.0.2', 'billing', 3));
  guest(await from('127.0.0.2', 'billing', 3));
  guest(await from('127.0.0.3', 'reports', 2));
  const cluster = watch();
  const settled = (reading: ClusterReading) =>
    nodesRead(reading).length === 3 &&
    nodesRead(reading).every(
      (node) =>
        countOf(node, { client: '127.0.0.2', app: 'billing', user: 'app@admin', activity: 'idle' }) === 6 &&
        countOf(node, { client: '127.0.0.3', app: 'reports', user: 'app@admin', activity: 'idle' }) === 2 &&
        // One streaming heartbeat a client; its RTT socket idles, and nobody is authenticated on either.
        countOf(node, { client: '127.0.0.2', user: null, activity: 'heartbeat' }) === 2 &&
        countOf(node, { client: '127.0.0.2', user: null, activity: 'idle' }) === 2 &&
        countOf(node, { client: '127.0.0.3', user: null, activity: 'heartbeat' }) === 1 &&
        countOf(node, { client: '127.0.0.3', user: null, activity: 'idle' }) === 1,
    );
  const reading = await readUntil(cluster, settled);
  expect(reading.nodes.map(({ host }) => host).sort()).toEqual([...hosts].sort());
  expect(
    nodesRead(reading)
      .map(({ role }) => role)
      .sort(),
  ).toEqual(['primary', 'secondary', 'secondary']);
  for (const node of nodesRead(reading)) {
    expect(countOf(node, { client: '127.0.0.2' })).toBe(10);
    expect(node.limit).toBe((node.current ?? 0) + (node.available ?? 0));
    const driver = node.groups.find(({ app }) => app === 'billing')?.driver;
    expect(driver).toMatchObject({ name: 'nodejs', platform: expect.stringContaining('Node.js') });
  }
});

/** Names found in use, and names that others have for themselves. */
const ODD_NAMES = [
  ...['quote"back\\slash', 'new\nline', '<!channel> *b* `c`', '=cmd|x!A1', 'tab\there', 'null', 'app:x'],
  ...['atlas-conns', '@atlas-conns', 'atlas-conns-worker', 'mongot', 'mongot leak', 'mongotail', 'mongotune'],
  ...[
    'MongoDB Automation Agent v13.16.2 (git: 36d)',
    'Robot "R" | pipe',
    'Ünïcødé 日本',
    'a'.repeat(128),
    '\u202Eevil',
  ],
];

test('whatever an app calls itself, it is a source, and so are its heartbeats', async () => {
  const host = real().hosts[0] ?? '';
  const options = { directConnection: true, localAddress: '127.0.0.5', minPoolSize: 2, maxPoolSize: 2 };
  for (const appName of ODD_NAMES) guest(await somebody(real().uri('app', host), { ...options, appName }));
  const apps = (reading: ClusterReading) => {
    const sources = reported(reading).sources.filter(({ hosts }) =>
      hosts.some(({ address }) => address === '127.0.0.5'),
    );
    return new Map(sources.flatMap((source) => source.apps.map(({ name, ...figures }) => [name, figures] as const)));
  };
  const whole = { active: 0, dormant: 2, monitors: 2 };
  const reading = await readUntil(watch(), (now) =>
    ODD_NAMES.every((name) => JSON.stringify(apps(now).get(name)) === JSON.stringify(whole)),
  );
  expect(new Set(apps(reading).keys())).toEqual(new Set(ODD_NAMES));
});

test('sockets without a login are dormant, and the sockets of a polling client are heartbeats', async () => {
  const host = real().hosts[0] ?? '';
  const direct = {
    directConnection: true,
    localAddress: '127.0.0.6',
    appName: 'unsigned',
    serverMonitoringMode: 'poll',
  } as const;
  guest(await somebody(`mongodb://${host}/`, { ...direct, minPoolSize: 7 }));
  const polling = {
    serverMonitoringMode: 'poll',
    localAddress: '127.0.0.7',
    appName: 'polling',
    minPoolSize: 1,
  } as const;
  guest(await somebody(real().uri('app'), polling));
  const of = (reading: ClusterReading, app: string) =>
    reported(reading).sources.find(({ apps }) => apps.some(({ name }) => name === app));
  const reading = await readUntil(watch(), (now) => {
    const [unsigned, polls] = [of(now, 'unsigned'), of(now, 'polling')];
    return unsigned?.dormant === 8 && unsigned.monitors === 0 && (polls?.dormant ?? 0) >= 3 && polls?.monitors === 3;
  });
  expect(of(reading, 'unsigned')).toMatchObject({
    clients: null,
    users: [{ name: 'never authenticated', dormant: 8 }],
  });
  expect(of(reading, 'polling')).toMatchObject({ clients: null });
});

function reported(reading: ClusterReading) {
  return buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now: now() });
}

test('our connection stays open between readings', async () => {
  const cluster = watch();
  const opened = async () => {
    const reading = await cluster.read({ signal: patience() });
    return nodesRead(reading).map(({ host, groups }) => [host, groups.filter(({ app }) => app === 'atlas-conns')]);
  };
  await opened();
  const spy = guest(await somebody(real().uri('root', real().hosts[0]), { directConnection: true, appName: 'spy' }));
  const ids = async () => {
    const pipeline = [
      { $currentOp: { allUsers: true, idleConnections: true } },
      { $match: { appName: 'atlas-conns', 'effectiveUsers.user': 'watcher' } },
      { $sort: { connectionId: 1 } },
    ];
    const documents = await spy.db('admin').aggregate(pipeline).toArray();
    return documents.map(({ connectionId }) => connectionId);
  };
  const before = await ids();
  expect(before.length).toBeGreaterThan(0);
  for (let reading = 0; reading < 3; reading++) await opened();
  expect(await ids()).toEqual(before);
});

test('an IPv6 client has its whole address', async () => {
  const port = real().hosts[0]?.split(':')[1];
  const uri = real().uri('app', `[::1]:${port}`);
  guest(await somebody(uri, { directConnection: true, appName: 'six', minPoolSize: 1 }));
  const reading = await readUntil(watch(), ({ nodes }) =>
    nodes.some((node) => node.kind === 'read' && countOf(node, { client: '[::1]', user: 'app@admin' }) >= 1),
  );
  expect(countOf(nodeOf(reading, real().hosts[0] ?? ''), { client: '[::1]', app: 'six' })).toBeGreaterThan(1);
});

test('the server groups exactly as the same whole documents are grouped here', async () => {
  const host = real().hosts[0];
  const client = guest(
    await somebody(real().uri('watcher', host), { directConnection: true, appName: 'atlas-conns', maxPoolSize: 1 }),
  );
  const admin = client.db('admin');
  for (const threads of [false, true]) {
    const pipeline = probe({ threads, since: null });
    let differs: unknown;
    // Members come and go between the two questions; what is settled must be equal.
    await until('both readings are equal', async () => {
      const rows = await admin.aggregate(pipeline).toArray();
      const documents = await admin.aggregate(pipeline.slice(0, 1)).toArray();
      const [one, other] = [decodeProbe(rows), decodeDocuments(documents)];
      const calm = ({ groups }: typeof one) => sorted(groups);
      differs = { one: calm(one), other: calm(other) };
      const names = ({ threads: all }: typeof one) => all.reduce((sum, { count }) => sum + count, 0);
      return JSON.stringify(calm(one)) === JSON.stringify(calm(other)) && names(one) === names(other);
    });
    expect(differs).toBeDefined();
  }
});

test('connections that were opened since an earlier reading are counted, and a reading soon after counts from the same', async () => {
  const host = real().hosts[0] ?? '';
  const clock = { at: Date.parse('2026-11-21T10:00:00Z') };
  const cluster = openCluster({ name: 'prod', uri: real().uri('watcher'), now: () => new Date(clock.at) });
  closers.push(cluster.close);
  const openedBy = (node: ReturnType<typeof nodeOf>, app: string) =>
    // Of the pool: an RTT socket comes later than the client.
    node.groups.reduce(
      (sum, { user, opened = 0, ...group }) => sum + (group.app === app && user !== null ? opened : 0),
      0,
    );
  const join = async (appName: string) => {
    const pool = { directConnection: true, minPoolSize: 4, maxPoolSize: 4, appName };
    const client = guest(await somebody(real().uri('app', host), pool));
    await readUntil(watch(), (reading) => countOf(nodeOf(reading, host), { app: appName, user: 'app@admin' }) === 4);
    return client;
  };
  const read = async () => nodeOf(await cluster.read({ signal: patience() }), host);
  await join('older');
  const first = await read();
  expect(first.openedWithin).toBeUndefined();
  expect(openedBy(first, 'older')).toBe(0);
  await join('newer');
  clock.at += 20_000;
  // Too soon for a rate.
  expect((await read()).openedWithin).toBeUndefined();
  clock.at += 280_000;
  const second = await read();
  expect(second.openedWithin).toBe(300);
  expect([openedBy(second, 'older'), openedBy(second, 'newer')]).toEqual([0, 4]);
  clock.at += 10_000;
  expect((await read()).openedWithin).toBe(310);
  clock.at += 290_000;
  const third = await read();
  expect(third.openedWithin).toBe(300);
  expect(openedBy(third, 'newer')).toBe(0);
  // A report says it per source once every node has an earlier reading, and a saved line keeps it.
  const opened = reported({ ...(await cluster.read({ signal: patience() })), nodes: [second] }).sources.flatMap(
    (source) => source.opened ?? [],
  );
  expect(opened.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(4);
  expect(opened.map(({ seconds }) => seconds)).toEqual(opened.map(() => 300));
});

test('a mongod takes localOps: true, and what it answers is read from every form in which it may be saved', async () => {
  const { hosts, uri } = real();
  const options = { directConnection: true, promoteValues: true, appName: 'saver' };
  const saver = guest(await somebody(uri('watcher', hosts[0]), options));
  const documents = await saver
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleConnections: true, localOps: true } }])
    .toArray();
  const { groups } = decodeDocuments(documents);
  expect(groups.map(({ app }) => app)).toContain('saver');
  const forms = [
    BSON.EJSON.stringify(documents),
    BSON.EJSON.stringify(documents, { relaxed: false }),
    BSON.EJSON.stringify(documents, { legacy: true }),
    JSON.stringify(documents),
    inspect(documents, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null }),
    inspect({ inprog: documents, ok: 1 }, { depth: 6, maxArrayLength: null, compact: false }),
  ];
  for (const text of forms) {
    const { nodes, problems } = await readSaved({ name: 'dump', pieces: [text] });
    expect(problems).toEqual([]);
    expect(nodes.map((node) => sorted(node.groups))).toEqual([sorted(groups)]);
  }
});

test('nothing but counts and client metadata leaves the node', async () => {
  const busy = guest(await somebody(real().uri('app'), { appName: 'busy', localAddress: '127.0.0.4' }));
  const secret = busy.db('secretdb').collection('secretcollection');
  await secret.insertOne({ waited: true });
  const stop = new AbortController();
  const running = secret
    .find({ $where: 'sleep(60000) || "secretliteral"' }, { comment: 'secretcomment', signal: stop.signal })
    .toArray()
    .catch(() => 'ended');
  const host = nodesReadPrimary(await watch().read({ signal: patience() }));
  const client = new MongoClient(real().uri('watcher', host), { directConnection: true, monitorCommands: true });
  guest(client);
  const answers: string[] = [];
  client.on('commandSucceeded', ({ commandName, reply }) => {
    if (commandName === 'aggregate') answers.push(JSON.stringify(reply));
  });
  const ask = async (pipeline: object[]) => {
    // In one batch: the other tests of this file may have left more connections than the usual 101.
    await client.db('admin').aggregate(pipeline, { batchSize: 100_000 }).toArray();
    return answers.at(-1) ?? '';
  };
  const secrets = ['secretdb', 'secretcollection', 'secretliteral', 'secretcomment'];
  const whole = probe({ threads: true, since: null }).slice(0, 1);
  // The find is seen to run, so that its absence below means something.
  await until('the find runs', async () => {
    const answer = await ask(whole);
    return secrets.every((word) => answer.includes(word));
  });
  for (const threads of [true, false]) {
    const answer = await ask(probe({ threads, since: null }));
    expect(answer).toContain('busy');
    for (const word of secrets) expect(answer).not.toContain(word);
  }
  stop.abort();
  expect(await running).toBe('ended');
});

test('threads are counted apart, and by name when asked for', async () => {
  const cluster = watch();
  const [plain, named] = [
    await cluster.read({ signal: patience() }),
    await cluster.read({ threads: true, signal: patience() }),
  ];
  expect(nodesRead(plain)).toHaveLength(3);
  for (const node of nodesRead(plain)) expect(node.threads).toHaveLength(1);
  for (const node of nodesRead(named)) expect(node.threads.map(({ name }) => name)).toContain('JournalFlusher');
});

test('a wrong password is a problem of each node that names the user and never the password', async () => {
  const wrong = real().uri('watcher').replace(password, 'wrong-horse');
  const reading = await watch(wrong).read({ signal: patience() });
  expect(reading.nodes).toHaveLength(3);
  for (const node of reading.nodes) {
    expect(node).toMatchObject({ kind: 'unread', problem: { code: 'authentication-failed' } });
    expect(JSON.stringify(node)).toContain('watcher');
  }
  expect(JSON.stringify(reading)).not.toContain('wrong-horse');
});

test('a user without clusterMonitor: the problem has the role and the command that grants it', async () => {
  const reading = await watch(real().uri('nobody')).read({ signal: patience() });
  expect(reading.nodes).toHaveLength(3);
  const grant = `db.getSiblingDB('admin').grantRolesToUser('nobody', [{ role: 'clusterMonitor', db: 'admin' }])`;
  for (const node of reading.nodes) {
    expect(node).toMatchObject({ kind: 'unread', problem: { code: 'missing-privilege' } });
    expect(JSON.stringify(node)).toContain(grant);
  }
});

test('one seed is enough to find all members; headroom needs no $currentOp', async () => {
  const [seed = '', ...others] = real().hosts;
  const cluster = watch(real().uri('watcher', seed));
  expect(
    nodesRead(await cluster.read({ signal: patience() }))
      .map(({ host }) => host)
      .sort(),
  ).toEqual([seed, ...others].sort());
  const headroom = await cluster.headroom({ signal: patience() });
  expect(headroom).toHaveLength(3);
  for (const node of headroom) expect(node).toMatchObject({ kind: 'headroom', limit: expect.any(Number) });
});

test('an aborted reading rejects with the reason of the caller', async () => {
  const owner = new AbortController();
  const reading = watch().read({ signal: owner.signal });
  owner.abort(new Error('Ctrl-C'));
  await expect(reading).rejects.toThrow('Ctrl-C');
});

function nodesReadPrimary(reading: ClusterReading): string {
  return nodesRead(reading).find(({ role }) => role === 'primary')?.host ?? '';
}
