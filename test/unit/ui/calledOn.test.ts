import assert from 'node:assert/strict';
import { calledOn } from '../../../src/ui/commands/calledOn';

describe('What a command is called on', () => {
  it('is nothing from the palette, which means the active editor', () => {
    assert.deepEqual(calledOn([]), [undefined, undefined]);
  });

  it('is the row, with the selected rows', () => {
    const [row, other] = [{ id: 'one' }, { id: 'two' }];
    assert.deepEqual(calledOn([row, [row, other]]), [row, [row, other]]);
  });

  it('is no longer anything where VS Code forgot the row, and not the active editor', () => {
    for (const given of [[undefined], [undefined, undefined], [undefined, [undefined]]])
      assert.deepEqual(calledOn(given), [{}, undefined]);
  });
});
