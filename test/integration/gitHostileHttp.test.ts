import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createFetcher, fetchOnce } from '../../src/sources/git/fetch';
import { GitError } from '../../src/sources/git/git';
import { Bed } from '../bed/bed';
import { output, run } from '../bed/command';
import { gitEnvironment, makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { localHost, placeOf } from './gitBed';
import type { CountingHost } from './gitBed';

describe('a hostile repository that is fetched over HTTP', () => {
  const token = Buffer.from('dana:the-token').toString('base64');
  let bed: Bed;
  let folder: string;
  let repository: Repository;
  let host: CountingHost;
  let account: NodeJS.ProcessEnv;
  let port: number;
  /** What the listener got to see: the Authorization of each request. */
  let asked: string[];

  beforeEach(async () => {
    bed = new Bed();
    folder = await bed.folder('hostile-http');
    repository = await makeRepository(folder, { tasks: [] });
    port = await listen();
    // The account: a helper that knows its token, and trust in the listener as 127.0.0.1, not as github.example.
    const config = join(folder, 'account');
    await writeFile(
      config,
      `[credential]
	helper = "!f() { echo username=dana; echo password=the-token; }; f"
[http "https://127.0.0.1:${port}"]
	sslCAInfo = ${join(folder, 'cert.pem')}
`,
    );
    account = { GIT_CONFIG_GLOBAL: config };
    host = await localHost(bed, folder, account);
  });
  afterEach(() => bed.dispose());

  /** A server with an empty repository, which asks for a password, takes any, and hands out a cookie. */
  async function listen(): Promise<number> {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=listener -addext';
    await output([
      'openssl',
      ...request.split(' '),
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    asked = [];
    const server = createServer(
      { key: await readFile(key), cert: await readFile(cert) },
      ({ headers }, response) => {
        const { authorization } = headers;
        asked.push(authorization ?? '');
        response.setHeader('set-cookie', 'evil=1; Max-Age=9999');
        if (authorization)
          response
            .setHeader('content-type', 'application/x-git-upload-pack-advertisement')
            .end('001e# service=git-upload-pack\n00000000');
        else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await bed.add({ dispose: () => void server.close() });
    return (server.address() as AddressInfo).port;
  }

  const configure = (key: string, value: string) => repository.git(['config', key, value]);
  const unguarded = () =>
    run(['git', 'fetch'], { cwd: repository.clone, env: { ...gitEnvironment(folder), ...account } });
  const gotToken = (): boolean => asked.some((authorization) => authorization === `Basic ${token}`);
  const left = (key: string) => (error: unknown) => {
    assert.ok(error instanceof GitError);
    assert.equal(error.kind, 'ownTransport', error.line);
    assert.ok(error.message.includes(`its own configuration sets ${key}`), error.message);
    return true;
  };

  it('sends the token nowhere else', async () => {
    await configure('remote.origin.url', `https://github.example:${port}/x.git`);
    await configure('http.sslVerify', 'false');
    await configure('http.curloptResolve', `github.example:${port}:127.0.0.1`);
    await assert.rejects(fetchOnce(host, placeOf(repository.clone)), left('http.sslverify'));
    assert.deepEqual(asked, []);
    await unguarded();
    assert.ok(gotToken(), 'the same fetch without the guard');
  });

  it('overwrites no file with cookies', async () => {
    const precious = join(folder, '.bashrc');
    await writeFile(precious, 'export A=1\n');
    await configure('remote.origin.url', `https://127.0.0.1:${port}/x.git`);
    await configure('http.saveCookies', 'true');
    await configure('http.cookieFile', precious);
    await assert.rejects(fetchOnce(host, placeOf(repository.clone)), left('http.savecookies'));
    assert.equal(await readFile(precious, 'utf8'), 'export A=1\n');
    await unguarded();
    assert.match(await readFile(precious, 'utf8'), /evil/, 'the same fetch without the guard');
  });

  const elsewhere: Record<string, string> = {
    'http.https://github.example.sslverify': '[http "https://github.example"]\n\tsslVerify = false\n',
    'http.proxy': '[HTTP]\n\tProxy = http://127.0.0.1:1\n',
    'remote.origin.proxy': '[remote "origin"]\n\tproxy = http://127.0.0.1:1\n',
    'credential.protectprotocol': '[credential]\n\tprotectProtocol = false\n',
    'credential.https://a.protectprotocol': '[credential "https://a"]\n\tprotectProtocol = false\n',
    'http.a b.version': '[http "a \u202eb"]\n\tversion = HTTP/1.1\n',
  };
  for (const [key, text] of Object.entries(elsewhere))
    for (const where of ['.git/config', 'an include', 'the worktree’s'] as const)
      it(`is left alone where ${where} sets ${key}`, async () => {
        const file = {
          '.git/config': '.git/config',
          'an include': 'included',
          'the worktree’s': '.git/config.worktree',
        }[where];
        if (where === 'an include') await configure('include.path', '../included');
        if (where === 'the worktree’s') await configure('extensions.worktreeConfig', 'true');
        await appendFile(join(repository.clone, file), text);
        await assert.rejects(fetchOnce(host, placeOf(repository.clone)), left(key.replace('a b', 'a  b')));
      });

  it('says why it is not fetched, and what to do', async () => {
    await configure('http.proxy', 'http://127.0.0.1:1');
    const fetcher = await bed.add(createFetcher());
    const { error } = await fetcher.fetchNow(host, placeOf(repository.clone));
    assert.match(error ?? '', /its own configuration sets http\.proxy.*fetch it yourself with git fetch/s);
  });

  it('speaks neither http nor git, and says so', async () => {
    for (const protocol of ['http', 'git']) {
      await configure('remote.origin.url', `${protocol}://127.0.0.1:${port}/x.git`);
      await assert.rejects(
        fetchOnce(host, placeOf(repository.clone)),
        new RegExp(`its remote speaks ${protocol};`),
      );
    }
  });

  it('gets none of its own credential helpers run, only the account’s', async () => {
    const marker = join(folder, 'it ran');
    const evil = join(folder, 'evil');
    await writeFile(evil, `#!/bin/sh\necho "$0 $*" >>'${marker}'\nexit 1\n`);
    await chmod(evil, 0o755);
    const url = `https://127.0.0.1:${port}`;
    await configure('remote.origin.url', `${url}/x.git`);
    await configure('credential.helper', `!${evil}`);
    await configure(`credential.${url}.helper`, `!${evil}`);
    await fetchOnce(host, placeOf(repository.clone));
    assert.ok(gotToken(), 'the account’s helper serves the address that it trusts');
    assert.ok(!existsSync(marker));
    await rm(marker, { force: true });
    await unguarded();
    assert.ok(existsSync(marker), 'the same fetch without the guard');
  });
});
