import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Credentials, originOf } from '../../src/sources/jira/credentials';
import type { CredentialOptions, Secrets } from '../../src/sources/jira/credentials';
import { GitCredentials } from '../../src/sources/jira/gitCredentials';
import { silentLog } from '../../src/util/log';

const url = 'https://jira.acme.example:8443/jira';
const origin = 'https://jira.acme.example:8443';

class MemoryStore implements Secrets {
  readonly values = new Map<string, string>();
  async get(origin: string) {
    return this.values.get(origin);
  }
  async set(origin: string, value: string) {
    this.values.set(origin, value);
  }
  async delete(origin: string) {
    this.values.delete(origin);
  }
}

describe('Credentials for Jira', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;
  let git: GitCredentials;

  /** Git's configuration of a user who has this helper. */
  const helper = (command: string) =>
    writeFile(join(home, '.gitconfig'), `[credential]\n\thelper = ${command}\n`);
  const open = (options: Partial<CredentialOptions> = {}) =>
    new Credentials({ url, log: silentLog, env: {}, git, ...options });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'task-sessions-'));
    env = {
      PATH: process.env['PATH'],
      HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
    };
    git = new GitCredentials({ log: silentLog, env, timeoutMs: 20_000 });
    await helper(`"store --file='${join(home, 'secrets')}'"`);
  });
  afterEach(() => rm(home, { recursive: true }));

  it('are nobody’s until somebody signs in', async () => {
    assert.equal(await open().find(origin), undefined);
  });

  it('go into the store, by origin, and out again', async () => {
    const store = new MemoryStore();
    const credentials = open({ store });
    await credentials.save(origin, { email: 'dana@acme.example', token: 't' });
    assert.deepEqual(await credentials.find(origin), {
      credential: { email: 'dana@acme.example', token: 't' },
      place: 'store',
    });
    assert.equal(await credentials.find('https://jira.acme.example'), undefined);
    await credentials.forget(origin, await credentials.find(origin));
    assert.equal(store.values.size, 0);
  });

  it('are kept by git where there is no store', async () => {
    const credentials = open({ email: 'dana@acme.example' });
    await credentials.save(origin, { email: 'dana@acme.example', token: 'from git' });
    assert.match(
      await readFile(join(home, 'secrets'), 'utf8'),
      /dana%40acme\.example:from%20git@jira\.acme\.example%3a8443/i,
    );
    const found = await credentials.find(origin);
    assert.deepEqual(found, {
      credential: { email: 'dana@acme.example', token: 'from git' },
      place: 'git',
    });
    await credentials.forget(origin, found);
    assert.equal(await credentials.find(origin), undefined);
  });

  it('are kept by git without an e-mail too', async () => {
    await open().save(origin, { token: 'pat' });
    const found = await open().find(origin);
    assert.deepEqual(found, { credential: { token: 'pat' }, place: 'git' });
    await open().forget(origin, found);
    assert.equal(await open().find(origin), undefined);
  });

  it('come from the environment for the origin of jira.url, and no other', async () => {
    const variables = { TASK_SESSIONS_JIRA_TOKEN: ' t\n', TASK_SESSIONS_JIRA_EMAIL: 'dana@acme.example' };
    const credentials = open({ env: variables });
    assert.deepEqual(await credentials.find(origin), {
      credential: { email: 'dana@acme.example', token: 't' },
      place: 'environment',
    });
    for (const other of [
      'https://jira.acme.example',
      'http://jira.acme.example:8443',
      'https://evil.example:8443',
    ])
      assert.equal(await credentials.find(other), undefined, other);
    assert.equal(await open({ env: variables, url: '' }).find(origin), undefined);
  });

  it('are looked for in the store, then the environment, then git', async () => {
    await open().save(origin, { token: 'git' });
    const store = new MemoryStore();
    const credentials = open({ store, env: { TASK_SESSIONS_JIRA_TOKEN: 'environment' } });
    assert.equal((await credentials.find(origin))?.place, 'environment');
    await credentials.save(origin, { token: 'store' });
    assert.equal((await credentials.find(origin))?.credential.token, 'store');
    store.values.set(origin, 'spoiled');
    assert.equal((await credentials.find(origin))?.place, 'environment');
    store.get = () => Promise.reject(new Error('locked'));
    assert.equal((await credentials.find(origin))?.place, 'environment');
  });

  it('never ask a person, never wait for long, and need no git', async () => {
    const ask = join(home, 'ask');
    await writeFile(ask, '#!/bin/sh\necho asked\n', { mode: 0o755 });
    await writeFile(join(home, '.gitconfig'), `[core]\n\taskPass = ${ask}\n`);
    const asking = { ...env, GIT_ASKPASS: ask, SSH_ASKPASS: ask };
    assert.equal(await new GitCredentials({ log: silentLog, env: asking }).fill(origin), undefined);
    assert.equal(await git.fill(origin), undefined);
    await helper('"!sleep 30"');
    const start = performance.now();
    const hurried = new GitCredentials({ log: silentLog, env, timeoutMs: 200 });
    assert.equal(await hurried.fill(origin), undefined);
    assert.equal(await git.fill(origin, undefined, AbortSignal.timeout(100)), undefined);
    assert.ok(performance.now() - start < 15_000);
    const none = new GitCredentials({ log: silentLog, env: { ...env, PATH: home } });
    assert.equal(await none.fill(origin), undefined);
  });

  it('hand nothing to git that would break its lines, nor our token', async () => {
    await helper(`"!env > ${join(home, 'env')}; echo password=x; :"`);
    const leaky = new GitCredentials({ log: silentLog, env: { ...env, TASK_SESSIONS_JIRA_TOKEN: 'secret' } });
    assert.equal((await leaky.fill(origin, 'dana'))?.token, 'x');
    assert.ok(!(await readFile(join(home, 'env'), 'utf8')).includes('secret'));
    assert.equal(await git.fill(origin, 'dana\nhost=evil.example'), undefined);
  });
});

describe('The origin of an address', () => {
  for (const [address, expected] of [
    ['https://Jira.Acme.example/jira', 'https://jira.acme.example'],
    ['jira.acme.example:8443', origin],
    ['http://localhost:8080/x', 'http://localhost:8080'],
    ['http://jira.acme.example', undefined],
    ['', undefined],
  ] as const)
    it(`of ${JSON.stringify(address)} is ${expected}`, () => assert.equal(originOf(address), expected));
});
