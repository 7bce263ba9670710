import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Reviewing } from '../../../src/actions/gate/reviewing';
import type { Host } from '../../../src/hosts/host';
import { SshHost } from '../../../src/hosts/ssh';
import { reviewed } from '../../../src/model/gate/review/review';
import type { Approval, Task } from '../../../src/model/task/task';
import { createBranchReader } from '../../../src/sources/git/branches';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { makeRepository } from '../../bed/git';
import { startSsh } from '../../bed/sshd';
import { task } from '../../unit/model/examples';
import { makeWorld } from '../cliBed';
import { defaults, localHost } from '../gitBed';

const branch = 'task/PAY-1-analysis';
const path = 'docs/tasks/PAY-1/critic.md';
const text = Array.from({ length: 12 }, (_, line) => `Line ${line + 1} of the critic.\n`).join('');

/** A repository on a host, and how its task stands now. */
async function makeGround(folder: string, host: Host) {
  const repository = await makeRepository(folder, {
    tasks: [{ key: 'PAY-1', docs: { 'critic.md': text, 'task_desc.md': '# Task\n' } }],
  });
  const place = { name: 'platform', host: host.name, directory: repository.clone };
  const ledger = new Ledger(join(folder, 'state'));
  const reviewing = new Reviewing({
    store: { snapshot: undefined as never, reread: () => Promise.resolve(undefined as never) },
    ledger,
    repositories: { placeOf: () => ({ host, place }) },
    account: { state: { url: 'https://jira.example' } },
  });
  const now = async (approval?: Approval): Promise<Task> => {
    const readings = await createBranchReader().read(host, place, [{ key: 'PAY-1', branch }], defaults.docs);
    const { docs = [], branch: checkout } = readings.get('PAY-1') ?? {};
    const { reviews } = await ledger.read();
    return task('PAY-1', {
      docs: reviewed(docs, reviews, approval),
      ...(checkout && { checkout, head: checkout.head }),
      ...(approval && { approval }),
    });
  };
  return { repository, reviewing, now };
}

describe('what was reviewed before', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  const hosts = {
    'on this machine': async () => {
      const folder = await bed.folder('reviewing');
      return { folder, host: (await localHost(bed, folder)) as Host };
    },
    'on an SSH host': async () => {
      const ssh = await bed.add(startSsh(await bed.folder('reviewing'), { dev: {} }));
      const host = await bed.add(
        new SshHost({
          name: 'dev',
          settings: { ...defaults.local, ssh: 'dev' },
          log: silentLog,
          configFile: ssh.configFile,
          openTimeoutMs: 10_000,
        }),
      );
      return { folder: ssh.hosts.dev.home, host: host as Host };
    },
  };
  for (const [where, make] of Object.entries(hosts))
    it(`is to be had ${where}, also of a branch that was rewritten, as long as git has it`, async () => {
      const { folder, host } = await make();
      const { repository, reviewing, now } = await makeGround(folder, host);
      const before = await now();
      const [, old] = before.docs;
      assert.equal(old?.path, path);
      assert.match(
        JSON.stringify(await reviewing.baseline(before, old, 'reviewed')),
        /critic\.md was never marked as reviewed/,
      );
      await reviewing.mark(before, [old]);
      assert.equal((await now()).docs[1]?.review?.state, 'reviewed');

      const written = text.replace('Line 2 ', 'Line two ');
      await repository.git(['switch', '-q', '--orphan', 'anew']);
      await repository.commit({ [path]: written, 'docs/tasks/PAY-1/task_desc.md': '# Task\n' }, 'Anew');
      await repository.git(['update-ref', `refs/remotes/origin/${branch}`, 'HEAD']);
      await repository.git(['switch', '-q', repository.mainBranch]);
      await repository.git(['branch', '-qD', 'anew']);

      const approved: Approval = { commit: before.head!, by: 'Pat', at: 1, stale: true };
      const after = await now(approved);
      const doc = after.docs[1]!;
      assert.equal(doc.review?.state, 'changed');
      for (const against of ['reviewed', 'approved'] as const) {
        const baseline = await reviewing.baseline(after, doc, against);
        assert.equal(baseline.kind === 'version' && baseline.content.toString(), text, against);
        assert.equal(baseline.kind === 'version' && baseline.blob, old.blob);
      }
      assert.equal(
        await reviewing.diff(after, doc, old.blob),
        [
          `--- a/${path}`,
          `+++ b/${path}`,
          '@@ -1,5 +1,5 @@',
          ' Line 1 of the critic.',
          '-Line 2 of the critic.',
          '+Line two of the critic.',
          ...[3, 4, 5].map((line) => ` Line ${line} of the critic.`),
          '',
        ].join('\n'),
      );

      // What an editor shows: the newest, one that a newer has overtaken, and one that somebody is writing.
      const shown = [
        written,
        written.replaceAll('\n', '\r\n'),
        `\uFEFF${written}`,
        text,
        `${written}Mine.\n`,
      ];
      const versions = await Promise.all(shown.map((one) => reviewing.versionOf(after, doc, one)));
      assert.deepEqual(versions, [doc.blob, doc.blob, doc.blob, old.blob, undefined]);

      await repository.git(['push', '-q', 'origin', `:${branch}`]).catch(() => undefined);
      await repository.git(['reflog', 'expire', '--expire=now', '--all']);
      await repository.git(['gc', '-q', '--prune=now']);
      const gone = await reviewing.baseline(after, doc, 'reviewed');
      assert.match(
        gone.kind === 'none' ? gone.reason : '',
        /critic\.md that was reviewed is not in .* any more/,
      );
      assert.equal((await reviewing.baseline(after, doc, 'approved')).kind, 'none');
    });
});

describe('command line: review', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('lists what is to be read, marks it, and diffs what changed since', async () => {
    const world = await makeWorld(bed, {
      tasks: [{ key: 'PAY-1', docs: { 'critic.md': text, 'task_desc.md': '# Task\n' } }],
    });
    const out = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await world.cli(args);
      assert.equal(code, 0, stderr);
      return stdout + stderr;
    };
    assert.equal(await out('review', 'PAY-1'), `docs/tasks/PAY-1/task_desc.md  new\n${path}     new\n`);
    assert.equal(await out('review', 'PAY-1', 'critic', '--mark'), `${path}  reviewed\n`);
    assert.equal(await out('review', 'PAY-1'), 'docs/tasks/PAY-1/task_desc.md  new\n');
    assert.match(await out('show', 'PAY-1'), /critic\.md +reviewed +changed /);
    assert.equal(
      await out('review', 'PAY-1', '--against', 'reviewed'),
      'Not reviewed yet: task_desc.md. No other has changed since it was.\n',
    );
    assert.equal(
      await out('review', 'PAY-1', '--against', 'approved'),
      'PAY-1 has no approval that counts.\n',
    );

    const written = text.replace('Line 12 ', 'Line twelve ');
    await world.repository.commitUpstream(branch, { [path]: written }, 'Revise');
    await world.repository.git(['fetch', '-q', 'origin']);
    const { docs } = await world.json<{ docs: { name: string; review: Record<string, unknown> }[] }>([
      'docs',
      'PAY-1',
    ]);
    assert.deepEqual(
      docs.map(({ name, review }) => [name, review['state'], typeof review['at']]),
      [
        ['task_desc.md', 'new', 'undefined'],
        ['critic.md', 'changed', 'string'],
      ],
    );
    assert.match(
      await out('review', 'PAY-1', '--against', 'reviewed'),
      /^--- a\/docs\/tasks\/PAY-1\/critic\.md\n\+\+\+ b\/.*\n@@ [^\n]*\n(?: Line \d+ .*\n){3}-Line 12 .*\n\+Line twelve .*\n$/,
    );
    assert.match(
      await out('review', 'PAY-1', 'task', '--against', 'approved'),
      /^PAY-1 has no approval that counts\./,
    );
    assert.equal((await world.cli(['review', 'PAY-1', '--against', 'main'])).code, 2);
    await out('review', 'PAY-1', '--mark');
    assert.equal(await out('review', 'PAY-1'), 'All documents of PAY-1 are reviewed.\n');
    assert.equal(
      await out('review', 'PAY-1', '--against', 'reviewed'),
      'No document of PAY-1 has changed since it was reviewed.\n',
    );
    assert.match(await out('review', 'PAY-1', 'critic.md', '--unmark'), /critic\.md {2}new\n$/);
  });
});
