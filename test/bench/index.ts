// npm run bench                        every scenario on 10,000 transcripts; takes some minutes and 3.5 GB of disk
// npm run bench -- --count 1000 --only cold,warm --rounds 3
import { existsSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bed } from '../bed/bed';
import { writeCorpus } from '../bed/corpus';
import { agentSdkName, prepare } from '../bed/prepare';
import { makeTrack } from './run';
import { cold } from './scenarios/cold';
import { overSsh } from './scenarios/overSsh';
import type { Ground, Scenario } from './scenarios/scenario';
import { warm } from './scenarios/warm';
import { window } from './scenarios/window';
import { markdownTable } from './table';
import type { Row } from './table';

const scenarios: Record<string, Scenario> = { cold, warm, overSsh, window };
const usage = `Usage: npm run bench -- [--count N] [--only ${Object.keys(scenarios).join(',')}] [--rounds N] [--times N] [--seed N] [--corpus DIRECTORY] [--json]
  --corpus  transcripts of an earlier run; made there if there are none, and kept
`;
/** The targets are for so many transcripts: with few, starting a process is all that is measured. */
const aimedAt = 10_000;
const withoutTarget = ({ what, unit, ours, peer }: Row): Row => ({ what, unit, ours, ...(peer && { peer }) });

const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

function readOptions() {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    options: {
      count: text('10000'),
      only: text(Object.keys(scenarios).join(',')),
      rounds: text('5'),
      times: text('5'),
      seed: text('1'),
      corpus: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [count, rounds, times, seed] = [values.count, values.rounds, values.times, values.seed].map(Number);
  const chosen = values.only.split(',').map((name) => [name, scenarios[name]] as const);
  if (![count, rounds, times, seed].every((number) => Number.isInteger(number) && number! > 0))
    throw new Error(usage);
  if (chosen.some(([, scenario]) => !scenario)) throw new Error(usage);
  return {
    ...values,
    count: count!,
    rounds: rounds!,
    times: times!,
    seed: seed!,
    chosen: chosen as [string, Scenario][],
  };
}

async function main(): Promise<void> {
  const { count, rounds, times, seed, corpus, json, chosen } = readOptions();
  if (process.platform !== 'linux')
    throw new Error('The floors are GNU tools and /proc: benchmarks run on Linux.');
  await prepare({ apt: ['openssh-server', 'openssh-client', 'tmux'], agentSdk: true });
  const bed = new Bed();
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= bed.dispose());
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => void end().finally(() => process.exit(code)));
  try {
    const configDir = corpus ?? (await bed.folder('corpus'));
    if (!existsSync(join(configDir, 'projects'))) {
      say(`writing ${count} transcripts`);
      const { bytes, folders } = writeCorpus(configDir, { count, seed });
      say(`${(bytes / 1e9).toFixed(2)} GB in ${folders} folders`);
    }
    const ground: Ground = {
      bed,
      configDir,
      count,
      seed,
      rounds,
      times,
      say,
      track: await makeTrack(await bed.folder('bench')),
    };
    const rows: Row[] = [];
    for (const [name, scenario] of chosen) {
      say(name);
      rows.push(...(await scenario(ground)).map((row) => (count < aimedAt ? withoutTarget(row) : row)));
    }
    const about = {
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}`,
      node: process.version,
      sdk: agentSdkName,
      count,
      seed,
      rounds,
      times,
    };
    const facts = Object.entries(about).map(([name, value]) => `${name} ${value}`);
    process.stdout.write(
      json
        ? `${JSON.stringify({ schema: 1, ...about, rows })}\n`
        : `${markdownTable(rows)}\n${facts.join('; ')}\n`,
    );
  } finally {
    await end();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
