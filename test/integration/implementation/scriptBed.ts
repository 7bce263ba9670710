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

/** Keeps a transcript, writes the files that a prompt lists, and answers; files in `~/knobs` make it do otherwise. */
const fakeProgram = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --session-id) how=begin id=$2 ;; --resume) how=resume id=$2 ;; esac
  shift
done
knobs=$HOME/knobs projects=$HOME/.claude/projects/fake
prompt=$(cat)
key=$(printf '%s\\n' "$prompt" | sed -n 's/^[A-Z].* \\(IMP-[0-9]*\\)[:.].*/\\1/p' | head -n 1)
mkdir -p "$projects" "$HOME/asked/$key"
printf '%s\\n' "$prompt" >"$HOME/asked/$key/$(($(ls "$HOME/asked/$key" | wc -l) + 1))"
answer() { printf '{"type":"result","is_error":%s,"terminal_reason":"%s","result":"%s","session_id":"%s"}\\n' "$1" "$2" "$3" "$4"; }
has() { [ -e "$knobs/$key.$1" ]; }
if [ $how = resume ] && { [ ! -e "$projects/$id.jsonl" ] || has forgets; }; then
  rm -f "$knobs/$key.forgets"
  echo "No conversation found with session ID: $id" >&2
  answer true error_during_execution '' "$id"
  exit 1
fi
if [ $how = begin ] && [ -e "$projects/$id.jsonl" ]; then echo "Error: Session ID $id is already in use." >&2; exit 1; fi
if has full; then rm "$knobs/$key.full"; answer true prompt_too_long 'Prompt is too long' "$id"; exit 1; fi
printf '{"type":"user"}\\n' >>"$projects/$id.jsonl"
if has away; then answer true api_error 'API Error: 529 Overloaded.' "$id"; exit 1; fi
! has slow || sleep "$(cat "$knobs/$key.slow")"
has idle || printf '%s\\n' "$prompt" | sed -n 's#^- /#/#p' | while IFS= read -r file; do
  mkdir -p "\${file%/*}"; date >>"$file"
done
printf '{"type":"assistant"}\\n' >>"$projects/$id.jsonl"
if has other; then id=00000000-0000-4000-8000-000000000000; fi
answer false completed Done. "$id"
`;

async function fakeClaude(home: string): Promise<string> {
  const path = join(home, 'fake-claude');
  await mkdir(join(home, 'knobs'), { recursive: true });
  if (!existsSync(path)) await writeFile(path, fakeProgram, { mode: 0o755 });
  return path;
}

/** Has the fake do something else for this run: \`slow\` (seconds), \`full\`, \`forgets\` (once each), \`other\`, \`idle\`, \`away\`. */
export const setKnob = ({ account }: RunBed, { order }: PlacedRun, knob: string, value = ''): Promise<void> =>
  writeFile(join(account.home, 'knobs', `${order.key}.${knob}`), value);
