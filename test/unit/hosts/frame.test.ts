import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Frame, frameClosing, frameOpening } from '../../../src/hosts/channel/frame';

const nonce = 'ts-0123456789abcdef';
const framed = (before: Uint8Array, body: Uint8Array, trailer: string, after: Uint8Array): Buffer =>
  Buffer.concat([
    before,
    Buffer.from(frameOpening(nonce)),
    body,
    Buffer.from(`${frameClosing(nonce)}${trailer}\n`),
    after,
  ]);

describe('a frame', () => {
  it('is found however the stream is cut', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
        (before, body, after, sizes) => {
          const stream = framed(before, body, '137', after);
          const frame = new Frame(nonce, 1000);
          for (let at = 0; at < stream.length;) {
            const size = sizes.next().value as number;
            frame.push(stream.subarray(at, at + size));
            at += size;
          }
          assert.equal(frame.trailer, '137');
          assert.equal(frame.size, body.length);
          assert.deepEqual(frame.body(), Buffer.from(body));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not complete before its last byte', () => {
    const stream = framed(Buffer.from('noise\n'), Buffer.from('body'), '0', Buffer.alloc(0));
    const frame = new Frame(nonce, 1000);
    frame.push(stream.subarray(0, -1));
    assert.equal(frame.trailer, undefined);
    assert.equal(frame.started, true);
    frame.push(stream.subarray(-1));
    assert.equal(frame.trailer, '0');
    assert.equal(frame.body().toString(), 'body');
  });

  it('keeps no more than it may, and counts all', () => {
    const frame = new Frame(nonce, 10);
    frame.push(framed(Buffer.alloc(0), Buffer.alloc(5000, 'x'), '0', Buffer.alloc(0)));
    assert.equal(frame.body().length, 10);
    assert.equal(frame.size, 5000);
  });

  it('takes a mark of another call for text', () => {
    const other = framed(Buffer.alloc(0), Buffer.from('theirs'), '0', Buffer.alloc(0));
    const frame = new Frame('ts-another', 1000);
    frame.push(other);
    assert.equal(frame.started, false);
  });
});
