import assert from 'node:assert/strict';
import { linkRecord, renewed } from '../../../src/model/record/linkRecord';
import { recordText } from '../../../src/model/record/text';
import { phaseOf } from '../../../src/model/task/phase';
import type { Phase } from '../../../src/model/task/task';
import type { SessionKind } from '../../../src/model/session/session';
import { claim, id, issue, session, settings, task } from '../model/examples';

const docs = settings().docs.names.map((name) => ({ name, path: `docs/${name}`, blob: 'a'.repeat(40) }));

describe('a record by a person who links a session', () => {
  for (const [kind, given, phase, title] of [
    ['other', docs, 'backlog', 'AI Analysis Complete'],
    ['analysis', docs, 'awaitingReview', 'AI Analysis Complete'],
    ['analysis', docs.slice(1), 'analyzing', 'AI Analysis Started'],
    ['analysis', [], 'backlog', 'AI Analysis Started'],
    ['implementation', docs, 'implementing', 'AI Implementation Started'],
    ['implementation', docs, 'inReview', 'AI Implementation Complete'],
    ['implementation', [], 'done', 'AI Implementation Complete'],
  ] as [SessionKind, typeof docs, Phase, string][])
    it(`is "${title}" for ${kind} with ${given.length} documents, ${phase}`, () =>
      assert.equal(linkRecord(session({ kind }), task('PAY-1', { docs: given, phase })).title, title));

  it('says nothing that no record may say', () => {
    const odd = session({ host: 'not a host', directory: 'relative', branch: '-x' });
    assert.deepEqual(linkRecord(odd, undefined), { title: 'AI Analysis Started', sessionId: id(1) });
  });

  it('shows no ssh command for a host that has no such destination', () => {
    const fields = linkRecord(session(), undefined);
    const lines = recordText(fields, { issueKey: 'PAY-1', withoutCommand: true });
    assert.deepEqual(lines, ['AI Analysis Started', `Session ID: ${id(1)}`, 'Host: laptop']);
  });

  it('leaves to a run what the run said, and takes back what a link said', () => {
    const now = { ...linkRecord(session(), undefined), status: 'Linked by Dana' };
    const run = {
      ...now,
      title: 'AI Analysis Complete' as const,
      commit: '3f2c9d1',
      status: 'Awaiting Developer Review',
      host: 'old',
    };
    assert.deepEqual(renewed(run, now), { ...run, host: 'laptop' });
    const { status: _, ...unsaid } = run;
    assert.deepEqual(renewed(unsaid, now), { ...unsaid, host: 'laptop' });
    assert.equal(renewed({ ...run, status: 'Linked by Pat' }, now).title, now.title);
  });

  it('does not say how far the task has come, unless nobody else does', () => {
    const status = 'Linked by Dana';
    const approved = claim({ title: 'Approved for Implementation', created: 1 });
    const link = claim({ title: 'AI Analysis Complete', created: 2, status });
    const phase = (...claims: (typeof link)[]) =>
      phaseOf(issue('PAY-1', { claims }), {}, { counts: () => true }).phase;
    assert.equal(phase(approved, link), 'approved');
    assert.equal(phase(link), 'awaitingReview');
    assert.equal(
      phase(approved, { ...link, title: 'AI Implementation Started', status: 'Running' }),
      'implementing',
    );
  });
});
