import assert from 'node:assert/strict';
import { readSettings, settingsSchema } from '../../../src/model/settings';

const defaults = settingsSchema.parse({});

/** README, "Settings", as far as the main job needs them. */
const documented = {
  jira: {
    url: '',
    email: '',
    deployment: 'auto',
    jql: 'assignee = currentUser() AND statusCategory != Done ORDER BY updated DESC',
    pollSeconds: 60,
    caFile: '',
  },
  ssh: { configFile: '' },
  repository: '',
  repositories: {},
  branchPattern: 'task/${key}-analysis',
  docs: {
    names: [
      'task_desc.md',
      'solution_options.md',
      'step_by_step_impl_plan.md',
      'task_test_designs.md',
      'critic.md',
    ],
    directory: 'docs/tasks/${key}',
  },
  worktrees: { directory: '../${repository}.worktrees' },
  hosts: {},
  defaultHost: '',
  local: { aliases: [], roots: [], logs: [] },
  terminal: { keepAlive: 'auto', location: 'panel' },
  phases: {},
  approvers: [],
  context: { handoffPercent: 80, autoHandoff: false },
  claude: {
    permissionMode: '',
    model: '',
    analysisTools: ['Read', 'Grep', 'Glob', 'Write', 'Edit'],
    analysisAllow: [],
    analysisMode: 'default',
    implementationTools: ['Read', 'Grep', 'Glob', 'Write', 'Edit', 'Bash'],
    implementationAllow: [],
    implementationMode: 'default',
    maxTurns: 0,
    maxBudgetUsd: 0,
  },
  runs: { perHost: 2, critic: true },
  implementation: { branchPattern: '' },
  checks: [],
  prompts: { analysis: '', documents: '', review: '', implementation: '', handoff: '' },
  webhooks: {},
  notifications: { runs: true },
  links: { allowed: [], redirect: '' },
};

describe('settings', () => {
  it('have the documented keys and defaults', () => {
    assert.deepEqual(defaults, documented);
    for (const nothing of [undefined, null, {}])
      assert.deepEqual(readSettings(nothing), { settings: defaults, problems: [] });
  });

  it('are read as they stand when all are good', () => {
    const input = {
      jira: {
        url: 'https://jira.example/jira',
        deployment: 'dataCenter',
        jql: 'project = PAY',
        pollSeconds: 30,
      },
      ssh: { configFile: '~/.ssh/other' },
      repositories: {
        platform: { remote: 'git@git.example:a/platform.git', projects: ['PAY'], directory: '~/p' },
      },
      hosts: {
        devserver: {
          ssh: 'dev@devserver.example',
          aliases: ['dev'],
          repository: { platform: '/srv/platform' },
          roots: ['/srv', '~'],
          claudePath: '/opt/claude',
          configDir: '~/.claude-work',
          logs: ['/var/log/claude/*.jsonl'],
          webTerminal: 'https://term.example/${name}',
        },
        box: { via: ['docker', 'exec', '-i', 'dev'], aliases: [], roots: [], logs: [] },
      },
      local: { name: 'laptop', aliases: [], roots: [], logs: [], repository: 'C:\\src\\platform' },
      terminal: { keepAlive: 'none', location: 'editor' },
      phases: { approved: 'Approved', implementing: ['In Progress', 'Coding'] },
      approvers: ['pat'],
    };
    const { settings, problems } = readSettings(input);
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, {
      ...defaults,
      ...input,
      jira: { ...defaults.jira, ...input.jira },
    });
  });

  const bad: { name: string; input: unknown; costs: string; leaves?: object }[] = [
    { name: 'a number for a text', input: { jira: { url: 5, email: 'a@b' } }, costs: 'jira.url', leaves: { jira: { ...defaults.jira, email: 'a@b' } } },
    { name: 'a word that is none of the choice', input: { terminal: { keepAlive: 'screen', location: 'editor' } }, costs: 'terminal.keepAlive', leaves: { terminal: { keepAlive: 'auto', location: 'editor' } } },
    { name: 'a poll that would flood Jira', input: { jira: { pollSeconds: 0 } }, costs: 'jira.pollSeconds' },
    { name: 'a relative directory', input: { repository: 'src/platform', branchPattern: 'x/${key}' }, costs: 'repository', leaves: { branchPattern: 'x/${key}' } },
    { name: 'another account\'s home', input: { local: { configDir: '~root/.claude' } }, costs: 'local.configDir' },
    { name: 'a name that is a path', input: { docs: { names: ['../x.md', 'plan.md'] } }, costs: 'docs.names.0', leaves: { docs: { ...defaults.docs, names: ['plan.md'] } } },
    { name: 'only names that are paths', input: { docs: { names: ['../x.md', 'a/b.md'] } }, costs: 'docs.names.0' },
    { name: 'two bad ones in a list', input: { approvers: [1, 'pat', 2, 'dana'] }, costs: 'approvers.0', leaves: { approvers: ['pat', 'dana'] } },
    { name: 'an option for a destination', input: { hosts: { evil: { ssh: '-oProxyCommand=id' }, dev: { ssh: 'dev' } } }, costs: 'hosts.evil.ssh', leaves: { hosts: { dev: { ssh: 'dev', aliases: [], roots: [], logs: [] } } } },
    { name: 'a host that is reached in two ways', input: { hosts: { both: { ssh: 'a', via: ['b'] } } }, costs: 'hosts.both' },
    { name: 'a host that is reached in no way', input: { hosts: { none: {} } }, costs: 'hosts.none' },
    { name: 'a command with a bad word, all of it', input: { hosts: { box: { via: ['docker', 5, 'dev'] }, dev: { ssh: 'dev' } } }, costs: 'hosts.box.via.1', leaves: { hosts: { dev: { ssh: 'dev', aliases: [], roots: [], logs: [] } } } },
    { name: 'a host with a bad name', input: { hosts: { 'a b': { ssh: 'a' } } }, costs: 'hosts.a b' },
    { name: 'a phase that does not exist', input: { phases: { waiting: 'Waiting', done: 'Done' } }, costs: 'phases.waiting', leaves: { phases: { done: 'Done' } } },
    { name: 'a status that is no name', input: { phases: { approved: 5, done: 'Done' } }, costs: 'phases.approved', leaves: { phases: { done: 'Done' } } },
    { name: 'a list for a group', input: { jira: [], repository: '/srv/x' }, costs: 'jira', leaves: { repository: '/srv/x' } },
    { name: 'no object at all', input: 'hosts', costs: 'settings' },
  ]; // prettier-ignore

  for (const { name, input, costs, leaves = {} } of bad)
    it(`lose one value by ${name}`, () => {
      const before = structuredClone(input);
      const { settings, problems } = readSettings(input);
      assert.deepEqual(settings, { ...defaults, ...leaves });
      assert.ok(problems[0]?.startsWith(costs), problems.join('\n'));
      assert.deepEqual(input, before);
    });

  it('name each document once', () => {
    const { settings } = readSettings({ docs: { names: ['a.md', 'b.md', 'a.md'] } });
    assert.deepEqual(settings.docs.names, ['a.md', 'b.md']);
  });

  it('take no harm from unknown keys', () => {
    const input = JSON.parse(
      '{"later": 1, "jira": {"later": {}}, "hosts": {"dev": {"ssh": "dev", "later": []}}, "__proto__": {"url": 1}}',
    ) as unknown;
    const { settings, problems } = readSettings(input);
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, {
      ...defaults,
      hosts: { dev: { ssh: 'dev', aliases: [], roots: [], logs: [] } },
    });
  });

  it('survive a flood of bad values', () => {
    const { settings } = readSettings({
      approvers: Array.from({ length: 5000 }, (_, n) => (n % 2 ? 'x' : n)),
    });
    assert.equal(settings.approvers.length, 2500);
  });
});
