import { chooseRun } from '../../chooseRun';
import type { Verb } from '../../verbs';
import { startOptions, tellStarted } from './analyze';
import { settleAfter } from './settle';
import { look } from '../taskVerbs';

export const continueRun: Verb = {
  usage: 'KEY|RUN [--yes] [--existing-branch]',
  does: 'go on with a run that was interrupted, stopped or failed',
  positionals: [1, 1],
  options: { yes: { type: 'boolean' }, 'existing-branch': { type: 'boolean' } },
  async run(call) {
    const { app, positionals, json, signal } = call;
    await look(app, signal, { needsJira: false });
    const run = chooseRun(app, positionals[0]!, ({ state }) => state.kind !== 'complete', 'can be continued');
    const started = await app.analyses.continue(run, startOptions(call)(run));
    await tellStarted(app, [started], { json }, signal);
    await settleAfter(app, signal);
  },
};
