import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scrubbedEnv } from '../../../src/hosts/environment';
import { createHosts, localName } from '../../../src/hosts/hosts';
import { PrefixRoute, SshRoute } from '../../../src/hosts/route';
import { SshHost } from '../../../src/hosts/ssh';
import { settingsSchema } from '../../../src/model/settings';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';

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
    ['kubectl exec --stdin=true --tty=false pod', 'kubectl exec -i pod sh', 'kubectl exec -it pod top'],
    ['docker compose exec dev', 'docker compose exec -T dev sh', 'docker compose exec dev top'],
    [
      'docker-compose exec -T -u me dev',
      'docker-compose exec -T -u me dev sh',
      'docker-compose exec -u me dev top',
    ],
    [
      'C:\\Docker\\docker.exe exec dev',
      'C:\\Docker\\docker.exe exec -i dev sh',
      'C:\\Docker\\docker.exe exec -it dev top',
    ],
    ['wsl -d Ubuntu -e', 'wsl -d Ubuntu -e sh', 'wsl -d Ubuntu -e top'],
    ['nsenter -t 7 -p -m --', 'nsenter -t 7 -p -m -- sh', 'nsenter -t 7 -p -m -- top'],
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
  const bed = new Bed();
  after(() => bed.dispose());

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

  it('is asked about once, and nothing stands still meanwhile', async () => {
    const folder = await bed.folder('ssh');
    const [asked, go] = [join(folder, 'asked'), join(folder, 'go')];
    // It answers only when we, the same thread, say so; its other calls are the far shell.
    const ssh = `#!/bin/sh
case " $* " in *" -G "*) ;; *) exec sh ;; esac
echo "$*" >>'${asked}'
until [ -e '${go}' ]; do sleep 0.05; done
echo 'controlpath /of/the/user'
`;
    await writeFile(join(folder, 'ssh'), ssh, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    const settings = { ...settingsSchema.parse({}).local, ssh: 'dev' };
    const host = await bed.add(new SshHost({ name: 'dev', settings, log: silentLog, env }));
    const work = host.run(['echo', 'hello']);
    await writeFile(go, '');
    assert.equal((await work).stdout.toString(), 'hello\n');
    assert.ok(!host.interactive(['ls']).some((word) => word.startsWith('ControlPath=')));
    assert.equal(await readFile(asked, 'utf8'), '-G -- dev\n');
  });
});
