import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { RunPlaces } from '../../../src/actions/issue/runPlaces';
import { LocalHost } from '../../../src/hosts/local';
import { runRecord } from '../../../src/model/run/settlement/runRecord';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { settings } from '../../unit/model/examples';
import { key, orderOf } from './settlingBed';

describe('what a run’s record leads to', () => {
  const bed = new Bed();
  let repository: string;
  let host: LocalHost;
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

  before(async () => {
    repository = join(await bed.folder('places'), 'platform');
    execFileSync('git', ['init', '-q', repository], { env });
    const address = 'git@git.acme.example:platform/app.git';
    execFileSync('git', ['-C', repository, 'config', 'remote.origin.url', address], { env });
    const config = settings({ local: { webTerminal: 'https://term.acme.example/?arg=${name}' } });
    host = await bed.add(new LocalHost({ name: 'laptop', settings: config.local, log: silentLog, env }));
  });
  after(() => bed.dispose());

  const wanted = (where: string, configured: object = {}) => {
    const order = orderOf('https://jira.example', 1, { repository: where });
    const fields = runRecord(order, { state: { kind: 'complete', at: 1, commit: 'c'.repeat(40) }, docs: [] });
    return new RunPlaces({ hosts: [host], settings: settings(configured) }).wanted(fields, {
      order,
      host: 'laptop',
      issueKey: key,
    });
  };

  it('is the branch, the commit and the documents on the git host, the terminal and the task', async () => {
    const { fields, place } = await wanted(repository, {
      repositories: { app: { projects: ['PAY'], forge: 'gitlab' } },
      links: { redirect: 'https://go.acme.example/?to=${link}' },
    });
    const base = 'https://git.acme.example/platform/app/-';
    assert.deepEqual(
      [place.branchUrl, place.commitUrl, place.docUrl?.('critic.md')],
      [
        `${base}/tree/task/${key}-analysis`,
        `${base}/commit/${'c'.repeat(40)}`,
        `${base}/blob/task/${key}-analysis/docs/tasks/${key}/critic.md`,
      ],
    );
    assert.equal(fields.webTerminal, `https://term.acme.example/?arg=${key}-00000001`);
    assert.match(fields.editorUrl ?? '', /^https:\/\/go\.acme\.example\/\?to=vscode%3A/);
  });

  it('finds what runs there by the remote, then by the project', async () => {
    const other = { projects: ['PAY'], forge: 'gitea', remote: 'https://git.acme.example/platform/docs' };
    const app = { projects: ['OPS'], forge: 'gitlab', remote: 'https://git.acme.example/platform/app' };
    for (const [repositories, page] of [
      [{ other, app }, /\/-\/tree\//],
      [{ other }, /\/src\/branch\//],
      [{ any: { forge: 'gitlab' } }, /\/-\/tree\//],
    ] as const)
      assert.match((await wanted(repository, { repositories })).place.branchUrl ?? '', page);
  });

  it('is no page where nobody knows what runs there, or nothing is known of the repository', async () => {
    for (const where of [repository, join(repository, 'gone')]) {
      const { place } = await wanted(where);
      assert.deepEqual([place.issueKey, place.branchUrl, place.commitUrl], [key, undefined, undefined]);
    }
  });
});
