import assert from 'node:assert/strict';
import type { IssueComment } from '../../../src/model/task/issue';
import type { Jira } from '../../../src/sources/jira/jira';
import { recordBody } from '../../../src/sources/jira/records/body';
import { writeRecord } from '../../../src/sources/jira/records/write';
import { dana, id } from '../model/examples';

const fields = { title: 'AI Analysis Started' as const, sessionId: id(1), status: 'Linked by Dana' };
const place = { issueKey: 'PAY-1' };
const write = { issueKey: 'PAY-1', wanted: () => ({ fields, place }) };

/** A Jira that shows what `shown` says, whatever is written to it. */
function jiraThat(shown: () => IssueComment[]): { jira: Jira; writes: string[] } {
  const writes: string[] = [];
  const done = (what: string) => (): Promise<undefined> => {
    writes.push(what);
    return Promise.resolve(undefined);
  };
  const jira = {
    format: 'wiki',
    connection: { user: dana },
    thread: () => Promise.resolve({ comments: shown(), read: shown().length }),
    addComment: done('add'),
    updateComment: done('edit'),
    deleteComment: done('remove'),
  };
  return { jira: jira as unknown as Jira, writes };
}

const comment = (n: number, host: string): IssueComment => ({
  id: String(n),
  author: dana,
  updateAuthor: dana,
  created: n,
  updated: n,
  body: recordBody('wiki', { ...fields, host }, place),
});

describe('writing a record', () => {
  it('adds no second comment where Jira does not show the first', async () => {
    const { jira, writes } = jiraThat(() => []);
    await writeRecord(jira, write);
    assert.deepEqual(writes, ['add']);
  });

  it('does not fight over a comment that another program changes back', async () => {
    const { jira, writes } = jiraThat(() => [comment(1, 'devserver')]);
    await writeRecord(jira, { ...write, wanted: () => ({ fields: { ...fields, host: 'laptop' }, place }) });
    assert.deepEqual(writes, ['edit']);
  });

  it('leaves alone what does not go away', async () => {
    const { jira, writes } = jiraThat(() => [comment(1, 'laptop'), comment(2, 'laptop')]);
    assert.equal((await writeRecord(jira, write)).commentId, '1');
    assert.ok(writes.length < 10);
  });

  it('keeps of two comments the first', async () => {
    const both = [comment(10, 'laptop'), comment(9, 'laptop')];
    const { jira, writes } = jiraThat(() => both.slice(writes.length));
    const { commentId } = await writeRecord(jira, write);
    assert.deepEqual([commentId, writes], ['9', ['remove']]);
  });
});
