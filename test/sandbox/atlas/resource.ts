// What the Admin API has under which path, in which versions, and how it pages.

import { apiError } from './fault.ts';
import type { AtlasScenario, Provider } from './scenario.ts';

export interface Found {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

interface Resource {
  path: RegExp;
  /** Oldest first. */
  versions: readonly string[];
  body(asked: { scenario: AtlasScenario; match: RegExpExecArray; url: URL }): Found;
}

const FIRST = '2023-01-01';
const NEWEST = '2025-03-12';

const RESOURCES: readonly Resource[] = [
  {
    path: /^\/groups$/,
    versions: [FIRST],
    body: ({ scenario, url }) => paged([scenario.project, ...scenario.otherProjects], url),
  },
  ...lists({
    accessList: (scenario) => scenario.accessList,
    processes: (scenario) => scenario.processes,
    'containers/all': (scenario) => scenario.containers,
  }),
  {
    path: /^\/groups\/(\w+)\/clusters$/,
    versions: [FIRST, '2023-02-01', '2024-08-05'],
    body: ({ scenario, url }) => paged(scenario.clusters, url),
  },
  {
    path: /^\/groups\/(\w+)\/flexClusters$/,
    versions: ['2024-11-13'],
    body: ({ scenario, url }) => paged(scenario.flexClusters, url),
  },
  {
    path: /^\/groups\/(\w+)\/peers$/,
    versions: [FIRST],
    body: ({ scenario, url }) => {
      const provider = providerOf(url.searchParams.get('providerName') ?? 'AWS');
      return provider === null
        ? apiError(400, 'INVALID_ENUM_VALUE', { parameters: ['providerName'] })
        : paged(scenario.peers[provider], url);
    },
  },
  {
    path: /^\/groups\/(\w+)\/privateEndpoint\/(AWS|AZURE|GCP)\/endpointService$/,
    versions: [FIRST],
    body: ({ scenario, match }) => ({ status: 200, body: scenario.endpointServices[providerOf(match[2]!)!] }),
  },
];

/** Answers an authenticated GET below `/api/atlas/v2`. */
export function findResource(request: { scenario: AtlasScenario; url: URL; accept: string | undefined }): Found {
  const { scenario, url } = request;
  const path = url.pathname.slice('/api/atlas/v2'.length);
  for (const resource of RESOURCES) {
    const match = resource.path.exec(path);
    if (match === null) continue;
    const version = negotiate(request.accept, resource.versions);
    if (typeof version !== 'string') return version;
    const groupId = match[1];
    if (groupId !== undefined && groupId !== scenario.project.id) {
      return apiError(404, 'GROUP_NOT_FOUND', { detail: `No group with ID ${groupId} exists.`, parameters: [groupId] });
    }
    if (!scenario.roles.includes('GROUP_READ_ONLY') && groupId !== undefined) {
      return apiError(401, 'USER_UNAUTHORIZED', {
        detail: 'Current user is not authorized to perform this action.',
      });
    }
    const found = resource.body({ scenario, match, url });
    return { headers: { 'content-type': `application/vnd.atlas.${version}+json;charset=utf-8` }, ...found };
  }
  return apiError(404, 'RESOURCE_NOT_FOUND', { detail: 'Cannot find resource.', parameters: [url.pathname] });
}

function lists(sources: Record<string, (scenario: AtlasScenario) => unknown[]>): Resource[] {
  return Object.entries(sources).map(([name, source]) => ({
    path: new RegExp(`^/groups/(\\w+)/${name}$`),
    versions: [FIRST],
    body: ({ scenario, url }) => paged(source(scenario), url),
  }));
}

/** The newest version that is not later than the one asked for. */
function negotiate(accept: string | undefined, versions: readonly string[]): string | Found {
  const asked = /^application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json$/.exec(accept ?? '')?.[1];
  if (asked === undefined) return apiError(406, 'NOT_ACCEPTABLE');
  if (asked > NEWEST) return apiError(400, 'INVALID_VERSION_DATE', { parameters: [asked] });
  return versions.findLast((version) => version <= asked) ?? apiError(406, 'NOT_ACCEPTABLE');
}

function paged(items: readonly unknown[], url: URL): Found {
  const itemsPerPage = Number(url.searchParams.get('itemsPerPage') ?? 100);
  const pageNum = Number(url.searchParams.get('pageNum') ?? 1);
  if (!(itemsPerPage >= 1 && itemsPerPage <= 500 && pageNum >= 1)) {
    return apiError(400, 'INVALID_QUERY_PARAMETER', { parameters: ['itemsPerPage', 'pageNum'] });
  }
  const from = (pageNum - 1) * itemsPerPage;
  const link = (rel: string, page: number) => {
    const query = new URLSearchParams(url.searchParams);
    query.set('pageNum', String(page));
    return { href: `${url.origin}${url.pathname}?${query}`, rel };
  };
  const links = [
    link('self', pageNum),
    ...(pageNum > 1 ? [link('previous', pageNum - 1)] : []),
    ...(from + itemsPerPage < items.length ? [link('next', pageNum + 1)] : []),
  ];
  const results = items.slice(from, from + itemsPerPage);
  return { status: 200, body: { links, results, totalCount: items.length } };
}

function providerOf(name: string): Provider | null {
  return name === 'AWS' || name === 'AZURE' || name === 'GCP' ? name : null;
}
