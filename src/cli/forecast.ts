// `atlas-conns forecast`: what a fleet of clients will hold.

import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import { isPlan, type PlanEdges, type PlanOptions, planOptions, showPlan } from './forecast-plan.ts';

interface ForecastContext extends PlanEdges {
  /** Called with the exit code. */
  readonly exit: (code: number) => void;
}

export function addForecast(program: Command, context: ForecastContext): void {
  const command = program
    .command('forecast')
    .description('show how many connections a planned fleet of clients opens on each node, and how many instances fit')
    .option('--json', 'print JSON');
  for (const option of planOptions()) command.addOption(option);
  command
    .addHelpText(
      'after',
      `
A plan is a JSON file, options, or both; then the options win. It needs no
settings. Limits are those of a node, never of a cluster.

Examples:
  atlas-conns forecast --driver node --instances 40 --operations 8 --limit 1500
  atlas-conns forecast --driver pymongo --instances 20 --processes 4 --nodes 'primary, 2 secondary, arbiter'
  atlas-conns forecast --driver java --instances 50 --nodes '9 mongos' --srv-max-hosts 3
  atlas-conns forecast --uri-env MONGODB_URI --driver go --instances 12
  atlas-conns forecast --plan fleet.json --json | jq .busiestShareOfLimit

Exit code: 0 a forecast, also one over the limit; 2 invalid plan or options.`,
    )
    .action(async (options: PlanOptions) => {
      if (!isPlan(options)) throw new UserError('There is no plan.', 'Use --plan FILE, or --driver and --instances.');
      context.exit(await showPlan(options, context));
    });
}
