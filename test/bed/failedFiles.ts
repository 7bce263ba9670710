import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Mocha's spec reporter, which also notes the file of each failure, one per line, in `$TASK_SESSIONS_TEST_FAILED`. */
class FailedFiles extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const list = process.env['TASK_SESSIONS_TEST_FAILED'];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, ({ file }) => {
      if (list !== undefined) appendFileSync(list, `${file ?? ''}\n`);
    });
  }
}

// Mocha loads a reporter so.
// oxlint-disable-next-line import/no-default-export
export default FailedFiles;
