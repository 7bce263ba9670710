import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flagsOf, remember } from '../../../src/actions/session/memory';
import type { StartPlan } from '../../../src/actions/session/resume/plan';
import type { LedgerEntry } from '../../../src/model/binding/ledger';
import type { Session } from '../../../src/model/session/session';
import { Ledger } from '../../../src/state/ledger';
import { entry, id } from '../model/examples';

describe('what a start leaves in the ledger', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ts-memory-'));
    ledger = new Ledger(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const session = (host: string): Session => ({
    id: id(1),
    host,
    hostKnown: true,
    kind: 'other',
    state: 'ended',
  });
  const plan = (host: string, fields: Partial<StartPlan> = {}): StartPlan => ({
    kind: 'start',
    session: session(host),
    checks: [],
    flags: {},
    begins: false,
    spec: { name: 'x', argv: [], directory: '/w', sessionId: id(1) },
    open: { id: 'x', title: 'x', argv: [], host },
    ...fields,
  });
  const word = async (host: string): Promise<(string | undefined)[]> => {
    const known = (await ledger.read()).entries.find((one) => one.host === host);
    return [known?.evidence, known?.key];
  };

  it('takes no word from another host for its own', async () => {
    await ledger.remember(entry({ host: 'laptop', evidence: 'linked', key: 'PAY-1' }));
    await ledger.remember(entry({ host: 'devserver', evidence: 'unlinked', key: 'PAY-2' }));
    await remember(ledger, plan('devserver'));
    assert.deepEqual(await word('devserver'), ['unlinked', 'PAY-2']);
    await remember(ledger, plan('build'));
    assert.deepEqual(await word('build'), ['seen', undefined]);
  });

  it('says in which Jira a session was started, and leaves that when it is resumed in another', async () => {
    const begins = { begins: true, session: { ...session('laptop'), key: 'PAY-1' } };
    await remember(ledger, plan('laptop', begins), 'test.example');
    await remember(ledger, plan('laptop'), 'jira.example');
    const [known] = (await ledger.read()).entries;
    assert.deepEqual([known?.evidence, known?.key, known?.jira], ['started', 'PAY-1', 'test.example']);
    await remember(ledger, plan('devserver'), 'jira.example');
    assert.equal((await ledger.read()).entries.at(-1)?.jira, undefined);
  });

  it('leaves the task that was said, even where the picture was older', async () => {
    await ledger.remember(entry({ evidence: 'linked', key: 'PAY-2' }));
    await remember(
      ledger,
      plan('laptop', { session: { ...session('laptop'), key: 'PAY-1', evidence: 'record' } }),
    );
    assert.deepEqual(await word('laptop'), ['linked', 'PAY-2']);
  });

  it('binds what begins to its task', async () => {
    await remember(ledger, plan('laptop', { begins: true, session: { ...session('laptop'), key: 'PAY-1' } }));
    assert.deepEqual(await word('laptop'), ['started', 'PAY-1']);
  });

  it("gives the flags of the session's own host again", async () => {
    const flags = (model: string): Partial<LedgerEntry> => ({ flags: [`--model=${model}`] });
    await ledger.remember(entry({ host: 'laptop', ...flags('a') }));
    await ledger.remember(entry({ host: 'devserver', ...flags('b') }));
    assert.equal((await flagsOf(ledger, session('devserver'))).model, 'b');
    assert.equal((await flagsOf(ledger, session('laptop'))).model, 'a');
  });
});
