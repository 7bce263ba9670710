import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../src/model/errors';
import { claimsOf } from '../../../src/sources/jira/comments';
import { Bed } from '../../bed/bed';
import { makeRepository, type Repository } from '../../bed/git';
import { startReceiver } from '../../bed/receiver';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import { task } from '../../unit/model/examples';
import { allDocs, localHost } from '../gitBed';
import { branch, fields, key, makeApprover, workflow, type Approver } from './approvingBed';

const docs = `docs/tasks/${key}`;
const names = Object.keys(allDocs(key));

/** What was said, with the next step. */
async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof UserError) return error.line;
    throw error;
  }
  return assert.fail('It was not refused.');
}

describe('Approving what the remote has', () => {
  let bed: Bed;
  beforeEach(() => void (bed = new Bed()));
  afterEach(() => bed.dispose());

  async function repositoryWith(documents: Record<string, string>): Promise<Repository & { home: string }> {
    const home = await bed.folder('home');
    return { ...(await makeRepository(home, { tasks: [{ key, docs: documents }] })), home };
  }

  async function simulate(deployment: 'cloud' | 'dataCenter'): Promise<Simulator> {
    const simulator = await bed.add(startJira({ deployment, workflow: workflow() }));
    simulator.state.addIssue({ key, summary: 'Refunds', status: 'Analyse' });
    simulator.state.setStatus(key, 'Sichtung', 'pat');
    return simulator;
  }

  const seen = (simulator: Simulator) => {
    const { comments, changes, status, custom, properties } = simulator.state.issue(key);
    const moves = changes.flatMap(({ items, author }) =>
      items.flatMap((item) => (item.field === 'status' ? [`${author.name}: ${item.toString}`] : [])),
    );
    return {
      comments: comments.length,
      moves,
      status: status.name,
      custom,
      index: properties.get('task-sessions'),
    };
  };

  for (const deployment of ['cloud', 'dataCenter'] as const)
    it(`moves the issue, says what was approved, and judges it as Jira holds it (${deployment})`, async () => {
      const repository = await repositoryWith(allDocs(key));
      const simulator = await simulate(deployment);
      const receiver = await bed.add(startReceiver());
      const host = await localHost(bed, repository.home);
      const head = await repository.git(['rev-parse', `origin/${branch}`]);
      const options = { url: simulator.url, deployment, webhook: receiver.addresses.json, repository: { host, directory: repository.clone } }; // prettier-ignore
      const dana = await bed.add(makeApprover(options));

      const plan = await dana.gate.plan({ key });
      assert.equal(plan.refused, undefined);
      assert.deepEqual([plan.summary, plan.branch, plan.commit, plan.missing], ['Refunds', branch, head, []]);
      assert.deepEqual(plan.documents.map(({ name, review, approved }) => [name, review, approved]), names.map((name) => [name, 'new', undefined])); // prettier-ignore
      assert.deepEqual(plan.move.kind === 'way' && [plan.move.from, plan.move.to, plan.move.fields.map(({ id, kind, options: of }) => [id, kind, of?.map(({ label }) => label)])], ['Sichtung', 'Freigegeben', [['customfield_10050', 'option', ['Low', 'High']], ['customfield_10051', 'paragraph', undefined]]]); // prettier-ignore
      assert.match(
        plan.warnings.join('\n'),
        /^You have not marked 5 of 5 documents as reviewed: task_desc\.md/,
      );

      // Without its fields nothing happens.
      assert.match(await refusal(dana.gate.approve({ key }, head)), /asks for Risk, Rationale.*--field/);
      assert.match(await refusal(dana.gate.approve({ key }, head, { fields: { ...fields, customfield_10050: 'Medium' } })), /no “Medium”, but Low, High/); // prettier-ignore
      assert.deepEqual([seen(simulator).comments, seen(simulator).moves], [0, ['pat: Sichtung']]);

      const given = await dana.gate.approve({ key }, head.slice(0, 10), { fields });
      assert.deepEqual([given.counts, given.moved, given.problems, given.approval.commit, given.approval.by, given.approval.stale], [true, 'moved', [], head, 'Dana Developer', false]); // prettier-ignore
      const after = seen(simulator);
      assert.deepEqual([after.comments, after.moves, after.status], [1, ['pat: Sichtung', 'dana: Freigegeben'], 'Freigegeben']); // prettier-ignore
      assert.deepEqual(after.custom.get('customfield_10050'), { id: '901' });
      assert.equal(
        typeof after.custom.get('customfield_10051'),
        deployment === 'cloud' ? 'object' : 'string',
      );
      assert.equal((after.index as { approval: { commit: string } }).approval.commit, head);
      const [comment] = await dana.jira.comments(key);
      const [claim] = claimsOf(comment!, key);
      const blobs = await Promise.all(names.map(async (name) => ({ path: `${docs}/${name}`, blob: await repository.git(['rev-parse', `${head}:${docs}/${name}`]) }))); // prettier-ignore
      assert.deepEqual([claim?.title, claim?.commit, claim?.branch, claim?.documents], ['Approved for Implementation', head, branch, blobs]); // prettier-ignore
      assert.deepEqual(
        receiver.taken.map(({ message }) => (message as { event: string }).event),
        ['approved'],
      );

      // Again: nothing twice.
      const again = await dana.gate.approve({ key }, head);
      assert.deepEqual([again.counts, again.moved, again.comment], [true, 'there', given.comment]);
      assert.deepEqual(seen(simulator), { ...after, index: seen(simulator).index });
      assert.equal(receiver.taken.length, 1);

      // A colleague changes a document: what was shown is not there any more, and what was approved is stale.
      const moved = await repository.commitUpstream(branch, { [`${docs}/critic.md`]: '# Worse\n' }, 'Mend the critic'); // prettier-ignore
      const said = await refusal(dana.gate.approve({ key }, head));
      assert.match(said, new RegExp(`has moved from ${head.slice(0, 12)} to ${moved.slice(0, 12)}: ${moved.slice(0, 8)} Dana Developer: Mend the critic\\. Look at what changed`)); // prettier-ignore
      const stale = await dana.gate.plan({ key });
      assert.deepEqual([stale.previous?.stale, stale.previous?.changed, stale.move.kind], [true, [`${docs}/critic.md`], 'there']); // prettier-ignore
      assert.deepEqual(
        stale.documents
          .filter(({ approved }) => approved !== 'same')
          .map(({ name, approved }) => [name, approved]),
        [['critic.md', 'changed']],
      );

      // Who did not move the issue would prove nothing; who did approves again where it stands.
      const pat = await bed.add(makeApprover({ ...options, user: 'pat' }));
      assert.match(await refusal(pat.gate.approve({ key }, moved)), /is in Freigegeben already, where Dana Developer moved it: without a move of yours/); // prettier-ignore
      const second = await dana.gate.approve({ key }, moved);
      assert.deepEqual([second.counts, second.moved, second.approval.commit], [true, 'there', moved]);
      assert.deepEqual([seen(simulator).comments, seen(simulator).moves.length], [2, 2]);
      assert.equal((await dana.gate.plan({ key })).previous?.commit, moved);
    });

  describe('refuses', () => {
    let simulator: Simulator;
    let repository: Repository & { home: string };
    let dana: Approver;

    async function begin(documents = allDocs(key)): Promise<void> {
      repository = await repositoryWith(documents);
      simulator = await simulate('cloud');
      const host = await localHost(bed, repository.home);
      const known = task(key, { docs: [] });
      dana = await bed.add(makeApprover({ url: simulator.url, deployment: 'cloud', repository: { host, directory: repository.clone }, task: known })); // prettier-ignore
    }

    const nothingDone = (): void =>
      assert.deepEqual([seen(simulator).comments, seen(simulator).moves], [0, ['pat: Sichtung']]);

    it('documents that are missing, also where they lie uncommitted', async () => {
      const { 'critic.md': _, 'task_test_designs.md': __, ...some } = allDocs(key);
      await begin(some);
      await repository.git(['switch', '--quiet', branch]);
      await writeFile(join(repository.clone, docs, 'critic.md'), '# Critic\n');
      await writeFile(join(repository.clone, docs, 'task_desc.md'), '# Other\n');
      const plan = await dana.gate.plan({ key });
      assert.deepEqual(plan.missing, ['task_test_designs.md', 'critic.md']);
      assert.match(plan.refused?.reason ?? '', /^2 of 5 documents are not on task\/PAY-1-analysis: task_test_designs\.md, critic\.md\.$/); // prettier-ignore
      const dirty = plan.warnings.find((line) => line.includes('not committed'));
      assert.match(dirty ?? '', /not committed are not approved: docs\/tasks\/PAY-1\/task_desc\.md, docs\/tasks\/PAY-1\/critic\.md in /); // prettier-ignore
      assert.match(await refusal(dana.gate.approve({ key }, plan.commit!, { fields })), /not on task/);
      nothingDone();
    });

    it('commits that are not pushed, and a branch that is not on the remote, or not any more', async () => {
      await begin();
      const head = await repository.git(['rev-parse', `origin/${branch}`]);
      await repository.git(['switch', '--quiet', branch]);
      const made = await repository.commit({ [`${docs}/critic.md`]: '# Mine\n' }, 'Mend it here');
      const unpushed = await refusal(dana.gate.approve({ key }, head, { fields }));
      assert.match(unpushed, new RegExp(`^1 commit of ${branch} in .* is not pushed: ${made.slice(0, 8)} Dana Developer: Mend it here\\. Push it`)); // prettier-ignore
      // What only this clone has is not what is approved, whatever is typed.
      assert.match(await refusal(dana.gate.approve({ key }, made, { fields })), /has moved from/);

      await repository.git(['push', '--quiet', 'origin', `:refs/heads/${branch}`]);
      await repository.git(['update-ref', `refs/remotes/origin/${branch}`, made]);
      assert.match((await dana.gate.plan({ key })).refused?.reason ?? '', /There is no task\/PAY-1-analysis on origin any more/); // prettier-ignore
      await repository.git(['update-ref', '-d', `refs/remotes/origin/${branch}`]);
      const local = await dana.gate.plan({ key });
      assert.deepEqual([local.commit, local.refused?.reason.replace(/ in .* on local/, '')], [undefined, `${branch} is only, not on its remote.`]); // prettier-ignore
      nothingDone();
    });

    it('a remote that does not answer, and text that is no commit', async () => {
      await begin();
      for (const text of ['', 'HEAD', '3f2c9d', '-x', 'z'.repeat(40)])
        assert.match(await refusal(dana.gate.approve({ key }, text, { fields })), /is no commit/);
      // That another remote is gone says nothing of this one.
      await repository.git(['remote', 'add', 'colleague', join(repository.home, 'gone.git')]);
      assert.equal((await dana.gate.plan({ key })).refused, undefined);
      await repository.git(['remote', 'set-url', 'origin', join(repository.home, 'nowhere.git')]);
      const plan = await dana.gate.plan({ key });
      assert.match(plan.refused?.reason ?? '', /could not be read from its remote: .*nowhere\.git/);
      assert.equal(plan.commit, undefined);
      nothingDone();
    });
  });
});
