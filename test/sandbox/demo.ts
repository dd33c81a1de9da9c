// `npm run demo`: a stand-in Atlas project, a stand-in Slack with a page to type and click in, and the real bot between
// them, in simulated time. `-- --once` holds a scripted conversation and ends, `-- --night` prints what a night's alerts
// say, `-- --report` shows the terminal, `-- --stand-ins` leaves the bot to you.

import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { converse } from './demo/conversation.ts';
import { watchNight } from './demo/night.ts';
import { openStage, SPEED, type Stage, type StageOptions } from './demo/stage.ts';
import { openStandIns } from './demo/stand-ins.ts';
import { showTerminal } from './demo/terminal.ts';
import { startProject } from './project.ts';

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { once: flag, night: flag, report: flag, 'stand-ins': flag } });
const say = (text: string) => process.stdout.write(`${text}\n`);

if (values.report) await showReport();
else if (values['stand-ins']) await showStandIns();
else if (values.once)
  await onStage({ hour: 10, speed: 3 * SPEED, days: 2, reporting: true }, (stage) => converse(stage, say));
else if (values.night) await onStage({ hour: 22, speed: 0 }, (stage) => watchNight(stage, say));
else await onStage({ hour: 10, reporting: true }, showPage);

async function onStage(options: StageOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  say('Writing the days before…');
  const stage = await openStage(options);
  try {
    await play(stage);
  } finally {
    await stage.close();
  }
}

async function showPage({ slack, bot, env }: Stage): Promise<void> {
  const file = await writeEnvironment(env);
  say('\nThe bot runs: its Slack, its Atlas project and its three clusters are stand-ins on this machine.');
  say(`Time is simulated: an hour passes in a minute, and every cluster is read every five minutes of it.`);
  say(`\n    ${slack.url}\n\nOpen it, type /atlas-conns prod, and make something happen.`);
  say('Two applications report their own pools. A terminal beside it, in this directory, with its settings:');
  say(`\n    . ${file}\n    npx atlas-conns top prod\n    npx atlas-conns pools\n`);
  say(
    'Reports of an application of your own are old at once here, because time is faster: use npm run demo -- --stand-ins.',
  );
  say('\nCtrl-C here ends everything.\n');
  await Promise.race([stopped(), bot.ended]);
}

/** For a shell. It is in the directory of the bot's store, and goes with it. */
async function writeEnvironment(env: Stage['env']): Promise<string> {
  const file = join(env['ATLAS_CONNS_DATA_DIR'] ?? tmpdir(), 'env');
  const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  // The machine's own Node may be too old for the module that finds the stand-in nodes.
  const path = `export PATH=${quoted(dirname(process.execPath))}:"$PATH"\n`;
  await writeFile(file, [...lines, path].join(''), { mode: 0o600 });
  return file;
}

async function showReport(): Promise<void> {
  const project = await startProject({ named: true });
  try {
    await showTerminal(project, say);
  } finally {
    await project.close();
  }
}

async function showStandIns(): Promise<void> {
  const standIns = await openStandIns();
  try {
    say(
      '\nA stand-in Slack and a stand-in Atlas project run, in real time. The bot is yours to start, with these settings,',
    );
    say(`for instance in a file named .env in the directory that it is started in:\n\n${standIns.dotEnv}\n`);
    say(`The Slack that it will be in:\n\n    ${standIns.url}\n\nCtrl-C ends everything.\n`);
    await stopped();
  } finally {
    await standIns.close();
  }
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => resolve());
  });
}
