import { makeSettler, type SettlerOptions } from './settlingBed';

/** A client that settles once, and is killed at its nth call to Jira, a host or the ledger: before it, or after. */
const { at, after, ...options } = JSON.parse(process.argv[2] ?? '{}') as SettlerOptions & {
  at: number;
  after: boolean;
};

let calls = 0;
const die = (): void => void process.kill(process.pid, 'SIGKILL');

void makeSettler({
  ...options,
  through: async (_, work) => {
    const isLast = ++calls === at;
    if (isLast && !after) die();
    const answer = await work();
    if (isLast) die();
    return answer;
  },
}).then(async ({ look, settling }) => {
  await look();
  await settling.settle();
});
