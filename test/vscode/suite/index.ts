// Runs in the extension host of a real VS Code: the entry that `extensionTestsPath` names.
import { readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import Mocha from 'mocha';
import type { SuiteResult, TestResult } from './result';

/** The bundle lies in `dist/test`, the tests in `test/vscode/suite`. */
const tests = resolve(__dirname, '../../test/vscode/suite');

/** Runs every `*.test.ts` beside this file; rejects when one fails. Results go to `$TASK_SESSIONS_TEST_RESULTS`. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 20_000, forbidOnly: true, forbidPending: true });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const file of readdirSync(tests).filter((name) => name.endsWith('.test.ts'))) {
    const name = file.slice(0, -'.test.ts'.length);
    // esbuild turns this pattern into a table of the files it bundled.
    await import(`./${name}.test.ts`);
  }
  const results: TestResult[] = [];
  const failures = await new Promise<number>((done) => {
    const runner = mocha.run(done);
    runner.on('pass', (test) => results.push({ title: test.titlePath(), durationMs: test.duration ?? 0 }));
    runner.on('fail', (test, error: Error) =>
      results.push({
        title: test.titlePath(),
        durationMs: test.duration ?? 0,
        failure: error.stack ?? String(error),
      }),
    );
  });
  await report({ results });
  if (failures > 0) throw new Error(`${failures} failing`);
}

async function report(result: SuiteResult): Promise<void> {
  const file = process.env['TASK_SESSIONS_TEST_RESULTS'];
  if (!file) return;
  await writeFile(`${file}.new`, JSON.stringify(result));
  await rename(`${file}.new`, file);
}
