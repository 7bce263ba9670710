import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolder } from '../../../src/model/run/folder';
import type { RunOrder } from '../../../src/model/run/order';
import { settingsSchema } from '../../../src/model/settings';
import { launchRunner } from '../../../src/runs/launch';
import { placeRun } from '../../../src/runs/place';
import { approvedDirectory, turnArgv } from '../../../src/runs/turn';
import { fakeClaude } from '../../bed/fakeClaude';
import { placedRun, type PlacedRun, type RunBed } from '../runs/runBed';

export interface PlanOptions {
  /** How many steps, or their titles. */
  steps?: number | readonly string[];
  checks?: readonly string[];
  spares?: number;
  checkSeconds?: number;
  /** Puts the program of `fakeClaude` in Claude's place: where only the script is looked at. */
  fake?: boolean;
  /** What the prompts of steps and fixes begin with besides. */
  prompt?: string;
}

/** An implementation whose folder is written; each step is to write `src/step-N.txt`, each fix `fixed-N.txt`. */
export interface PlacedPlan extends PlacedRun {
  start(): Promise<void>;
  /** Of the commits since the base, oldest first. */
  subjects(): Promise<string[]>;
  /** The prompts that the fake was given, oldest first. */
  asked(): Promise<string[]>;
}

/** Makes branch and worktree, and writes the run's folder. */
export async function placePlan(parts: RunBed, options: PlanOptions = {}): Promise<PlacedPlan> {
  const { host, account, repository, terminals } = parts;
  const { steps = 2, checks = [], spares = 2, fake = false, prompt = '' } = options;
  const titles =
    typeof steps === 'number' ? Array.from({ length: steps }, (_, at) => `Part ${at + 1}`) : steps;
  const id = randomUUID();
  const key = `IMP-${parseInt(id.slice(0, 6), 16)}`;
  const branch = `task/${key}-analysis`;
  const directory = join(repository.clone, '..', 'trees', key);
  await repository.git(['worktree', 'add', '--quiet', '-b', branch, directory, 'main']);
  const commit = await repository.git(['rev-parse', 'HEAD'], directory);
  const order: RunOrder = {
    schema: 1,
    id,
    kind: 'implementation',
    key,
    startedBy: { id: '1', name: 'Dana' },
    host: host.name,
    sessionId: randomUUID(),
    repository: repository.clone,
    directory,
    branch,
    base: { branch: 'main', commit },
    remote: 'origin',
    docs: { directory: `docs/tasks/${key}`, names: ['plan.md'] },
    flags: [],
    implementation: {
      commit,
      approvedBy: 'Ada',
      approvedAt: Date.now(),
      documents: [{ path: `docs/tasks/${key}/plan.md`, blob: commit }],
      steps: titles.map((title) => ({ title })),
      checks: [...checks],
      spares: Array.from({ length: spares }, () => randomUUID()),
    },
    createdAt: Date.now(),
  };
  const runDirectory = runFolder(account.home, id);
  const ask = (what: string, file: string): string =>
    `${what} ${key}: \`$(touch hacked)\`\n${prompt}\nFiles to write:\n- ${directory}/${file}\n`;
  const turn = turnArgv({
    kind: 'implement',
    order,
    claude: settingsSchema.parse({}).claude,
    runDirectory,
    claudePath: fake ? await fakeClaude(account.home) : 'claude',
  });
  const folder = await placeRun(host, order, {
    prompts: {
      ...Object.fromEntries(
        titles.map((_, at) => [`step-${at + 1}`, ask(`Build ${at + 1} of`, `src/step-${at + 1}.txt`)]),
      ),
      fix: ask('Mend', 'fixed.txt'),
      continuation: `Continue ${key}.\n`,
    },
    turns: { implement: turn },
    perHost: 10,
  });
  await mkdir(approvedDirectory(folder), { recursive: true });
  await writeFile(join(approvedDirectory(folder), 'plan.md'), '# The approved plan\n');
  if (options.checkSeconds !== undefined) {
    const script = join(folder, 'run.sh');
    const text = await readFile(script, 'utf8');
    await writeFile(script, text.replace(/^checkSeconds=.*$/m, `checkSeconds=${options.checkSeconds}`));
  }
  const prompts = join(account.home, 'asked', key);
  return {
    ...placedRun(order, folder, repository),
    start: async () => void (await launchRunner(host, terminals, order)),
    subjects: async () => {
      const log = await repository.git(['log', '--reverse', '--format=%s', `${commit}..${branch}`]);
      return log.split('\n').filter(Boolean);
    },
    asked: async () => {
      const names = existsSync(prompts) ? (await readdir(prompts)).sort((a, b) => Number(a) - Number(b)) : [];
      return Promise.all(names.map((name) => readFile(join(prompts, name), 'utf8')));
    },
  };
}

/** Has the fake do something else for this run: \`slow\` (seconds), \`full\`, \`forgets\` (once each), \`other\`, \`idle\`, \`away\`. */
export const setKnob = ({ account }: RunBed, { order }: PlacedRun, knob: string, value = ''): Promise<void> =>
  writeFile(join(account.home, 'knobs', `${order.key}.${knob}`), value);
