import { chooseRun } from '../chooseRun';
import { plain, printJson, printLine } from '../output';
import type { Run } from '../../model/run/run';
import type { Verb } from '../verbs';
import { resume } from './resume';
import { look } from './taskVerbs';

export const stop: Verb = {
  usage: 'KEY|RUN [--take-over]',
  does: 'end a run cleanly; with --take-over, talk on in its session',
  positionals: [1, 1],
  options: { 'take-over': { type: 'boolean' } },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    await look(app, signal, { needsJira: false });
    const run = chooseRun(app, positionals[0]!, isUnderWay, 'works');
    await app.stopping.stop(run, signal);
    if (values['take-over'])
      return resume.run({ ...call, positionals: [run.sessionId], values: { host: run.host } });
    if (json) printJson({ stopped: { id: run.id, key: run.key, host: run.host, sessionId: run.sessionId } });
    else printLine(plain(`The run of ${run.key} on ${run.host} is stopped. Continue it: task-sessions continue ${run.key}`)); // prettier-ignore
  },
};

const isUnderWay = ({ state }: Run): boolean =>
  state.kind === 'running' || state.kind === 'queued' || state.kind === 'interrupted';
