import assert from 'node:assert/strict';
import { readJudged } from '../../../src/actions/gate/approval/approvalComment';
import { UserError } from '../../../src/model/errors';
import { judgeApproval } from '../../../src/model/gate/approval/approval';
import { JiraError } from '../../../src/sources/jira/errors';
import { Bed } from '../../bed/bed';
import { startReceiver } from '../../bed/receiver';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import type { Through } from '../settling/settlingBed';
import { fields, key, makeApprover, remoteBranch, workflow, type ApproverOptions } from './approvingBed';

type Deployment = 'cloud' | 'dataCenter';
const read = remoteBranch();
const commit = read.commit!;
const day = 24 * 3_600_000;

describe('An approval while Jira is down, or by a program that is killed', () => {
  let bed: Bed;
  beforeEach(() => void (bed = new Bed()));
  afterEach(() => bed.dispose());

  async function simulate(deployment: Deployment): Promise<Simulator> {
    const simulator = await bed.add(startJira({ deployment, workflow: workflow() }));
    simulator.state.addIssue({ key, summary: 'Refunds', status: 'Analyse' });
    simulator.state.setStatus(key, 'Sichtung', 'pat');
    return simulator;
  }

  const approver = ({ url, deployment }: Simulator, more: Partial<ApproverOptions>) =>
    bed.add(makeApprover({ url, deployment, repository: read, ...more }));

  /** What Jira holds: status, comments, and how many of them count. */
  async function seen(simulator: Simulator, { jira, settings }: Awaited<ReturnType<typeof approver>>) {
    const issue = await readJudged(jira, key);
    const counting = issue.claims.filter((claim) => judgeApproval(claim, issue, settings).counts);
    const { status, comments, changes } = simulator.state.issue(key);
    return [status.name, comments.length, counting.length, changes.length];
  }

  for (const [deployment, isLost] of [
    ['cloud', true],
    ['dataCenter', false],
  ] as const)
    // prettier-ignore
    it(`is refused in words at every call that ${isLost ? 'loses its answer' : 'does not come to Jira'}; nothing is sent later, and a second try makes it once (${deployment})`, async () => {
        let ended = false;
        for (let at = 1; !ended; at++) {
          const simulator = await simulate(deployment);
          const receiver = await bed.add(startReceiver());
          const state = await bed.folder(`down-${at}`);
          const more = { state, webhook: receiver.addresses.json };
          let calls = 0;
          const down = new JiraError({ kind: 'network', host: 'jira.example', code: 'ECONNREFUSED' });
          const through: Through = async (_, work) => {
            if (++calls < at) return work();
            if (calls === at && isLost) await work();
            throw down;
          };
          const window = await approver(simulator, { ...more, through });
          const said = await window.gate.approve({ key }, commit, { fields }).then(
            ({ problems }) => problems.join(' '),
            (error: unknown) => {
              assert.ok(error instanceof UserError, String(error));
              return error.line;
            },
          );
          ended = calls < at;
          const what = `call ${at}: ${said}`;
          const dana = await approver(simulator, more);
          const left = await seen(simulator, dana);
          if (calls >= at && left[2] === 0) assert.match(said, /(?:approve|it) again when jira answers/i, what);

          // Jira is back, and nobody has said yes a second time.
          await dana.debts.pay();
          assert.deepEqual(await seen(simulator, dana), left, what);
          assert.equal(receiver.taken.length, left[2], what);
          const again = await dana.gate.approve({ key }, commit, { fields });
          assert.equal(again.counts, true, what);
          assert.deepEqual(await seen(simulator, dana), ['Freigegeben', 1, 1, 2], what);
          await dana.debts.pay();
          assert.equal(receiver.taken.length, 1, what);
          assert.deepEqual((await dana.ledger.read()).owed, [], what);
        }
      });

  it('is told to webhooks once by whoever comes by, after whichever call it was killed; not a day later', async () => {
    let ended = false;
    let late = 0;
    for (let at = 1; !ended; at++) {
      const simulator = await simulate('cloud');
      const receiver = await bed.add(startReceiver());
      const more = { state: await bed.folder(`killed-${at}`), webhook: receiver.addresses.json };
      const never = new Promise<never>(() => {});
      let calls = 0;
      let die = (): void => {};
      const death = new Promise<boolean>((resolve) => (die = () => resolve(false)));
      const through: Through = async (_, work) => {
        if (calls >= at) return never;
        const answer = await work();
        if (++calls < at) return answer;
        die();
        return never;
      };
      const killed = await approver(simulator, { ...more, through });
      const act = killed.gate.approve({ key }, commit, { fields }).then(() => true);
      ended = await Promise.race([act, death]);
      const untold = receiver.taken.length === 0;

      const [dana, window] = [await approver(simulator, more), await approver(simulator, more)];
      const [, comments, counting] = await seen(simulator, dana);
      assert.equal(comments, counting);
      const isLate = untold && counting === 1 && late++ === 0;
      if (isLate) {
        const tomorrow = await approver(simulator, { ...more, now: () => Date.now() + day });
        const [given] = await tomorrow.debts.pay();
        assert.match(given?.problem ?? '', /PAY-1: that its documents were approved was not told: it is more than a day ago/);
      }
      await Promise.all([dana.debts.pay({ unasked: true }), window.debts.pay({ unasked: true })]);
      assert.equal(receiver.taken.length, isLate ? 0 : counting, `after call ${at}`);
      await window.gate.approve({ key }, commit, { fields });
      await dana.debts.pay();
      assert.equal(receiver.taken.length, isLate ? 0 : 1, `after call ${at}, and approved again`);
      assert.deepEqual((await dana.ledger.read()).owed, []);
    }
    assert.ok(late > 1, 'no call lay between the comment and the message');
  }); // prettier-ignore

  it('that never was is told to nobody, nor owed for long', async () => {
    const simulator = await simulate('cloud');
    const receiver = await bed.add(startReceiver());
    const more = { state: await bed.folder('never'), webhook: receiver.addresses.json };
    const dana = await approver(simulator, more);
    const owed = async () => (await dana.ledger.read()).owed.length;
    simulator.state.deny(key, 'comment', 'dana');
    await assert.rejects(dana.gate.approve({ key }, commit, { fields }));
    assert.equal(await owed(), 0, 'refused');
    simulator.state.allow(key, 'comment');
    simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment$/, method: 'POST' });
    await assert.rejects(dana.gate.approve({ key }, commit, { fields }));
    assert.deepEqual([(await dana.debts.pay()).map(({ result }) => result), await owed()], [['owed'], 1]);
    const later = await approver(simulator, { ...more, now: () => Date.now() + day / 24 });
    assert.deepEqual([await later.debts.pay(), await owed()], [[{ kind: 'message', key, result: 'refused' }], 0]);
    assert.equal(receiver.taken.length, 0);
  }); // prettier-ignore
});
