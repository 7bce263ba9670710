// What the demo's world looks like from the product's side: its settings, in both spellings, and a command for it.
import { join } from 'node:path';
import { quote } from '../../src/hosts/quoting';
import { demoPhases } from '../jira/demo/demoTask';
import type { Jira } from '../jira/simulator';
import { checkout } from './build';
import { runLogs } from './world/others';

/** Fails after the third step of a plan, until its engineer has mended that: so that there is something to decide. */
const check =
  'test ! -e src/step-3.txt || test -e src/mended.txt || { echo "1 of 12 tests failed: step 3"; exit 1; }';

/** As the command line's configuration file has them. */
export function demoSettings(
  jira: Jira,
  clones: { laptop: string; devserver: string },
  homes: { devserver: string },
  configFile: string,
): Record<string, unknown> {
  return {
    jira: {
      url: jira.url,
      jql: 'project in (PAY, PORTAL) ORDER BY priority DESC, updated DESC',
      pollSeconds: 15,
    },
    ssh: { configFile },
    repositories: { platform: { projects: ['PAY', 'PORTAL'], directory: clones.laptop } },
    hosts: {
      devserver: {
        ssh: 'devserver',
        repository: clones.devserver,
        roots: [homes.devserver],
        logs: [`~/${runLogs}/*.jsonl`],
      },
      buildbox: { ssh: 'buildbox', roots: ['/srv'] },
    },
    checks: [check],
    defaultHost: 'devserver',
    local: { name: 'laptop' },
    phases: demoPhases,
    webhooks: { team: { kind: 'slack' } },
  };
}

/** The command line on this world, for whoever looks on from another terminal. */
export function commandScript(env: Record<string, string>, workspace: string, settingsFile: string): string {
  const words = Object.entries(env).flatMap(([name, value]) => (name === 'TERM' ? [] : [`${name}=${value}`]));
  const command = [
    ...words,
    `TASK_SESSIONS_CONFIG=${settingsFile}`,
    process.execPath,
    join(checkout, 'dist/cli.js'),
  ];
  return `#!/bin/sh\ncd ${quote([workspace])} && exec env -i TERM="$TERM" ${quote(command)} "$@"\n`;
}

/** The sections of the settings; what lies deeper is a value. */
const sections = [
  'jira',
  'ssh',
  'docs',
  'worktrees',
  'terminal',
  'context',
  'claude',
  'runs',
  'implementation',
  'prompts',
  'notifications',
  'links',
];

/** The same settings as VS Code has them: `taskSessions.jira.url`. */
export function vscodeSettings(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      sections.includes(key)
        ? Object.entries(value as object).map(([name, inner]) => [`taskSessions.${key}.${name}`, inner])
        : [[`taskSessions.${key}`, value]],
    ),
  );
}
