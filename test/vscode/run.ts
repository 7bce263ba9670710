// Everything that needs a real VS Code: the suite in its extension host, then the windows that are clicked in. With spec
// files as arguments, only those windows.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { scratchFolder } from '../bed/bed';
import { closeBrowser } from './chromium';
import { checkout, startHost, type Host } from './host';
import { testMs } from './parts/patience';
import { endOnExit } from './processes';
import type { SuiteResult } from './suite/result';

const bundle = join(checkout, 'dist/test/index.js');
const windows = resolve(__dirname, 'ui');
const reporter = resolve(__dirname, '../bed/failedFiles.ts');

/** Runs the suite in the extension host and prints it as mocha would. */
async function runSuite(): Promise<{ passed: boolean; kind: Host['kind'] }> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: npm run build`);
  const scratch = await scratchFolder('suite');
  const file = join(scratch.path, 'results.json');
  const host = await startHost({
    workspace: scratch.path,
    extensionDevelopmentPath: await asleep(scratch.path),
    builtIn: 'all',
    env: { TASK_SESSIONS_TEST_RESULTS: file },
  });
  try {
    // It also rejects when a test fails; the results say which.
    const ended = await host.runTests(bundle).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!existsSync(file)) throw ended ?? new Error('The suite left no results.');
    const result = JSON.parse(await readFile(file, 'utf8')) as SuiteResult;
    print(result, host.kind);
    return { passed: result.results.every(({ failure }) => failure === undefined), kind: host.kind };
  } finally {
    await host.dispose();
    await scratch.dispose();
  }
}

/** The extension as it is, but for what wakes it: the suite looks at its activation. Answers its folder. */
async function asleep(scratch: string): Promise<string> {
  const folder = join(scratch, 'extension');
  await mkdir(folder);
  const manifest = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as object;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, activationEvents: [] }));
  for (const name of ['dist', 'media', 'node_modules'])
    await symlink(join(checkout, name), join(folder, name));
  return folder;
}

function print({ results }: SuiteResult, kind: string): void {
  const failed = results.filter(({ failure }) => failure !== undefined);
  console.log(`\n  In the extension host (${kind})`);
  for (const { title, durationMs, failure } of results)
    console.log(`    ${failure === undefined ? '✔' : '✘'} ${title.join(' ')} (${durationMs}ms)`);
  console.log(`\n  ${results.length - failed.length} passing`);
  if (failed.length > 0) console.log(`  ${failed.length} failing`);
  for (const { title, failure } of failed) console.log(`\n  ${title.join(' ')}:\n${failure}`);
}

/** Runs the spec files, so many at a time, and prints them as mocha does; answers false when a test failed. */
async function runWindows(files: readonly string[], lanes: number): Promise<boolean> {
  const mocha = resolve(checkout, 'node_modules/mocha/bin/mocha.js');
  const parallel = lanes > 1 ? ['--parallel', `--jobs=${lanes}`] : [];
  const options = [`--timeout=${testMs}`, '--forbid-only', '--forbid-pending', `--reporter=${reporter}`];
  const argv = [mocha, '--no-config', '--import=tsx', ...options, ...parallel, ...files];
  const child = spawn(process.execPath, argv, { stdio: 'inherit' });
  const stay = endOnExit(() => child.kill());
  const [code] = (await once(child, 'exit')) as [number | null];
  stay();
  return code === 0;
}

/** The longest first, so that no lane ends long after the other. */
async function allWindows(): Promise<string[]> {
  const names = (await readdir(windows)).filter((name) => name.endsWith('.test.ts'));
  const rank = (name: string): number => longest.indexOf(name.split('.')[0]!) + 1 || longest.length + 1;
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).map((name) => join(windows, name));
}

const longest = ['sessions', 'resume', 'runs', 'offline', 'implementation', 'deepLinks', 'tree', 'harness', 'documents', 'approve', 'review', 'checkout', 'adjust', 'conversation']; // prettier-ignore

async function main(named: readonly string[]): Promise<void> {
  if (named.length > 0) {
    process.exitCode = (await runWindows(named, 1)) ? 0 : 1;
    return;
  }
  const suite = await runSuite();
  await closeBrowser();
  // A window mostly waits. Each lane has a browser of its own, with focus and clipboard; a desktop has one of them.
  const passed = await runWindows(await allWindows(), suite.kind === 'server' ? 2 : 1);
  process.exitCode = suite.passed && passed ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
