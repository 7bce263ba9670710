import assert from 'node:assert/strict';
import { resolveReference, type Referenced } from '../../../src/actions/session/references';
import { UserError } from '../../../src/model/errors';
import type { SessionReference } from '../../../src/model/session/reference';
import type { Session } from '../../../src/model/session/session';
import type { HostState } from '../../../src/model/task/task';
import { id, session, task } from '../model/examples';

const hosts = [
  { name: 'laptop', local: true, names: ['laptop', 'local', 'shared'] },
  { name: 'devserver', local: false, names: ['devserver', 'dev.acme', 'shared'] },
];
const there = session({
  host: 'devserver',
  key: 'PAY-1',
  directory: '/srv/platform',
  branch: 'main',
});
const answering = hosts.map(({ name, local }): HostState => ({ name, local, asOf: 1 }));
const resolve = (
  fields: Partial<SessionReference>,
  sessions: Session[] = [there],
  states: HostState[] = answering,
): Referenced =>
  resolveReference(
    { host: 'devserver', sessionId: id(1), ...fields },
    { snapshot: { sessions, tasks: [task('PAY-1'), task('PAY-2')], hosts: states }, hosts },
  );
const failure = (fields: Partial<SessionReference>, sessions?: Session[]): string => {
  try {
    resolve(fields, sessions);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.line;
  }
  throw new Error('It was resolved.');
};

describe('resolving a session reference', () => {
  it('finds the session, and the task that its evidence names', () => {
    const found = resolve({ task: 'PAY-1', directory: '/srv/platform', branch: 'main' });
    assert.equal(found.session, there);
    assert.equal(found.task?.key, 'PAY-1');
    assert.deepEqual(found.check, {
      check: 'reference',
      ok: true,
      detail: 'devserver/00000001, as it says',
    });
  });

  it('knows a host by its alias', () => {
    assert.equal(resolve({ host: 'dev.acme' }).session, there);
    assert.equal(resolve({ host: 'dev.acme' }).check.ok, true);
  });

  for (const host of ['prod', 'local'])
    it(`never takes "${host}" for one of our hosts`, () => {
      assert.match(failure({ host }), /is not one of your hosts.*never connected to/);
      assert.match(failure({ host }), /On devserver there is a session 00000001 too/);
    });

  it('does not choose between hosts of one alias', () => {
    assert.match(failure({ host: 'shared' }), /alias of several/);
  });

  const told: [string, Partial<SessionReference>, RegExp][] = [
    ['directory', { directory: '/elsewhere' }, /directory \/elsewhere, but here it is \/srv\/platform/],
    ['branch', { branch: 'other' }, /branch other, but here it is main/],
    ['task', { task: 'PAY-2' }, /task PAY-2, but here it is PAY-1/],
    ['host', { host: 'laptop' }, /host laptop, but the session is on devserver/],
  ];
  for (const [what, fields, words] of told)
    it(`tells of another ${what}, and goes by what is found`, () => {
      const { session: found, check, task: bound } = resolve(fields);
      assert.equal(found, there);
      assert.equal(bound?.key, 'PAY-1');
      assert.equal(check.ok, false);
      assert.match(check.detail, words);
    });

  it('tells where the session is not linked to what it says', () => {
    const { key: _, ...unlinked } = there;
    const { check, task: bound } = resolve({ task: 'PAY-1' }, [unlinked]);
    assert.match(check.detail, /says task PAY-1, but here the session is not linked/);
    assert.equal(bound, undefined);
  });

  it('takes the copy on the host that is named, and asks where others have it', () => {
    const copy = { ...there, host: 'laptop' };
    assert.equal(resolve({ host: 'laptop' }, [there, copy]).session, copy);
    const elsewhere = { ...there, host: 'third' };
    assert.match(failure({ host: 'laptop' }, [there, elsewhere]), /but on devserver and third/);
  });

  for (const [what, silent] of [
    ['does not answer', { asOf: 1, error: 'no route' }],
    ['has not answered yet', {}],
  ] as const)
    it(`takes no copy elsewhere for the session of a host that ${what}`, () => {
      const states = answering.map(({ name, local }) => ({ name, local, ...(name === 'laptop' && silent) }));
      const { session: meant, check } = resolve({ host: 'laptop' }, [there], states);
      assert.deepEqual([meant.host, meant.state, check.ok], ['laptop', 'unknown', true]);
    });

  it('leaves a session that nobody has seen yet to its host, without any hint', () => {
    const { session: unseen, task: bound } = resolve({ directory: '/srv/x', task: 'PAY-1' }, []);
    assert.deepEqual(unseen, {
      id: id(1),
      host: 'devserver',
      hostKnown: true,
      kind: 'other',
      state: 'unknown',
    });
    assert.equal(bound, undefined);
  });

  it('prefers what a host has over what only a record says', () => {
    const recorded = session({ host: 'devserver', state: 'missing' });
    const copy = { ...there, host: 'laptop' };
    assert.equal(resolve({}, [recorded, copy]).session, copy);
    assert.equal(resolve({}, [recorded]).session, recorded);
  });
});
