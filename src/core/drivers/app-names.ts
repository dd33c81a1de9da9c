// Names that no person chose for an application.

/** Of clusters that Atlas proposes and puts into the strings that it shows, of its examples, and of Compass. */
const DEFAULT = /^(?:my[-_]?)?cluster\d*$|^mongodb[ +]compass$|^my[-_ ]?(?:fancy)?app(?:name)?$/i;

/**
 * Whether Atlas or a tool filled in an appName: applications with it cannot be told apart.
 * @param cluster its name, which Atlas puts into the strings that it shows; null where it is not known
 */
export function isDefaultAppName(name: string, cluster: string | null): boolean {
  return DEFAULT.test(name) || name.toLowerCase() === cluster?.toLowerCase();
}
