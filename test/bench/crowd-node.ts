// A stand-in node in a process of its own: `crowd-node.ts CONNECTIONS ADDRESSES` prints its URI, ends with its input.

import { startNode } from '../sandbox/nodes/node.ts';
import { createCrowd } from '../sandbox/scenario/crowd.ts';
import { demoUsers } from '../sandbox/scenario/demo.ts';

const [connections = 1_000, addresses = 300] = process.argv.slice(2).map(Number);
const crowd = createCrowd({
  seed: 7,
  start: new Date(),
  tickSeconds: 3_600,
  sources: [
    {
      name: 'functions',
      addresses: { blocks: ['100.0.0.0/8'], hosts: addresses },
      app: 'checkout',
      driver: { name: 'nodejs', version: '7.8.0', platform: 'Node.js v24.21.0, LE' },
      user: 'checkout',
      clients: addresses,
      pool: connections / addresses - 1,
      active: 0.05,
      monitoring: 'poll',
    },
  ],
});
const node = await startNode({ role: 'primary', limit: 100_000, users: demoUsers });
node.populate((at) => crowd.population({ index: 0, at, primary: true }));
process.stdout.write(`${node.host}\n`);
process.stdin.on('end', () => node.close()).resume();
