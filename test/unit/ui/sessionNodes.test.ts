import assert from 'node:assert/strict';
import type { SessionFilter } from '../../../src/model/session/listing';
import type { Session } from '../../../src/model/session/session';
import { emptySnapshot, type Snapshot } from '../../../src/model/task/task';
import {
  groupNodes,
  hostNodes,
  listedNodes,
  pageSize,
  type SessionGroupNode,
} from '../../../src/ui/sessions/nodes';
import { id, session } from '../model/examples';

const hour = 3_600_000;
const now = new Date(2026, 5, 17, 12).getTime();
const all: SessionFilter = { words: '', unlinkedOnly: false };

/** One that nothing binds, last active so many hours ago. */
function unlinked(n: number, hoursAgo: number, fields: Partial<Session> = {}): Session {
  const { evidence: _, ...rest } = session({ id: id(n), lastActivity: now - hoursAgo * hour, ...fields });
  return rest;
}

const snapshot = (sessions: Session[], fields: Partial<Snapshot> = {}): Snapshot => ({
  ...emptySnapshot,
  hosts: [
    { name: 'laptop', local: true, asOf: now },
    { name: 'devserver', local: false, asOf: now },
  ],
  sessions,
  ...fields,
});

/** `Live 1,2` for each group of a host: label and ids, in order. */
function outline(sessions: Session[], view = all): string[] {
  const [host] = hostNodes(snapshot(sessions), view);
  return groupNodes(host!, view, now).map(
    ({ label, sessions: some }) => `${label} ${some.map((one) => Number.parseInt(one.id, 16)).join()}`,
  );
}

describe('the view Sessions', () => {
  it('has a row for each host in the order of the settings, then for names that only records know', () => {
    const unknown = unlinked(3, 1, { host: 'oldbox', hostKnown: false });
    const nowhere = unlinked(4, 1, { host: '', hostKnown: false });
    const nodes = hostNodes(snapshot([unlinked(1, 1, { host: 'devserver' }), unknown, nowhere]), all);
    assert.deepEqual(
      nodes.map(({ name, host, sessions }) => [name, host !== undefined, sessions.length]),
      [
        ['laptop', true, 0],
        ['devserver', true, 1],
        ['oldbox', false, 1],
        ['', false, 1],
      ],
    );
    assert.equal(new Set(nodes.map((node) => node.id)).size, nodes.length);
  });

  it('takes no unknown host of a record for a configured one of the same name', () => {
    const claimed = unlinked(1, 1, { host: 'laptop', hostKnown: false });
    const [laptop, , other] = hostNodes(snapshot([claimed]), all);
    assert.deepEqual([laptop!.sessions.length, other!.sessions.length], [0, 1]);
  });

  it('lists what lives first, then by last activity, and last what is missing', () => {
    assert.deepEqual(
      outline([
        unlinked(1, 30),
        unlinked(2, 2),
        unlinked(3, 1),
        unlinked(4, 24 * 30),
        unlinked(5, 50, { live: { pid: 1, kind: 'interactive' }, state: 'idle' }),
        unlinked(6, 60, { live: { pid: 2, kind: 'interactive' }, state: 'waiting' }),
        unlinked(7, 1, { state: 'missing' }),
      ]),
      ['Live 6,5', 'Today 3,2', 'This Week 1', 'Older 4', 'Missing 7'],
    );
  });

  it('opens what is near, and all that a filter has left', () => {
    const sessions = [unlinked(1, 24 * 30), unlinked(2, 24 * 3), unlinked(3, 24 * 40, { state: 'missing' })];
    const open = (view: SessionFilter): string[] =>
      groupNodes(hostNodes(snapshot(sessions), view)[0]!, view, now)
        .filter((group) => group.open)
        .map(({ label }) => label);
    assert.deepEqual(open(all), ['This Week']);
    assert.deepEqual(open({ ...all, unlinkedOnly: true }), ['This Week', 'Older', 'Missing']);
  });

  it('shows a page of a group, and the way to more', () => {
    const sessions = Array.from({ length: pageSize + 7 }, (_, n) => unlinked(n + 1, 1));
    const [host] = hostNodes(snapshot(sessions), all);
    const [group] = groupNodes(host!, all, now) as [SessionGroupNode];
    const rows = listedNodes(group, pageSize, new Map());
    assert.equal(rows.length, pageSize + 1);
    const last = rows.at(-1)!;
    assert.ok(last.kind === 'moreSessions' && last.left === 7);
    assert.equal(listedNodes(group, 2 * pageSize, new Map()).length, pageSize + 7);
    assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
  });

  it('gives the same session on two hosts two rows', () => {
    const nodes = hostNodes(snapshot([unlinked(1, 1), unlinked(1, 1, { host: 'devserver' })]), all);
    const ids = nodes.flatMap((host) =>
      groupNodes(host, all, now).flatMap((group) =>
        listedNodes(group, pageSize, new Map()).map((row) => row.id),
      ),
    );
    assert.equal(new Set(ids).size, 2);
  });

  it('hides what is linked, and hosts without anything else', () => {
    const linked = session({ id: id(2), key: 'PAY-7', host: 'devserver' });
    const nodes = hostNodes(snapshot([unlinked(1, 1), linked]), { ...all, unlinkedOnly: true });
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['laptop'],
    );
  });

  it('takes ten thousand sessions in its stride', () => {
    const sessions = Array.from({ length: 10_000 }, (_, n) =>
      unlinked(n + 1, n / 20, { title: `number-${n}` }),
    );
    const hosts = hostNodes(snapshot(sessions), { ...all, words: 'number-99' });
    const rows = hosts.flatMap((host) =>
      groupNodes(host, all, now).flatMap((group) => listedNodes(group, pageSize, new Map())),
    );
    assert.ok(rows.length <= 5 * (pageSize + 1));
    assert.equal(hosts.flatMap((host) => host.sessions).length, 111);
  });
});
