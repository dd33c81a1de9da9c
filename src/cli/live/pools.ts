// `atlas-conns pools`: its options and help. What it shows is loaded when it runs.

import { type Command, Option } from 'commander';
import { clusterOption, typedName } from '../words.ts';
import type { PoolsContext, PoolsOptions } from './show-pools.ts';

export function addPools(program: Command, context: PoolsContext): void {
  program
    .command('pools')
    .description('show what applications report of their connection pools, beside what the nodes count')
    .argument('[app]', 'one app by process (default: all apps)', typedName)
    .addOption(clusterOption().argParser(typedName))
    .addOption(new Option('--json', 'print JSON, as GET /v1/pools answers').conflicts('csv'))
    .option('--csv', 'print CSV, one row for each pool')
    .option('--url <address>', 'the bot to ask (default: POOLS_HOST and POOLS_PORT, else ATLAS_CONNS_POOLS_URL)')
    .addHelpText(
      'after',
      `
Asks the bot that takes the reports: "atlas-conns serve" with POOLS_PORT. The
token comes from POOLS_TOKEN, or ATLAS_CONNS_POOLS_TOKEN. It is never an option:
a command line can be read by others.

Examples:
  atlas-conns pools
  atlas-conns pools billing --cluster prod
  atlas-conns pools --url https://bot.example.net
  atlas-conns pools --csv > pools.csv
  atlas-conns pools --json | jq '.apps[] | {app, cluster, now}'

Exit code: 0 success, 1 no bot answered, 2 invalid input or settings.`,
    )
    .action(async (app: string | undefined, options: PoolsOptions) => {
      const { showPools } = await import('./show-pools.ts');
      context.exit(await showPools({ app: app ?? null, options, ...context }));
    });
}
