// Where Atlas shows a cluster and its project's access list, for people to open from an alert.

export interface AtlasLinks {
  readonly cluster: string | null;
  readonly accessList: string | null;
}

/**
 * The paths are those of Atlas's web interface, as its own alerts link them; they are not part of any API.
 * @param input.projectOf the project of a cluster; null for one with a connection string of its own
 */
export function linksOf(input: {
  readonly baseUrl: string;
  readonly projectOf: (cluster: string) => string | null;
}): (cluster: string) => AtlasLinks {
  const base = input.baseUrl.replace(/\/+$/, '');
  return (cluster) => {
    const project = input.projectOf(cluster);
    if (project === null) return { cluster: null, accessList: null };
    const page = `${base}/v2/${project}#`;
    return {
      cluster: `${page}/clusters/detail/${encodeURIComponent(cluster)}`,
      accessList: `${page}/security/network/accessList`,
    };
  };
}
