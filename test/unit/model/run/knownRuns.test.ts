import assert from 'node:assert/strict';
import { KnownRuns, type RunsInput } from '../../../../src/model/run/knownRuns';
import type { RunReading } from '../../../../src/model/run/run';
import type { HostReading } from '../../../../src/model/session/known/knownSessions';
import { clock, report } from '../examples';
import { ledgerRun, lines, order, reading, runId } from './examples';

const host = (name: string, runs: RunReading[], fields: Partial<HostReading['state']> = {}): HostReading => ({
  state: { name, local: false, ...fields },
  names: [name],
  report: report(name, { runs }),
});

const at = (n: number, fields: Parameters<typeof order>[0] = {}): RunReading =>
  reading(lines('run started', 'analysis started'), {
    order: order({ id: runId(n), createdAt: clock + n, ...fields }),
  });

const ledger = (...runs: NonNullable<RunsInput['ledger']['runs']>): RunsInput['ledger'] => ({
  entries: [],
  worktrees: [],
  runs,
});

/** `run@host state`, and whose. */
const told = (input: Partial<RunsInput>): string[] =>
  new KnownRuns()
    .of({ hosts: [], ledger: ledger(), ...input })
    .map(({ id, host, state, mine }) => `${parseInt(id, 16)}@${host} ${state.kind}${mine ? ' mine' : ''}`);

describe('every run that is known', () => {
  const cases: [name: string, input: Partial<RunsInput>, is: string[]][] = [
    ['newest first, of all hosts', { hosts: [host('a', [at(1), at(3)]), host('b', [at(2)])] }, ['3@a running', '2@b running', '1@a running']],
    ['mine by the ledger, as its host tells it', { hosts: [host('a', [at(1)])], ledger: ledger(ledgerRun({ reached: 'branch' })) }, ['1@a running mine']],
    ['none of another Jira', { hosts: [host('a', [at(1), at(2, { jira: 'other.example' })])], jiraHost: 'jira.example' }, ['1@a running']],
    ['all where no Jira is asked', { hosts: [host('a', [at(1, { jira: 'other.example' })])] }, ['1@a running']],
    ['once where two names lead to one account', { hosts: [host('a', [at(1)]), host('devserver', [at(1)])] }, ['1@devserver running']],
    ['once, where none of the names is the one that started it', { hosts: [host('a', [at(1)]), host('b', [at(1)])] }, ['1@a running']],
    ['not launched yet', { hosts: [host('devserver', [])], ledger: ledger(ledgerRun({ reached: 'record' })) }, ['1@devserver starting mine']],
    ['not one that was given up', { ledger: ledger(ledgerRun({ reached: 'record', abandoned: true })) }, []],
    ['not one that was placed, and given up before it was launched', { hosts: [host('devserver', [reading(lines())])], ledger: ledger(ledgerRun({ reached: 'record', abandoned: true })) }, []],
    ['launched, its host not asked since', { hosts: [host('devserver', [])], ledger: ledger(ledgerRun({ updatedAt: clock + 1 })) }, ['1@devserver starting mine']],
    ['not one that its host has no more', { hosts: [host('devserver', [])], ledger: ledger(ledgerRun({ createdAt: clock - 1 })) }, []],
    ['launched, its host down', { hosts: [host('devserver', [], { error: 'down' })], ledger: ledger(ledgerRun({ createdAt: clock - 1 })) }, ['1@devserver starting mine']],
    ['not one that was told of long ago, its host down', { hosts: [host('devserver', [], { error: 'down' })], ledger: ledger(ledgerRun({ settledLines: 9 })) }, []],
  ]; // prettier-ignore
  for (const [name, input, is] of cases) it(`is ${name}`, () => assert.deepEqual(told(input), is));

  it('is the same object while nothing of it changes', () => {
    const known = new KnownRuns();
    const [one, two, mine] = [at(1), at(2), ledgerRun({ order: order({ id: runId(3) }), reached: 'record' })];
    const look = (...runs: RunReading[]) => known.of({ hosts: [host('a', runs)], ledger: ledger(mine) });
    const first = look(one, two);
    assert.equal(look(one, two), first);
    const second = look(at(1), two);
    assert.notEqual(second, first);
    assert.deepEqual(
      second.map((run) => first.includes(run)),
      [true, false, true],
    );
  });

  it('says since when nobody has seen one that worked, until its host answers again', () => {
    const known = new KnownRuns();
    const over = reading(lines('run started', 'run stopped'), { order: order({ id: runId(2) }) });
    const runs = [at(1), over];
    const asOf = (fields: Partial<HostReading['state']>): (number | undefined)[] =>
      known.of({ hosts: [host('a', runs, fields)], ledger: ledger() }).map((run) => run.asOf);
    assert.deepEqual(asOf({ asOf: clock }), [undefined, undefined]);
    const trouble = { error: 'a does not answer', asOf: clock };
    // What has ended stays as it is.
    assert.deepEqual(asOf(trouble), [clock, undefined]);
    const before = known.of({ hosts: [host('a', runs, trouble)], ledger: ledger() });
    assert.equal(known.of({ hosts: [host('a', runs, trouble)], ledger: ledger() }), before);
    assert.deepEqual(asOf({ asOf: clock + 1 }), [undefined, undefined]);
  });
});
