import assert from 'node:assert/strict';
import { parseSections, SectionReader } from '../../../src/sources/claude/probe/sections';

const nonce = 'aa0b1c';

describe('the sections of an answer', () => {
  const answer = Buffer.concat([
    Buffer.from(`noise\n${nonce}\n${nonce} first\n${nonce} second 1 2\nbody\n\naa0b1 no heading`),
    Buffer.from([0, 255, 10]),
    Buffer.from(`\n${nonce} end\n`),
  ]);
  const expected = [
    ['first', [], ''],
    ['second', ['1', '2'], 'body\n\naa0b1 no heading\0\xff\n'],
    ['end', [], ''],
  ];

  it('are the same however the answer is cut into pieces', () => {
    for (let size = 1; size <= answer.length; size++) {
      const found: unknown[] = [];
      const reader = new SectionReader(nonce, ({ name, args, body }) =>
        found.push([name, args, body.toString('latin1')]),
      );
      for (let at = 0; at < answer.length; at += size) reader.push(answer.subarray(at, at + size));
      assert.equal(reader.end(), true, `in pieces of ${size}`);
      assert.deepEqual(found, expected, `in pieces of ${size}`);
    }
  });

  it('are none where the end is missing', () => {
    for (let length = 0; length < answer.length; length++)
      assert.equal(parseSections(answer.subarray(0, length), nonce), undefined, `of ${length} bytes`);
    assert.equal(parseSections(answer, nonce)?.length, 3);
  });
});
