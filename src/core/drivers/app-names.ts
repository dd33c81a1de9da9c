// App names that tell no program from another.

/**
 * `Cluster0`, which Atlas puts into the strings of a new cluster, and names from examples. Names that Atlas makes from
 * another cluster's name are known only with that name.
 */
export function isDefaultAppName(name: string): boolean {
  return /^(?:my[-_]?)?cluster\d*$|^my[-_ ]?(?:fancy)?app(?:name)?$/i.test(name);
}
