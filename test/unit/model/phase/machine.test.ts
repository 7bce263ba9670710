import assert from 'node:assert/strict';
import { causeKinds, isForward, step, type CauseKind } from '../../../../src/model/phase/machine';
import { phaseReason } from '../../../../src/model/phase/words';
import { phases, type Phase } from '../../../../src/model/task/task';

/** Where a task is after each cause, from each phase on: one letter a phase, `!` failed. */
const letters: Readonly<Record<string, Phase>> = {
  b: 'backlog',
  z: 'analyzing',
  w: 'awaitingReview',
  a: 'approved',
  i: 'implementing',
  r: 'inReview',
  d: 'done',
};

const table: Readonly<Record<CauseKind, string>> = {
  //                      backlog analyzing awaitingReview approved implementing inReview done
  issueNew:               'b  z  w  a  i  r  d',
  analysisStarted:        'z  z  w  a  i  r  d',
  analysisStopped:        'z  z  w  a  i  r  d',
  analysisFailed:         'z! z! w  a  i  r  d',
  changesRequested:       'z  z  z  z  z  z  d',
  analysisComplete:       'w  w  w  a  i  r  d',
  approvalRequested:      'w  w  w  a  i  r  d',
  approvalStale:          'w  w  w  w  i  r  d',
  approved:               'a  a  a  a  i  r  d',
  issueUnderWay:          'i  i  i  i  i  r  d',
  implementationStarted:  'i  i  i  i  i  r  d',
  implementationStopped:  'i  i  i  i  i  r  d',
  implementationFailed:   'i! i! i! i! i! r  d',
  implementationComplete: 'r  r  r  r  r  r  d',
  pullRequestOpened:      'r  r  r  r  r  r  d',
  issueDone:              'd  d  d  d  d  d  d',
}; // prettier-ignore

describe('the machine of phases', () => {
  for (const kind of causeKinds)
    it(`moves by ${kind}`, () => {
      const words = table[kind].split(/ +/);
      phases.forEach((phase, at) => {
        const [letter = '', failed] = words[at] ?? '';
        const is = { phase: letters[letter], failed: failed === '!' };
        assert.deepEqual(step({ phase, failed: false }, { kind }), is, `from ${phase}`);
      });
    });

  it('follows a person anywhere', () => {
    for (const phase of phases)
      for (const to of phases)
        assert.equal(step({ phase, failed: false }, { kind: 'movedByHand', to }).phase, to);
  });

  it('forgets a failure when the task goes on, and keeps it where nothing happens', () => {
    const failed = { phase: 'implementing', failed: true } as const;
    assert.equal(step(failed, { kind: 'implementationStarted' }).failed, false);
    assert.equal(step(failed, { kind: 'implementationComplete' }).failed, false);
    assert.equal(step(failed, { kind: 'changesRequested' }).failed, false);
    assert.equal(step(failed, { kind: 'movedByHand', to: 'inReview' }).failed, false);
    assert.deepEqual(step(failed, { kind: 'analysisComplete' }), failed);
    assert.deepEqual(step(failed, { kind: 'movedByHand', to: 'implementing' }), failed);
  });

  it('knows what lies ahead', () => {
    assert.equal(isForward('analyzing', 'approved'), true);
    assert.equal(isForward('approved', 'approved'), false);
    assert.equal(isForward('done', 'backlog'), false);
  });

  it('has words for each cause', () => {
    const said = [...causeKinds, 'movedByHand' as const].map((kind) => phaseReason({ kind }, 0));
    assert.equal(new Set(said).size, causeKinds.length + 1);
    assert.equal(phaseReason({ kind: 'analysisComplete', at: 0 }, 7_200_000), 'analysis complete 2 h ago');
    assert.equal(
      phaseReason({ kind: 'approvalStale', at: 0 }, 7_200_000),
      'documents changed since they were approved',
    );
  });
});
