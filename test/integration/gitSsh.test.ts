import assert from 'node:assert/strict';
import { SshHost } from '../../src/hosts/ssh';
import { createBranchReader } from '../../src/sources/git/branches';
import { changeTimes, readFile } from '../../src/sources/git/objects/documents';
import { fetchOnce } from '../../src/sources/git/fetch';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { deadHost, startSsh } from '../bed/sshd';
import { allDocs, defaults } from './gitBed';

describe('a repository that lies on an SSH host only', () => {
  const bed = new Bed();
  const wanted = [{ key: 'PAY-1', branch: 'task/PAY-1-analysis' }];
  let repository: Repository;
  let configFile: string;
  const hostNamed = (name: string) =>
    bed.add(
      new SshHost({
        name,
        settings: { ...defaults.local, ssh: name },
        log: silentLog,
        configFile,
        openTimeoutMs: 10_000,
      }),
    );

  before(async () => {
    const folder = await bed.folder('gitssh');
    const ssh = await bed.add(startSsh(folder, { dev: {} }));
    configFile = ssh.configFile;
    repository = await makeRepository(ssh.hosts.dev.home, {
      name: "plat 'form",
      tasks: [{ key: 'PAY-1', docs: allDocs('PAY-1') }],
    });
  });
  after(() => bed.dispose());

  it('is read like a local one, also from the account’s home', async () => {
    const host = await hostNamed('dev');
    for (const directory of [repository.clone, "~/plat 'form"]) {
      const place = { name: 'platform', host: 'dev', directory };
      const reading = (await createBranchReader().read(host, place, wanted, defaults.docs)).get('PAY-1');
      assert.equal(reading?.error, undefined);
      assert.equal(reading?.docs.length, 5);
      assert.deepEqual([reading?.branch?.host, reading?.branch?.directory], ['dev', repository.clone]);
      const { path = '' } = reading?.docs[4] ?? {};
      const head = reading?.branch?.head ?? '';
      const file = await readFile(host, place, head, path);
      assert.equal(file.kind === 'file' && file.content.toString(), '# PAY-1 critic.md\n');
      assert.equal((await changeTimes(host, place, head, [path])).size, 1);
    }
  });

  it('is fetched there', async () => {
    const host = await hostNamed('dev');
    const pushed = await repository.commitUpstream('task/PAY-1-analysis', { 'more.md': 'x' }, 'More');
    await fetchOnce(host, { name: 'platform', host: 'dev', directory: repository.clone });
    assert.equal(await repository.git(['rev-parse', 'origin/task/PAY-1-analysis']), pushed);
  });

  it('says in words that the host cannot be reached', async () => {
    const host = await hostNamed(deadHost);
    const place = { name: 'platform', host: deadHost, directory: repository.clone };
    const reading = (await createBranchReader().read(host, place, wanted, defaults.docs)).get('PAY-1');
    assert.match(reading?.error ?? '', /deadhost/);
    assert.deepEqual(reading?.docs, []);
  });
});
