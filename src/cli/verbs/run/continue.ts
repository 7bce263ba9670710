import { failedCheck, type Answer } from '../../../actions/run/start/implementation/answer';
import { chooseRun } from '../../chooseRun';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';
import { look } from '../taskVerbs';
import { settleAfter } from './settle';
import { startOptions, tellStarted } from './start';

export const continueRun: Verb = {
  usage: 'KEY|RUN [--fix | --skip] [--yes] [--existing-branch]',
  does: 'go on with a run that was interrupted, stopped or failed; where a check failed: again, --fix has Claude mend it, --skip passes it over',
  positionals: [1, 1],
  options: {
    fix: { type: 'boolean' },
    skip: { type: 'boolean' },
    yes: { type: 'boolean' },
    'existing-branch': { type: 'boolean' },
  },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    if (values.fix && values.skip) throw new UsageError('Give --fix or --skip, not both.');
    const answer: Answer | undefined = values.fix ? 'fix' : values.skip ? 'skip' : undefined;
    await look(app, signal, { needsJira: false });
    const run = answer
      ? chooseRun(
          app,
          positionals[0]!,
          ({ state }) => failedCheck(state) !== undefined,
          'stands at a failed check',
        )
      : chooseRun(app, positionals[0]!, ({ state }) => state.kind !== 'complete', 'can be continued');
    const started = await app.implementations.continue(run, { ...startOptions(call)(run), answer });
    await tellStarted(app, [started], { json }, signal);
    await settleAfter(app, signal);
  },
};
