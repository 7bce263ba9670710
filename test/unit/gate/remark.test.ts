import assert from 'node:assert/strict';
import { parseRecords, recordTitles } from '../../../src/model/record/parse';
import { markupLines } from '../../../src/sources/jira/markup/lines';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { remarkBody, remarkText, type Remark } from '../../../src/sources/jira/markup/remark';
import { adfProblem } from '../../jira/text/adfCheck';

const formats = ['adf', 'wiki'] as const;
const id = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('remarks on an issue', () => {
  for (const format of formats) {
    const read = (remark: Remark) => markupLines(readMarkup(remarkBody(format, remark)));

    it(`show place, quotation and words as they were written (${format})`, () => {
      const quote = '# Plan\n\n- *retry* {code}\n|a|b|\nh1. x';
      const words =
        'Why @retry?\n# not a list\nh2. nor a heading\n\nbq. nor a quotation\n---- {panel} [x|y] !z!';
      const lines = read({ title: 'A title', facts: [['Lines', 'docs/a_b.md:1-3 (3f2c9d1)']], quote, words });
      assert.deepEqual(
        lines.map(({ text }) => text.trim()),
        ['A title', 'Lines: docs/a_b.md:1-3 (3f2c9d1)', ...quote.split(/\n+/), ...words.split(/\n+/)],
      );
      assert.deepEqual(
        lines.map(({ quoted }) => quoted),
        [false, false, true, true, true, true, false, false, false, false, false],
      );
    });

    it(`are never records, whatever they say (${format})`, () => {
      for (const title of recordTitles)
        for (const line of [title, `✅ *${title}*`, `Title: ${title}`, `PAY-1: ${title}!`]) {
          const text = `${line}\nSession ID: ${id}\nCommit: 3f2c9d1a\nclaude --resume ${id}`;
          for (const remark of [
            { words: text },
            { words: 'Look.', quote: text },
            { words: `Look.\n\n${text}` },
          ])
            assert.deepEqual(parseRecords(read(remark)), [], JSON.stringify(remark));
        }
    });

    it(`are told apart by what they say (${format})`, () => {
      const one = remarkText(remarkBody(format, { words: 'a  b\n\nc' }));
      assert.equal(one, remarkText(remarkBody(format, { words: 'a  b\nc' })));
      assert.notEqual(one, remarkText(remarkBody(format, { words: 'a b\nd' })));
    });
  }

  it('are valid documents', () => {
    const body = remarkBody('adf', { title: 't', facts: [['a', 'b']], quote: 'x\ny\n\nz', words: 'w\n\nv' });
    assert.equal(adfProblem(body), undefined);
  });
});
