import { expect, test } from 'vitest';
import { unreadByCause } from '../../../src/core/connections/node-usage.ts';

const timeout = (host: string) => ({
  host,
  problem: { code: 'timeout', text: `${host} did not answer in time.`, remedy: `Look at ${host}.` },
});

test('nodes with one cause are one fact, and the sentence is of each', () => {
  const hosts = Array.from({ length: 9 }, (_, index) => `shard-00-0${index}.ab1cd.mongodb.net:27017`);
  expect(unreadByCause(hosts.map(timeout))).toEqual([
    { hosts, problem: { code: 'timeout', text: 'each did not answer in time.', remedy: 'Look at each of them.' } },
  ]);
});

test('a host inside a sentence is replaced, too', () => {
  const lacks = (host: string) => ({
    host,
    problem: { code: 'missing-privilege', text: `The user u may not list the connections of ${host}.`, remedy: '' },
  });
  expect(unreadByCause(['a:27017', 'b:27017'].map(lacks)).map(({ problem }) => problem.text)).toEqual([
    'The user u may not list the connections of each of them.',
  ]);
});

test('a node alone, and nodes with other causes, keep their own sentences, in the order of the nodes', () => {
  const refused = { host: 'b:27017', problem: { code: 'refused', text: 'b:27017 refuses connections.', remedy: '' } };
  const other = {
    host: 'd:27017',
    problem: { code: 'timeout', text: 'd:27017 did not answer within 5 s.', remedy: '' },
  };
  expect(
    unreadByCause([timeout('a:27017'), refused, timeout('c:27017'), other]).map(({ hosts, problem }) => [
      hosts,
      problem.text,
    ]),
  ).toEqual([
    [['a:27017', 'c:27017'], 'each did not answer in time.'],
    [['b:27017'], 'b:27017 refuses connections.'],
    [['d:27017'], 'd:27017 did not answer within 5 s.'],
  ]);
  expect(unreadByCause([])).toEqual([]);
});
