import assert from 'node:assert/strict';
import { readLook } from '../../../src/sources/claude/transcripts/look';
import { answer, begin, jsonl, meta, sessionId, user } from './lines';

const file = { path: `./-srv/${sessionId}.jsonl`, size: 900_000, modifiedAt: 5 };

describe("a host's look into a transcript", () => {
  beforeEach(begin);

  it('is the whole of a small one', () => {
    const body = Buffer.concat([Buffer.from('whole 0 \n'), jsonl(user('One'), answer(70), user('Two'))]);
    const summary = readLook(file, body);
    assert.deepEqual(
      [summary?.firstPrompt, summary?.turns, summary?.context?.usedTokens, summary?.sideFiles],
      ['One', 2, 70, undefined],
    );
  });

  it('is both ends of a large one, and what lies beside it', () => {
    const renamed = meta('custom-title', { customTitle: 'By hand' });
    const body = Buffer.concat([
      Buffer.from(`ends 3 ${renamed}\n`),
      jsonl(user('One', { permissionMode: 'plan' })),
      Buffer.from('\n'),
      jsonl(answer(70, { parentUuid: 'elsewhere' }), meta('ai-title', { aiTitle: 'By the model' })),
    ]);
    const summary = readLook(file, body);
    assert.deepEqual(
      [summary?.title, summary?.firstUuid, summary?.context?.usedTokens, summary?.sideFiles, summary?.turns],
      ['By hand', 'line-1', 70, 3, undefined],
    );
    // That of the head need not be the last one.
    assert.equal(summary?.permissionMode, undefined);
  });

  it('may have no head, or no tail', () => {
    const bytes = jsonl(user('Late'));
    assert.equal(readLook(file, Buffer.concat([Buffer.from('ends 0 \n\n'), bytes]))?.hasConversation, true);
    const head = Buffer.concat([Buffer.from('ends 0 \n'), bytes, Buffer.from('\n\n')]);
    assert.equal(readLook(file, head)?.firstPrompt, 'Late');
  });

  it('may have a title with a line end of its own', () => {
    const body = Buffer.concat([
      Buffer.from('whole 0 {"customTitle":"Two\u2028lines"}\n'),
      jsonl(user('One')),
    ]);
    assert.equal(readLook(file, body)?.title, 'Two lines');
  });

  for (const text of ['unread\n', '', 'whole', 'hologram 1 2\n'])
    it(`is nothing where it says ${JSON.stringify(text)}`, () =>
      assert.equal(readLook(file, Buffer.from(text)), undefined));
});
