// A stand-in Atlas and projects opened on it, closed when the test ends.

import { expect, onTestFinished } from 'vitest';
import { type AtlasProjectOptions, openAtlasProject } from '../../src/atlas/project.ts';
import type { Problem } from '../../src/core/base/problem.ts';
import type { AtlasProject } from '../../src/core/ports/clusters.ts';
import { UpstreamError } from '../../src/errors.ts';
import { type AtlasScenario, emptyScenario } from '../sandbox/atlas/scenario.ts';
import { type AtlasStandIn, startAtlas } from '../sandbox/atlas/server.ts';

export const NEVER = new AbortController().signal;

export interface Bench {
  atlas: AtlasStandIn;
  /** Milliseconds that were waited between tries; waiting moves the clock and takes no time. */
  waits: number[];
  clock: { now: Date };
  /** Opens the stand-in's project with its service account, unless told otherwise. */
  open(options?: Partial<AtlasProjectOptions>): AtlasProject;
}

export async function bench(scenario: Partial<AtlasScenario> = {}): Promise<Bench> {
  const clock = { now: new Date('2026-11-21T10:00:00Z') };
  const now = () => clock.now;
  const atlas = await startAtlas({ scenario: { ...emptyScenario(), ...scenario }, now });
  onTestFinished(() => atlas.close());
  const waits: number[] = [];
  return {
    atlas,
    waits,
    clock,
    open(options = {}) {
      const project = openAtlasProject({
        baseUrl: atlas.url,
        projectId: atlas.scenario.project.id,
        credentials: { kind: 'service-account', ...atlas.scenario.serviceAccount },
        now,
        random: () => 0.5,
        userAgent: 'atlas-conns/test',
        sleep: async (ms) => {
          waits.push(ms);
          clock.now = new Date(clock.now.getTime() + ms);
        },
        ...options,
      });
      onTestFinished(() => project.close());
      return project;
    },
  };
}

/** The API key of the stand-in, as credentials. */
export function apiKeyOf(atlas: AtlasStandIn) {
  return { kind: 'api-key', ...atlas.scenario.apiKey } as const;
}

/** The problem that a reading ended with; fails where it did not end with an UpstreamError. */
export async function problemOf(reading: Promise<unknown>): Promise<Problem> {
  return (await upstreamOf(reading)).problem;
}

export async function upstreamOf(reading: Promise<unknown>): Promise<UpstreamError> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
}

/** Targets of the logged requests that match, in order. */
export function targetsOf(atlas: AtlasStandIn, path: RegExp): string[] {
  return atlas.requests.map(({ target }) => target).filter((target) => path.test(target));
}
