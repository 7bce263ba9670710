import assert from 'node:assert/strict';
import { scrubbedEnv } from '../../../src/hosts/environment';
import { createHosts, localName } from '../../../src/hosts/hosts';
import { PrefixRoute, SshRoute } from '../../../src/hosts/route';
import { settingsSchema } from '../../../src/model/settings';
import { silentLog } from '../../../src/util/log';

describe('the environment of what we start', () => {
  it('has no leftovers and none of our secrets', () => {
    const env = {
      PATH: '/bin',
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: 'x',
      CLAUDE_CONFIG_DIR: '/c',
      VSCODE_IPC_HOOK: 'x',
      ELECTRON_RUN_AS_NODE: '1',
      GIT_ASKPASS: '/x',
      TMUX: 'x',
      TMUX_PANE: '%1',
      TMUX_TMPDIR: '/t',
      TASK_SESSIONS_JIRA_TOKEN: 'secret',
      Task_Sessions_Jira_Token: 'secret',
      ANTHROPIC_API_KEY: 'theirs',
      SSH_AUTH_SOCK: '/a',
    };
    assert.deepEqual(scrubbedEnv(env), {
      PATH: '/bin',
      TMUX_TMPDIR: '/t',
      ANTHROPIC_API_KEY: 'theirs',
      SSH_AUTH_SOCK: '/a',
    });
  });
});

describe('createHosts', () => {
  const names = (settings: object, env: NodeJS.ProcessEnv = {}): string[] => {
    const hosts = createHosts(settingsSchema.parse(settings), silentLog, { env });
    for (const host of hosts) host.dispose();
    return hosts.map(({ name }) => name);
  };

  it('has this machine first', () => {
    const hosts = { dev: { ssh: 'dev' }, box: { via: ['docker', 'exec', '-i', 'box'] } };
    assert.deepEqual(names({ local: { name: 'laptop' }, hosts }), ['laptop', 'dev', 'box']);
  });

  it('leaves out hosts that would stand for this machine', () => {
    const hosts = { laptop: { ssh: 'x' }, local: { ssh: 'y' }, dev: { ssh: 'dev' } };
    assert.deepEqual(names({ local: { name: 'laptop' }, hosts }), ['laptop', 'dev']);
  });

  it("hands Claude's own directory on by name", () => {
    const env = { CLAUDE_CONFIG_DIR: '/c' };
    assert.equal(createHosts(settingsSchema.parse({}), silentLog, { env })[0]?.settings.configDir, '/c');
    const settings = settingsSchema.parse({ local: { configDir: '/d' } });
    assert.equal(createHosts(settings, silentLog, { env })[0]?.settings.configDir, '/d');
  });

  for (const [machine, name] of [
    ['dev.example.com', 'dev'],
    ["Dana's Mac", 'Dana-s-Mac'],
    ['-x', 'x'],
    ['日本', 'local'],
    ['', 'local'],
  ] as const)
    it(`calls the machine "${machine}" ${name}`, () => assert.equal(localName(machine), name));
});

describe('a command prefix', () => {
  const table: [prefix: string, shell: string, terminal: string][] = [
    ['docker exec -i dev', 'docker exec -i dev sh', 'docker exec -it dev top'],
    ['docker exec -it dev', 'docker exec -i dev sh', 'docker exec -it dev top'],
    [
      '/usr/bin/podman exec -u me dev',
      '/usr/bin/podman exec -i -u me dev sh',
      '/usr/bin/podman exec -it -u me dev top',
    ],
    [
      'kubectl -n x exec -i pod -- env -i',
      'kubectl -n x exec -i pod -- env -i sh',
      'kubectl -n x exec -it pod -- env -i top',
    ],
    ['runuser -u dev --', 'runuser -u dev -- sh', 'runuser -u dev -- top'],
    ['ip netns exec lab', 'ip netns exec lab sh', 'ip netns exec lab top'],
  ];
  for (const [prefix, shell, terminal] of table)
    it(prefix, () => {
      const route = new PrefixRoute(prefix.split(' '));
      assert.equal(route.shell().join(' '), shell);
      assert.equal(route.terminal(['top']).join(' '), terminal);
    });
});

describe('a destination of ssh', () => {
  for (const destination of ['-oProxyCommand=touch x', '', '-F/x', 'a b', 'a;b', 'a\nb', '$(id)'])
    it(`is not ${JSON.stringify(destination)}`, () =>
      assert.throws(() => new SshRoute({ destination, configFile: '', env: {} }), /not a destination/));

  it('stands after the options', () => {
    const route = new SshRoute({ destination: 'me@dev', configFile: '/x/config', env: { PATH: '' } });
    for (const argv of [route.shell(), route.terminal(['ls'])]) {
      assert.deepEqual(argv.slice(0, 3), ['ssh', '-F', '/x/config']);
      assert.deepEqual(argv.slice(-3, -1), ['--', 'me@dev']);
    }
    assert.ok(route.shell().includes('BatchMode=yes'));
    assert.ok(!route.terminal(['ls']).includes('BatchMode=yes'));
  });
});
