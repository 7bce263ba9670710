// Everything that needs a real VS Code: the suite in its extension host, then the windows that are clicked in. With spec
// files as arguments, only those windows.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import Mocha from 'mocha';
import { scratchFolder } from '../bed/bed';
import FailedFiles from '../bed/failedFiles';
import { closeBrowser } from './chromium';
import { checkout, startHost } from './host';
import type { SuiteResult } from './suite/result';

const bundle = join(checkout, 'dist/test/index.js');
const windows = resolve(__dirname, 'ui');

/** Runs the suite in the extension host and prints it as mocha would; answers how many tests failed. */
async function runSuite(): Promise<number> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: npm run build`);
  const scratch = await scratchFolder('suite');
  const file = join(scratch.path, 'results.json');
  const host = await startHost({
    workspace: scratch.path,
    extensionDevelopmentPath: checkout,
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
    return result.results.filter(({ failure }) => failure !== undefined).length;
  } finally {
    await host.dispose();
    await scratch.dispose();
  }
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

async function runWindows(files: readonly string[]): Promise<number> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, forbidOnly: true, forbidPending: true, reporter: FailedFiles }); // prettier-ignore
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((done) => void mocha.run(done));
}

async function main(named: readonly string[]): Promise<void> {
  let failures = 0;
  try {
    if (named.length === 0) failures += await runSuite();
    const all = (await readdir(windows)).filter((name) => name.endsWith('.test.ts')).sort();
    failures += await runWindows(named.length > 0 ? named : all.map((name) => join(windows, name)));
  } finally {
    await closeBrowser();
  }
  process.exitCode = failures > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
