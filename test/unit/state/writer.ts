import { randomUUID } from 'node:crypto';
import { Ledger } from '../../../src/state/ledger';

/** A process that writes to a ledger until it is killed, and prints each change once it is committed. */
const [directory = '', name = ''] = process.argv.slice(2);
const ledger = new Ledger(directory);
const committed = (what: string, id: string): boolean => process.stdout.write(`${what} ${id}\n`);

async function write(): Promise<never> {
  for (let count = 0; ; count++) {
    const sessionId = `${name}-${count}`;
    const fields = { title: 'AI Analysis Started', sessionId } as const;
    await ledger.remember({ sessionId, host: name, evidence: 'started', flags: [], kind: 'other', createdAt: count }); // prettier-ignore
    committed('remembered', sessionId);
    await ledger.rename(sessionId, name, `${name} ${count}`);
    committed('renamed', sessionId);
    const id = randomUUID();
    await ledger.owe({ id, kind: 'record', issueKey: 'PAY-1', sessionId, fields, createdAt: count, attempts: 0 }); // prettier-ignore
    committed('owed', id);
    // The second of two is never paid.
    if (count % 2 === 1) continue;
    await ledger.paid(id);
    committed('paid', id);
  }
}

void write();
