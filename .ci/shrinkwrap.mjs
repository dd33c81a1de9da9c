// npm publishes no package-lock.json, but a npm-shrinkwrap.json: for the time of a pack the production part of the lock
// is written as one, so that whoever installs the package gets each dependency by its content hash.
// `prepack` writes it and empties dist, so that no file of an older build is packed; `postpack` removes it.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const file = (name) => new URL(`../${name}`, import.meta.url);

if (process.argv.includes('--remove')) rmSync(file('npm-shrinkwrap.json'), { force: true });
else {
  const { packages, ...lock } = JSON.parse(readFileSync(file('package-lock.json'), 'utf8'));
  const kept = Object.entries(packages).filter(([, { dev }]) => dev !== true);
  const { devDependencies: _, ...root } = packages[''];
  const shrinkwrap = { ...lock, packages: { ...Object.fromEntries(kept), '': root } };
  writeFileSync(file('npm-shrinkwrap.json'), `${JSON.stringify(shrinkwrap, null, 2)}\n`);
  rmSync(file('dist'), { recursive: true, force: true });
}
