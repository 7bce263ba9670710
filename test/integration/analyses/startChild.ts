import { readFileSync } from 'node:fs';
import { UserError } from '../../../src/model/errors';
import { openUnseeing, type Person } from './startApp';

/** A program that starts the analysis of a task, or goes on with it, and prints its progress; it is killed meanwhile. */
interface Work {
  person: Person;
  key: string;
  host?: string;
}

const work = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Work;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

void openUnseeing(work.person)
  .then(async (app) => {
    try {
      const { run } = await app.analyses.start(
        { key: work.key },
        {
          ...(work.host !== undefined && { host: work.host }),
          onProgress: tell,
          // Where an earlier one was interrupted, it is gone on with.
          ask: ({ kind }) => Promise.resolve(kind === 'ownRun'),
        },
      );
      tell({ run: run.order.id, reached: run.reached });
    } finally {
      app.dispose();
    }
  })
  .catch((error: unknown) => {
    tell({ error: error instanceof UserError ? error.line : String((error as Error).stack) });
    process.exitCode = 1;
  });
