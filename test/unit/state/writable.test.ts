import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ledgerChecks } from '../../../src/actions/doctor/ledger';
import { Ledger } from '../../../src/state/ledger';
import { writableIn } from '../../../src/state/writable';
import { Bed } from '../../bed/bed';

describe('where the ledger lies', () => {
  let bed: Bed;
  let folder: string;
  before(async () => {
    bed = new Bed();
    folder = await bed.folder('writable');
  });
  after(() => bed.dispose());

  it('can be written, also where it is still to be made', async () => {
    await writableIn(join(folder, 'not/yet'));
    const [check] = await ledgerChecks(new Ledger(join(folder, 'state')));
    assert.equal(check?.ok, true);
  });

  it('is told by the doctor where it is full, or not to be written', async () => {
    await assert.rejects(writableIn(folder, Infinity), {
      message: /^There is no room/,
      next: 'Free some space.',
    });
    await writeFile(join(folder, 'file'), '');
    const directory = join(folder, 'file/ledger');
    const condition = {
      directory,
      entries: 0,
      owed: 0,
      unread: 0,
      newer: false,
      damaged: 0,
      aside: [],
      lost: false,
    };
    const ledger = new Ledger(join(folder, 'state'));
    const read = () => ledger.read();
    const [check] = await ledgerChecks({ condition: () => Promise.resolve(condition), read });
    assert.deepEqual([check?.ok, check?.detail], [false, `${directory} cannot be written.`]);
  });
});
