import assert from 'node:assert/strict';
import { judgeApproval } from '../../../src/model/gate/approval/approval';
import { UserError } from '../../../src/model/errors';
import { readJudged } from '../../../src/actions/gate/approval/approvalComment';
import { Bed } from '../../bed/bed';
import { startReceiver } from '../../bed/receiver';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import type { Through } from '../settling/settlingBed';
import {
  approvalText,
  fields,
  key,
  makeApprover,
  remoteBranch,
  workflow,
  type Approver,
  type ApproverOptions,
} from './approvingBed';

type Deployment = 'cloud' | 'dataCenter';
const read = remoteBranch();
const commit = read.commit!;

async function failure(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof UserError) return error.line;
    throw error;
  }
  return assert.fail('It did not fail.');
}

describe('An approval', () => {
  let bed: Bed;
  beforeEach(() => void (bed = new Bed()));
  afterEach(() => bed.dispose());

  async function simulate(deployment: Deployment = 'cloud'): Promise<Simulator> {
    const simulator = await bed.add(startJira({ deployment, workflow: workflow() }));
    simulator.state.addIssue({ key, summary: 'Refunds', status: 'Analyse' });
    simulator.state.setStatus(key, 'Sichtung', 'pat');
    return simulator;
  }

  const approver = (simulator: Simulator, more: Partial<ApproverOptions> = {}): Promise<Approver> =>
    bed.add(
      makeApprover({ url: simulator.url, deployment: simulator.deployment, repository: read, ...more }),
    );

  /** What anybody can see of it, and which of the comments count. */
  async function seen(simulator: Simulator, dana: Approver) {
    const { comments, changes, status } = simulator.state.issue(key);
    const issue = await readJudged(dana.jira, key);
    return {
      status: status.name,
      moves: changes.flatMap(({ items, author }) => items.filter(({ field }) => field === 'status').map((item) => `${author.name}: ${item.toString}`)),
      comments: comments.map(({ author }) => author.name),
      counting: issue.claims.filter((claim) => judgeApproval(claim, issue, dana.settings).counts).map(({ author, commit: of }) => `${author.name} ${of}`),
    };
  } // prettier-ignore

  const approved = {
    status: 'Freigegeben',
    moves: ['pat: Sichtung', 'dana: Freigegeben'],
    comments: ['dana'],
    counting: [`Dana Developer ${commit}`],
  };

  for (const deployment of ['cloud', 'dataCenter'] as const)
    it(`is made once, whichever call it is killed before or after (${deployment})`, async () => {
      let end = '';
      for (let at = 1; end !== 'the end'; at++) {
        const simulator = await simulate(deployment);
        let calls = 0;
        let dead = false;
        const never = new Promise<never>(() => {});
        let died: (call: string) => void = () => {};
        const death = new Promise<string>((resolve) => (died = resolve));
        const through: Through = async (call, work) => {
          if (dead) return never;
          const isLast = ++calls === at;
          const answer = await work();
          if (isLast && !dead) {
            dead = true;
            died(call);
          }
          return dead ? never : answer;
        };
        const killed = await approver(simulator, { through });
        const act = killed.gate.approve({ key }, commit, { fields }).then(() => 'the end');
        end = await Promise.race([act, death]);
        const dana = await approver(simulator);
        const again = await dana.gate.approve({ key }, commit, { fields });
        assert.equal(again.counts, true);
        assert.deepEqual(await seen(simulator, dana), approved, `after call ${at}, ${end}`);
      }
    });

  for (const deployment of ['cloud', 'dataCenter'] as const)
    for (const meeting of ['jira.transition', 'jira.addComment', 'jira.setIndex'])
      it(`is made once by two windows of one person that meet at ${meeting} (${deployment})`, async () => {
        const simulator = await simulate(deployment);
        let here = 0;
        let meet: () => void = () => {};
        const met = new Promise<void>((resolve) => (meet = resolve));
        const through: Through = async (call, work) => {
          if (call === meeting && ++here === 2) meet();
          if (call === meeting) await met;
          return work();
        };
        const windows = [await approver(simulator, { through }), await approver(simulator, { through })];
        const given = await Promise.all(windows.map(({ gate }) => gate.approve({ key }, commit, { fields })));
        assert.deepEqual(await seen(simulator, windows[0]!), approved);
        const id = simulator.state.issue(key).comments[0]?.id;
        assert.deepEqual(given.map(({ comment, counts }) => [comment.id, counts]), [[id, true], [id, true]]); // prettier-ignore
      });

  it('is made by one of two persons at once: who did not move the issue is told, and writes nothing', async () => {
    const simulator = await simulate();
    simulator.faults.add({ kind: 'delay', ms: 40 }, { path: /\/transitions$/, method: 'POST', times: 1 });
    const persons = [await approver(simulator), await approver(simulator, { user: 'mira' })];
    const ends = await Promise.allSettled(
      persons.map(({ gate }) => gate.approve({ key }, commit, { fields })),
    );
    assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const [why] = ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as UserError).line] : []));
    assert.match(why ?? '', /has moved PAY-1 to Freigegeben meanwhile|where .* moved it/);
    const { comments, counting } = await seen(simulator, persons[0]!);
    assert.deepEqual([comments.length, counting.length], [1, 1]);
  });

  it('is not what somebody merely wrote: others, without a move, edited, or before the issue was moved back', async () => {
    for (const deployment of ['cloud', 'dataCenter'] as const) {
      const simulator = await simulate(deployment);
      const { state } = simulator;
      const body = approvalText(simulator, read);
      const dana = await approver(simulator);
      const counting = async () => (await seen(simulator, dana)).counting;

      state.addComment(key, { author: 'dana', body });
      assert.deepEqual(await counting(), []);
      assert.match((await dana.gate.plan({ key })).warnings.join('\n'), /The approval by Dana Developer on the issue counts for nothing: The issue is in Sichtung/); // prettier-ignore
      state.setStatus(key, 'Freigegeben', 'mira');
      assert.deepEqual(await counting(), [], 'another has moved the issue');
      state.addComment(key, { author: 'sam', body });
      assert.deepEqual(await counting(), [], 'who wrote has not moved the issue');
      const other = state.addComment(key, { author: 'mira', body: approvalText(simulator, remoteBranch('c'.repeat(40))) }); // prettier-ignore
      assert.deepEqual(await counting(), [`Mira Lindqvist ${'c'.repeat(40)}`]);
      state.editComment(key, other.id, 'mira', body);
      assert.deepEqual(await counting(), [], 'it was edited, be it by its author');
      state.addComment(key, { author: 'mira', body });
      assert.equal((await counting()).length, 1);
      state.setStatus(key, 'Sichtung', 'sam');
      assert.deepEqual(await counting(), [], 'the issue was moved back');
      state.setStatus(key, 'Freigegeben', 'mira');
      assert.deepEqual(await counting(), [], 'a new move does not bring an old comment back');

      // What counts for nothing is no obstacle either.
      state.setStatus(key, 'Sichtung', 'sam');
      const given = await dana.gate.approve({ key }, commit, { fields });
      assert.deepEqual([given.counts, await counting()], [true, [`Dana Developer ${commit}`]]);
    }
  });

  it('is of something', async () => {
    const simulator = await simulate();
    const dana = await approver(simulator, { repository: { ...read, docs: [] } });
    assert.match((await dana.gate.plan({ key })).refused?.reason ?? '', /no documents/);
    assert.match(await failure(dana.gate.approve({ key }, commit, { fields })), /no documents/);
    assert.deepEqual((await seen(simulator, dana)).comments, []);
  });

  it('is given again where the issue has gone on, and by another only with a move of theirs', async () => {
    const simulator = await simulate();
    const dana = await approver(simulator);
    await dana.gate.approve({ key }, commit, { fields });
    simulator.state.setStatus(key, 'Umsetzung', 'pat');
    const later = remoteBranch('d'.repeat(40), 'e');
    const mira = await approver(simulator, { repository: later, user: 'mira' });
    assert.match(await failure(mira.gate.approve({ key }, later.commit!, { fields })), /no transition of PAY-1 from Umsetzung to Freigegeben/); // prettier-ignore
    const again = await approver(simulator, { repository: later });
    const plan = await again.gate.plan({ key });
    assert.deepEqual([plan.move, plan.previous?.stale], [{ kind: 'there', status: 'Umsetzung' }, true]);
    const given = await again.gate.approve({ key }, later.commit!);
    assert.deepEqual([given.counts, given.moved], [true, 'there']);
    assert.equal(simulator.state.issue(key).status.name, 'Umsetzung');
  });

  it('says what is done and what is not where Jira stops answering, and goes on from there', async () => {
    const simulator = await simulate();
    const dana = await approver(simulator);
    const down = (path: RegExp, method = 'POST') =>
      simulator.faults.add({ kind: 'status', status: 503 }, { path, method });
    const approve = () => dana.gate.approve({ key }, commit, { fields });

    let up = down(/\/transitions$/);
    assert.match(await failure(approve()), /It is not known whether PAY-1 was moved from Sichtung to Freigegeben: .* Do it again/); // prettier-ignore
    up();
    up = down(/\/comment$/);
    assert.match(await failure(approve()), /PAY-1 was moved; whether the approval was written is not known: .*Approve again when Jira answers/); // prettier-ignore
    assert.deepEqual((await seen(simulator, dana)).counting, []);
    up();
    // The answer is lost after the comment was written.
    simulator.faults.add({ kind: 'cut', afterBytes: 0 }, { path: /\/comment$/, method: 'POST', times: 1 });
    assert.match(await failure(approve()), /^Whether the approval was written is not known/);
    assert.equal((await approve()).counts, true);
    assert.deepEqual(await seen(simulator, dana), approved);
  });

  it('says which permission is missing', async () => {
    const simulator = await simulate();
    const { state } = simulator;
    const receiver = await bed.add(startReceiver());
    const dana = await approver(simulator, { webhook: receiver.addresses.json });
    const approve = () => dana.gate.approve({ key }, commit, { fields });

    state.deny(key, 'transition', 'dana');
    assert.match(await failure(approve()), /Jira offers you no transition of PAY-1 from Sichtung to Freigegeben\. Move it in Jira, ask for the permission/); // prettier-ignore
    state.allow(key, 'transition');
    state.deny(key, 'comment', 'dana');
    assert.match(await failure(approve()), /PAY-1 was moved, but the approval was not written: .*permission to comment.*approve again/); // prettier-ignore
    assert.deepEqual([(await seen(simulator, dana)).counting, receiver.taken.length], [[], 0]);
    state.allow(key, 'comment');
    state.deny(key, 'edit', 'dana');
    // The index is a cache: comments count.
    receiver.fail(
      { kind: 'status', status: 500 },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 500 },
    );
    const given = await approve();
    assert.equal(given.counts, true);
    assert.match(
      given.problems.join('\n'),
      /The index of records on PAY-1 was not written: .*\nWebhook hook: /,
    );
    assert.deepEqual(await seen(simulator, dana), approved);
  });

  it('needs an approver’s id where no status is mapped, and a status of its own where one is', async () => {
    const simulator = await simulate();
    const unmapped = { analyzing: 'Analyse' };
    const nobody = await approver(simulator, { phases: unmapped });
    assert.match(await failure(nobody.gate.approve({ key }, commit)), /No Jira status is mapped to “approved”, and you \(712020:.*\) are not among the approvers/); // prettier-ignore
    const id = nobody.jira.connection.user.id;
    const dana = await approver(simulator, { phases: unmapped, approvers: [id] });
    const given = await dana.gate.approve({ key }, commit);
    assert.deepEqual([given.counts, given.moved], [true, 'unmapped']);
    assert.deepEqual((await seen(simulator, dana)).moves, ['pat: Sichtung']);
    const shared = await approver(simulator, {
      phases: { analyzing: 'Freigegeben', approved: 'Freigegeben' },
    });
    assert.match(
      await failure(shared.gate.approve({ key }, commit, { fields })),
      /stands for an earlier phase too/,
    );
  });

  it('is refused where only Jira’s own screen can ask, and counts after the move was made there', async () => {
    const simulator = await simulate();
    const [, , way] = simulator.state.workflow.transitions;
    way!.screen = [{ key: 'customfield_7', name: 'Board', required: true, schema: { type: 'any' } }];
    const dana = await approver(simulator);
    assert.match(await failure(dana.gate.approve({ key }, commit, { fields })), /“Freigeben” asks for Board, which only Jira’s own screen/); // prettier-ignore
    simulator.state.setStatus(key, 'Freigegeben', 'dana');
    assert.deepEqual([(await dana.gate.approve({ key }, commit)).counts, (await seen(simulator, dana)).counting.length], [true, 1]); // prettier-ignore
  });

  it('is refused in words where a document’s name cannot be written down', async () => {
    const simulator = await simulate();
    const docs = [{ name: 'x', path: 'docs/a\tb.md', blob: 'b'.repeat(40) }];
    const dana = await approver(simulator, { repository: { ...read, docs } });
    assert.match(await failure(dana.gate.approve({ key }, commit, { fields })), /cannot name the document/);
    assert.deepEqual((await seen(simulator, dana)).moves, ['pat: Sichtung']);
  });

  it('is refused, and counts for neither yes nor no, where comments or changelog go on beyond what is read', async () => {
    const simulator = await simulate();
    const dana = await approver(simulator);
    await dana.gate.approve({ key }, commit, { fields });
    const cannotTell = async (doubt: RegExp) => {
      assert.deepEqual((await seen(simulator, dana)).counting, []);
      const { refused, warnings } = await dana.gate.plan({ key });
      assert.match(refused?.reason ?? '', /^Whether an approval of PAY-1 counts cannot be told\. /);
      assert.match(refused?.reason ?? '', doubt);
      assert.doesNotMatch(warnings.join(' '), /counts for nothing/);
    };
    const { changes, comments } = simulator.state.issue(key);
    const [change] = changes;
    // Behind all these somebody may have moved it back.
    const more = Array.from({ length: 10_000 }, () => ({ ...change!, items: [{ field: 'summary', toString: 'x' }] }));
    changes.push(...(more as unknown as typeof changes));
    await cannotTell(/Who moved the issue is not known: its changelog was not read, or not to its end\./);
    changes.length = 2;
    assert.equal((await seen(simulator, dana)).counting.length, 1);

    // Behind all these somebody may have requested changes.
    const [approval] = comments;
    comments.push(...Array.from({ length: 5000 }, (_, n) => ({ ...approval!, id: String(20_000 + n), body: approval!.body })));
    await cannotTell(/Of 5001 comments on the issue only 5000 were read\./);
  }); // prettier-ignore
});
