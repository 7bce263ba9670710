import assert from 'node:assert/strict';
import { parseRecords } from '../../../src/model/record/parse';

describe('a request for changes', () => {
  const lines = ['Changes Requested', 'Commit: 3f2c9d11', 'Status: Changes requested', 'Session ID: 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01', 'Branch: other']; // prettier-ignore
  const read = (texts: string[]) =>
    parseRecords(texts.map((text) => ({ text, quoted: false, block: 'text' as const })));

  it('says that, and takes no field from the words that follow', () => {
    const record = { title: 'Changes Requested', status: 'Changes requested' };
    assert.deepEqual(read(lines), [{ ...record, commit: '3f2c9d11' }]);
    assert.deepEqual(read(lines.filter((line) => !line.startsWith('Commit'))), [record]);
  });

  it('is none where only the headline stands, as others write it', () => {
    assert.deepEqual(read(['Changes Requested', 'by Pat in pull request #12', ...lines.slice(3)]), []);
  });
});
