// npm test: `test/run.ts [prepare | check | build | unit | integration | vscode ...]`, all stages when none is named.
// Then a few spec files that fail are tried once more, alone, and told as flaky: a busy machine must not hide whether the
// rest is green. A stage that is named is run once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { scratchFolder } from './bed/bed';
import { integrationNeeds, prepare, vscodeNeeds } from './bed/prepare';
import type { Wanted } from './bed/prepare';
import { output } from './bed/command';
import { kill } from './bed/kill';

interface Stage {
  name: string;
  argv: readonly string[];
  /** How long it may take before it counts as hanging. */
  minutes: number;
  /** It has to run tests: none passed is a failure too. */
  tests: boolean;
  needs?: Wanted;
  /** Reads `dist/`. */
  built?: true;
  /** Without its spec files, for those that are tried again. */
  again?: readonly string[];
  /** Kept away from the developer's own home. A window cannot be: its display's cookie lies there. */
  ownHome?: true;
}

interface Outcome {
  name: string;
  seconds: number;
  code: number;
  passed: number;
  failed: number;
  /** Spec files with failures; undefined where something else failed, too. */
  files?: readonly string[];
  /** Spec files that passed at the second try only. */
  flaky?: readonly string[];
}

const checkout = resolve(__dirname, '..');
/** Tests run on the development dependency `node`; `dist/cli.js` on the one that npm itself runs on, as a user's would. */
const productNode = process.env['npm_node_execpath'] ?? process.execPath;
const mocha = [
  'mocha',
  '--no-config',
  '--import=tsx',
  '--forbid-only',
  '--forbid-pending',
  '--reporter=test/bed/failedFiles.ts',
  // Only a test that hangs takes so long, whatever else the machine does.
  '--timeout=180000',
];
/** More than these fail for a reason. */
const fewFiles = 3;
const build: Stage = { name: 'build', argv: ['npm', 'run', '--silent', 'build'], minutes: 5, tests: false };
const stages: readonly Stage[] = [
  { name: 'check', argv: ['npm', 'run', '--silent', 'check'], minutes: 5, tests: false },
  build,
  {
    name: 'unit',
    argv: [...mocha, '--parallel', '--jobs=2', 'test/unit/**/*.test.ts'],
    minutes: 10,
    tests: true,
    needs: { apt: ['git', 'busybox', 'fish', 'tcsh', 'tmux', 'zsh'] },
    ownHome: true,
  },
  {
    name: 'integration',
    // Most of them wait for processes: three at a time take about half as long on two cores.
    argv: [...mocha, '--parallel', '--jobs=3', 'test/integration/**/*.test.ts'],
    again: mocha,
    minutes: 20,
    tests: true,
    needs: integrationNeeds,
    built: true,
    ownHome: true,
  },
  {
    name: 'vscode',
    argv: ['node', '--import=tsx', 'test/vscode/run.ts'],
    again: ['node', '--import=tsx', 'test/vscode/run.ts'],
    minutes: 20,
    tests: true,
    needs: vscodeNeeds,
    built: true,
  },
];

/** What the command line names, with the build before what reads it. */
function chosenStages(names: readonly string[]): readonly Stage[] {
  const known = ['prepare', ...stages.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no stage ${unknown}. Stages: ${known.join(', ')}.`);
  if (names.length === 0) return stages;
  const chosen = stages.filter(({ name }) => names.includes(name));
  return stages.filter(
    (stage) => chosen.includes(stage) || (stage === build && chosen.some(({ built }) => built)),
  );
}

/** `prepare` alone fetches everything; otherwise what the chosen stages need. */
function needsOf(chosen: readonly Stage[]): Wanted {
  const needs = (chosen.length > 0 ? chosen : stages).map((stage) => stage.needs ?? {});
  return {
    apt: needs.flatMap(({ apt = [] }) => apt),
    claude: needs.some(({ claude }) => claude),
    codeServer: needs.some(({ codeServer }) => codeServer),
  };
}

/** Nobody's Claude, Jira or git configuration reaches a test. `folder` becomes the place for temporary files. */
function environment(stage: Stage, folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([key]) =>
      !/^(ANTHROPIC_|CLAUDE|TASK_SESSIONS_(?!TEST_)|GIT_|TMUX|SSH_AUTH_SOCK|FORCE_COLOR|NO_COLOR)/.test(key),
  );
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    PATH: [join(checkout, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    TMPDIR: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    TASK_SESSIONS_TEST_NODE: productNode,
  };
  if (stage.ownHome) {
    env['XDG_CACHE_HOME'] ??= join(homedir(), '.cache');
    env['HOME'] = join(folder, 'home');
  }
  return env;
}

/** Runs a stage in a process group of its own; what it leaves running is ended with it. */
async function runStage(stage: Stage, ended: AbortSignal): Promise<Outcome> {
  const startedAt = Date.now();
  const scratch = await scratchFolder('run');
  await mkdir(join(scratch.path, 'home'));
  // Tests of other accounts have to reach their own folders in it; each of those has a mode of its own.
  await chmod(scratch.path, 0o711);
  const failures = join(scratch.path, 'failures');
  const [file = '', ...args] = stage.argv;
  const child = spawn(file, args, {
    cwd: checkout,
    env: { ...environment(stage, scratch.path), TASK_SESSIONS_TEST_FAILED: failures },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const group = -(child.pid ?? NaN);
  const endGroup = (): void => kill(group);
  const late = AbortSignal.timeout(stage.minutes * 60_000);
  late.addEventListener('abort', endGroup);
  ended.addEventListener('abort', endGroup);

  let passed = 0;
  let failed = 0;
  child.stdout.pipe(process.stdout, { end: false });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The closing lines of mocha's spec reporter.
    const [, count, what] = /^ {2}(\d+) (passing|failing)\b/.exec(stripVTControlCharacters(line)) ?? [];
    if (what === 'passing') passed += Number(count);
    if (what === 'failing') failed += Number(count);
  });
  const closed = once(child, 'close');
  const [status] = (await once(child, 'exit')) as [number | null];
  endGroup();
  await closed;
  ended.removeEventListener('abort', endGroup);
  late.removeEventListener('abort', endGroup);
  const named = (await readFile(failures, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  await scratch.dispose();

  let code = status ?? 1;
  if (late.aborted) console.log(`\n${stage.name}: not done after ${stage.minutes} minutes`);
  if (code === 0 && stage.tests && passed === 0) {
    console.log(`\n${stage.name}: ran no tests`);
    code = 1;
  }
  const isTold = failed > 0 && named.length === failed && named.every(Boolean) && !late.aborted;
  // A stage that fails without a failing test counts as one failure: nobody may read "0 failed" then.
  if (code !== 0 && failed === 0) failed = 1;
  return {
    name: stage.name,
    seconds: (Date.now() - startedAt) / 1000,
    code,
    passed,
    failed,
    ...(isTold && { files: [...new Set(named)] }),
  };
}

/** The few spec files that failed once more, alone. The outcome is of both tries together. */
async function tryAgain(stage: Stage, first: Outcome, ended: AbortSignal): Promise<Outcome> {
  const { files = [] } = first;
  if (!stage.again || files.length === 0 || files.length > fewFiles || ended.aborted) return first;
  const names = files.map((file) => relative(checkout, file));
  console.log(`\n${stage.name}: again, alone: ${names.join(', ')}`);
  const second = await runStage({ ...stage, argv: [...stage.again, ...names] }, ended);
  const seconds = first.seconds + second.seconds;
  if (second.code !== 0) return { ...first, seconds };
  return { ...second, seconds, passed: first.passed + first.failed, flaky: names };
}

async function runPrepare(chosen: readonly Stage[], ended: AbortSignal): Promise<Outcome> {
  const startedAt = Date.now();
  let code = 0;
  try {
    await prepare(needsOf(chosen), ended);
    const version = (await output([productNode, '--version'])).trim();
    console.log(`Tests run on node ${process.version}, dist/cli.js on ${version} (${productNode}).`);
  } catch (error) {
    console.error(`prepare: ${error instanceof Error ? error.message : error}`);
    code = 1;
  }
  return { name: 'prepare', seconds: (Date.now() - startedAt) / 1000, code, passed: 0, failed: code };
}

async function main(names: readonly string[]): Promise<number> {
  const chosen = chosenStages(names);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

  const outcomes: Outcome[] = [];
  const note = (outcome: Outcome): boolean => {
    outcomes.push(outcome);
    console.log(
      `\n${outcome.name}: ${outcome.code === 0 ? 'ok' : 'FAILED'} in ${outcome.seconds.toFixed(1)} s`,
    );
    return outcome.code === 0 && !ending.signal.aborted;
  };
  let going = note(await runPrepare(chosen, ending.signal));
  for (const stage of chosen) {
    if (!going) break;
    console.log(`\n--- ${stage.name}`);
    const first = await runStage(stage, ending.signal);
    going = note(names.length > 0 || first.code === 0 ? first : await tryAgain(stage, first, ending.signal));
  }
  const notRun = chosen.slice(outcomes.length - 1).map(({ name }) => name);
  if (notRun.length > 0) console.log(`\nNot run: ${notRun.join(', ')}.`);
  const flaky = outcomes.flatMap((outcome) => outcome.flaky ?? []);
  if (flaky.length > 0) console.log(`\nFlaky, passed at the second try: ${flaky.join(', ')}.`);
  const sum = (count: 'passed' | 'failed'): number =>
    outcomes.reduce((total, outcome) => total + outcome[count], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  return ending.signal.aborted ? 130 : (outcomes.find(({ code }) => code !== 0)?.code ?? 0);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
