import { Ledger } from '../../../src/state/ledger';

/** A process that writes to a ledger until it is killed, and prints each key once it is committed. */
const [directory = '', name = ''] = process.argv.slice(2);
const ledger = new Ledger(directory);

async function write(): Promise<never> {
  for (let count = 0; ; count++) {
    const sessionId = `${name}-${count}`;
    await ledger.remember({ sessionId, host: name, evidence: 'started', flags: [], kind: 'other', createdAt: count }); // prettier-ignore
    process.stdout.write(`${sessionId}\n`);
  }
}

void write();
