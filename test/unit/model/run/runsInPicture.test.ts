import assert from 'node:assert/strict';
import { Assembler, type AssembleInput } from '../../../../src/model/assemble';
import { resumeChoices } from '../../../../src/model/session/choice';
import type { RunLine, RunReading } from '../../../../src/model/run/run';
import type { RecordTitle } from '../../../../src/model/record/record';
import type { Task } from '../../../../src/model/task/task';
import { claim, clock, entry, id, issue, report, session, settings, transcript } from '../examples';
import { ledgerRun, lines, order, reading, runId } from './examples';

type Said = Parameters<typeof lines>;

const started = ['run started', 'analysis started'];
const failed: Said = [...started, ['analysis failed', { reason: 'max_turns' }], 'run failed'];
const complete: Said = [...started, 'analysis done', 'run complete'];

interface World extends Partial<AssembleInput> {
  runs?: RunReading[];
  transcripts?: Parameters<typeof transcript>[0][];
}

const inputOf = ({ runs = [], transcripts = [], ...rest }: World): AssembleInput => ({
  at: clock,
  settings: settings(),
  jira: { signedIn: true },
  jiraHost: 'jira.example',
  issues: [issue('PAY-1')],
  hosts: [
    {
      state: { name: 'devserver', local: false },
      names: ['devserver'],
      report: report('devserver', { runs, transcripts: transcripts.map(transcript) }),
    },
  ],
  branchNames: new Map(),
  branches: new Map(),
  ledger: { entries: [], worktrees: [] },
  ...rest,
});
const picture = (world: World) => new Assembler().assemble(inputOf(world));
const taskOf = (world: World): Task => picture(world).tasks[0]!;
const mine = { entries: [], worktrees: [], runs: [ledgerRun()] };
const told = (said: Said, fields: Partial<RunReading> = {}): RunReading => reading(lines(...said), fields);
const dead = { alive: false };

describe('the task of a run', () => {
  const record = (title: RecordTitle, updated: number, sessionId = id(1)) =>
    issue('PAY-1', { claims: [claim({ title, sessionId, created: clock - 9000, updated })] });

  it('has it, newest first, and not those of other tasks and Jiras', () => {
    const at = (n: number, fields = {}): RunReading => told(started, { order: order({ id: runId(n), createdAt: clock + n, ...fields }) });
    const { tasks, runs } = picture({ runs: [at(1), at(2), at(3, { key: 'PAY-2' }), at(4, { jira: 'other.example' })] });
    assert.deepEqual(tasks[0]!.runs?.map((one) => one.id), [runId(2), runId(1)]);
    assert.deepEqual(runs?.map((one) => one.id), [runId(3), runId(2), runId(1)]);
    assert.equal(taskOf({}).runs, undefined);
  }); // prettier-ignore

  it('has its session, which is not missing while the run is about to begin it', () => {
    const ledger = { ...mine, entries: [entry({ sessionId: order().sessionId, key: 'PAY-1', evidence: 'started', host: 'devserver' })] };
    const assembler = new Assembler();
    const of = (runs: RunReading[]) => assembler.assemble(inputOf({ ledger, runs })).tasks[0]!.sessions[0]!;
    const first = of([told(started)]);
    assert.deepEqual([first.id, first.state], [order().sessionId, 'unknown']);
    assert.equal(of([told(['run started'])]), first);
    assert.equal(of([told(failed, dead)]).state, 'missing');
  }); // prettier-ignore

  const phases: [name: string, world: World, is: string][] = [
    ['nothing is told yet', { runs: [told(started)] }, 'analyzing'],
    ['it waits', { runs: [told(['run started'])] }, 'analyzing'],
    ['it is not launched', { runs: [told([])] }, 'backlog'],
    ['it failed and nobody was told', { issues: [record('AI Analysis Started', clock - 1)], runs: [told(failed, dead)] }, 'analyzing failed'],
    ['it works again after the record says Failed', { issues: [record('AI Analysis Failed', clock - 1)], runs: [told(started)] }, 'analyzing'],
    ['it is complete and nobody was told', { issues: [record('AI Analysis Started', clock - 1)], runs: [told(complete, dead)] }, 'awaitingReview'],
    ['a person wrote since', { issues: [record('Approval Requested', clock + 99_000)], runs: [told(failed, dead)] }, 'awaitingReview'],
    ['all of it was told', { issues: [record('AI Analysis Complete', clock - 1)], runs: [told(failed, { ...dead, settledLines: 4 })] }, 'awaitingReview'],
    ['it was killed while its record says Started', { issues: [record('AI Analysis Started', clock + 99_000)], runs: [told(started, { ...dead, settledLines: 2 })] }, 'analyzing failed'],
    ["it was killed, and another session's record is newer", { issues: [record('AI Analysis Complete', clock + 99_000, id(9))], runs: [told(started, { ...dead, settledLines: 2 })] }, 'awaitingReview'],
    ['an older one failed', { runs: [told(failed, dead), told(started, { order: order({ id: runId(2), createdAt: clock + 1 }) })] }, 'analyzing'],
    ['a mapped status says otherwise', { settings: settings({ phases: { approved: 'To Do' } }), runs: [told(failed, dead)] }, 'approved'],
    ['a mapped status says the same', { settings: settings({ phases: { analyzing: 'To Do' } }), runs: [told(failed, dead)] }, 'analyzing failed'],
    ['the issue is done', { issues: [issue('PAY-1', { statusCategory: 'done' })], runs: [told(failed, dead)] }, 'done'],
    ['it is a handoff', { issues: [record('AI Analysis Complete', clock - 1)], runs: [told(started, { order: order({ kind: 'handoff' }) })] }, 'awaitingReview'],
  ]; // prettier-ignore
  for (const [name, world, is] of phases)
    it(`stands where it does when ${name}`, () => {
      const { phase, failed } = taskOf(world);
      assert.equal(`${phase}${failed ? ' failed' : ''}`, is);
    });

  const needs: [name: string, world: World, is: RegExp | undefined][] = [
    ['failed', { runs: [told(failed, dead)], ledger: mine }, /^analysis failed: The most turns/],
    ['was killed', { runs: [told(started, dead)], ledger: mine }, /^analysis interrupted/],
    ['was stopped', { runs: [told([...started, 'run stopped'], dead)], ledger: mine }, /^analysis stopped$/],
    ['was stopped, and all is told', { runs: [told([...started, 'run stopped'], { ...dead, settledLines: 3 })], ledger: mine }, undefined],
    ["failed, but is somebody else's", { runs: [told(failed, dead)] }, undefined],
    ['works', { runs: [told(started)], ledger: mine }, undefined],
    ['failed, but a later one works', { runs: [told(failed, dead), told(started, { order: order({ id: runId(2), createdAt: clock + 1 }) })], ledger: mine }, undefined],
    ['failed, and the task went on without it', { issues: [record('AI Analysis Complete', clock + 99_000)], runs: [told(failed, dead)], ledger: mine }, /^documents await review$/],
  ]; // prettier-ignore
  for (const [name, world, is] of needs)
    it(`${is ? 'needs' : 'does not need'} its starter when it ${name}`, () => {
      const { needsYou } = taskOf(world);
      if (!is) return assert.equal(needsYou, undefined);
      assert.match(needsYou?.reason ?? '', is);
      if (!is.source.includes('documents'))
        assert.deepEqual([needsYou?.runId, needsYou!.since > clock], [runId(1), true]);
    });
});

describe('the sessions of a run', () => {
  const runs = [told(started)];
  const both = [{ id: id(1) }, { id: id(2), modifiedAt: clock }];

  it('are bound by it on its host, the reviewer last', () => {
    const { tasks, sessions } = picture({ runs, transcripts: both });
    assert.deepEqual(
      tasks[0]!.sessions.map(({ id, evidence, kind, role, key }) => [id, evidence, kind, role, key]),
      [
        [id(1), 'run', 'analysis', undefined, 'PAY-1'],
        [id(2), 'run', 'analysis', 'review', 'PAY-1'],
      ],
    );
    assert.equal(sessions[0]!.reason, 'worked in a run that Pat started for this task');
    const elsewhere = [{ state: { name: 'laptop', local: true }, names: ['laptop'], report: report('laptop', { transcripts: both.map(transcript) }) }];
    const { hosts } = inputOf({ runs });
    assert.equal(picture({ hosts: [...hosts, ...elsewhere] }).tasks[0]!.sessions.length, 0);
  }); // prettier-ignore

  it('are all that an implementation went on in, each by the one before', () => {
    const ordered = order({ kind: 'implementation', implementation: { commit: 'a'.repeat(40), approvedBy: 'Pat', approvedAt: clock, documents: [], steps: [{ title: 'All' }], checks: [], spares: [id(7), id(8)] } });
    const said: Said = [['implement started', { n: 1, how: 'begin', session: id(7), reason: 'missing' }]];
    const of = [id(1), id(7), id(8)].map((one) => ({ id: one }));
    const { sessions } = picture({ runs: [told(said, { order: ordered })], transcripts: of });
    assert.deepEqual(
      sessions.map((one) => [one.id, one.evidence, one.kind, one.continues, one.continuedBy]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      [
        [id(1), 'run', 'implementation', undefined, id(7)],
        [id(7), 'run', 'implementation', id(1), undefined],
        [id(8), undefined, 'other', undefined, undefined],
      ],
    );
  }); // prettier-ignore

  it('of an implementation whose check failed has its starter asked', () => {
    const ordered = order({ kind: 'implementation', implementation: { commit: 'a'.repeat(40), approvedBy: 'Pat', approvedAt: clock, documents: [], steps: [{ title: 'All' }], checks: ['npm test'], spares: [] } });
    const said: Said = [['implement done', { n: 1 }], ['check failed', { n: 1, code: 1, reason: 'failed', text: 'npm test: 3 failing' }], 'run failed'];
    const ledger = { ...mine, runs: [ledgerRun({ order: ordered })] };
    const { needsYou, phase, failed } = taskOf({ runs: [told(said, { ...dead, order: ordered })], ledger });
    assert.match(needsYou?.reason ?? '', /^implementation failed: The check of step 1 failed/);
    assert.deepEqual([needsYou?.runId, phase, failed], [runId(1), 'implementing', true]);
  }); // prettier-ignore

  const cases: [name: string, world: World, is: string][] = [
    ['the ledger says more', { ledger: { entries: [entry({ key: 'PAY-2', host: 'devserver', evidence: 'linked' })], worktrees: [] } }, 'PAY-2 ledger'],
    ['a record says more', { issues: [issue('PAY-2', { claims: [claim({ issueKey: 'PAY-2', sessionId: id(1) })] })] }, 'PAY-2 record'],
    ['a record says the same', { issues: [issue('PAY-1', { claims: [claim({ sessionId: id(1) })] })] }, 'PAY-1 record'],
    ['a record elsewhere was taken back', { issues: [issue('PAY-2', { claims: [claim({ issueKey: 'PAY-2', sessionId: id(1) })] })], ledger: { entries: [entry({ key: 'PAY-2', host: 'devserver', evidence: 'unlinked' })], worktrees: [] } }, 'PAY-1 run'],
    ['the user unlinked it', { ledger: { entries: [entry({ key: 'PAY-1', host: 'devserver', evidence: 'unlinked' })], worktrees: [] } }, 'none'],
    ['a branch is no more than a candidate', { branchNames: new Map([['PAY-3', 'task/PAY-3-analysis']]), transcripts: [{ id: id(1), branch: 'task/PAY-3-analysis' }] }, 'PAY-1 run'],
  ]; // prettier-ignore
  for (const [name, world, is] of cases)
    it(`are not where ${name}`, () => {
      const { key, evidence } = picture({ runs, transcripts: [{ id: id(1) }], ...world }).sessions[0]!;
      assert.equal(key === undefined ? 'none' : `${key} ${evidence}`, is);
    });

  it('stay the same objects while the run goes on', () => {
    const assembler = new Assembler();
    const { hosts, ...rest } = inputOf({ runs, transcripts: both });
    const look = (said: RunLine[]) => {
      const [host] = hosts;
      return assembler.assemble({ ...rest, hosts: [{ ...host!, report: { ...host!.report!, runs: [reading(said)] } }] });
    };
    const first = look(lines('run started'));
    const second = look(lines('run started', 'analysis started'));
    assert.notEqual(second.tasks[0], first.tasks[0]);
    assert.deepEqual(
      second.sessions.map((one, i) => one === first.sessions[i]),
      [true, true],
    );
    const same = assembler.assemble({ ...rest, hosts: [{ ...hosts[0]!, report: { ...hosts[0]!.report!, runs } }] });
    assert.equal(assembler.assemble({ ...rest, hosts: [{ ...hosts[0]!, report: { ...hosts[0]!.report!, runs } }] }).tasks, same.tasks);
  }); // prettier-ignore
});

describe('what Resume of a task takes', () => {
  const main = session();
  const missing = session({ id: id(2), state: 'missing' });
  const review = session({ id: id(3), role: 'review' });
  for (const [name, bound, is] of [
    ['the only one', [main], [main]],
    ['not the reviewer', [review, main], [main]],
    ['not one that is gone', [missing, main], [main]],
    ['one that is gone before the reviewer', [review, missing], [missing]],
    ['nothing by itself where only a reviewer is left', [review], []],
    ['one of several', [main, session({ id: id(4) })], [main, session({ id: id(4) })]],
  ] as const)
    it(`is ${name}`, () => assert.deepEqual(resumeChoices(bound), is));
});
