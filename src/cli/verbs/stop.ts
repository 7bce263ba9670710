import { chooseRun } from '../chooseRun';
import { plain, printJson, printLine } from '../output';
import type { Run } from '../../model/run/run';
import { say } from '../confirm';
import type { Verb, VerbCall } from '../verbs';
import { settleAfter } from './settle';
import { resume } from './resume';
import { look } from './taskVerbs';

export const stop: Verb = {
  usage: 'KEY|RUN [--take-over | --forget]',
  does: 'end a run cleanly; --take-over talks on in its session, --forget gives up one that does not work',
  positionals: [1, 1],
  options: { 'take-over': { type: 'boolean' }, forget: { type: 'boolean' } },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    await look(app, signal, { needsJira: false });
    if (values.forget) return forget(call);
    const run = chooseRun(app, positionals[0]!, isUnderWay, 'works');
    await app.stopping.stop(run, signal);
    await settleAfter(app, signal);
    if (values['take-over'])
      return resume.run({ ...call, positionals: [run.sessionId], values: { host: run.host } });
    if (json) printJson({ stopped: { id: run.id, key: run.key, host: run.host, sessionId: run.sessionId } });
    else printLine(plain(`The run of ${run.key} on ${run.host} is stopped. Continue it: task-sessions continue ${run.key}`)); // prettier-ignore
  },
};

/** Gives up a run of ours: a start that was cut off, or one that has come to no end that Jira takes. */
async function forget({ app, positionals, json, signal }: VerbCall): Promise<void> {
  const run = chooseRun(app, positionals[0]!, ({ mine, state }) => mine && !works(state), 'can be forgotten');
  for (const note of await app.analyses.discard(run, { forget: true, signal })) say(`${run.key}: ${note}`);
  if (json) printJson({ forgotten: { id: run.id, key: run.key, host: run.host, sessionId: run.sessionId } });
  else printLine(plain(`The run of ${run.key} on ${run.host} is forgotten.`));
}

const works = ({ kind }: Run['state']): boolean => kind === 'running' || kind === 'queued';

const isUnderWay = ({ state }: Run): boolean =>
  state.kind === 'running' || state.kind === 'queued' || state.kind === 'interrupted';
