// One reading in a process of its own: prints heap in use with the report held, after a collection, and peak resident.

import { analyze } from '../../src/app/clusters/report-service.ts';
import { openCluster } from '../../src/cluster/cluster.ts';

const [uri = ''] = process.argv.slice(2);
const now = () => new Date();
const cluster = openCluster({ name: 'bench', uri, now, deadlineMs: 60_000 });
const at = now().toISOString();
const entry = { kind: 'range', cidrBlock: '0.0.0.0/0', comment: null, deleteAfterDate: null } as const;
const naming = {
  read: async () => ({
    accessList: { entries: [entry], complete: true, readAt: at, problems: [] },
    networks: null,
    problems: [],
  }),
};
const report = await analyze({ cluster, naming, labels: [], signal: AbortSignal.timeout(120_000), now });
await cluster.close();
globalThis.gc?.();
const { connections } = report.totals;
const hosts = report.sources.reduce((sum, source) => sum + source.hosts.length, 0);
const [{ heapUsed }, { maxRSS }] = [process.memoryUsage(), process.resourceUsage()];
process.stdout.write(`${JSON.stringify({ connections, hosts, heap: heapUsed, peak: maxRSS * 1024 })}\n`);
