import { chooseRun } from '../../chooseRun';
import { plain, printJson, printLine, say } from '../../output';
import type { App } from '../../../app';
import { ledgerFor } from '../../../model/binding/ledger';
import type { LedgerRun } from '../../../model/run/order';
import { pendingRun } from '../../../model/run/progress';
import type { Run } from '../../../model/run/run';
import { isLiveRun } from '../../../model/run/standing';
import { isCheckFailed } from '../../../model/run/words';
import { jiraHost } from '../../../sources/jira/connection';
import type { Verb, VerbCall } from '../../verbs';
import { settleAfter } from './settle';
import { resume } from '../resume';
import { look } from '../taskVerbs';

export const stop: Verb = {
  usage: 'KEY|RUN [--take-over | --forget]',
  does: 'end a run cleanly, also one that stands at a failed check; --take-over talks on in its session, --forget gives up one that does not work',
  positionals: [1, 1],
  options: { 'take-over': { type: 'boolean' }, forget: { type: 'boolean' } },
  async run(call) {
    const { app, positionals, values, json, signal } = call;
    await look(app, signal, { needsJira: false });
    if (values.forget) return forget(call);
    const run = chooseRun(app, positionals[0]!, isUnderWay, 'works or stands at a failed check');
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
  const isLeft = (run: Run): boolean => run.mine && !isLiveRun(run);
  const run = chooseRun(app, positionals[0]!, isLeft, 'can be forgotten', await allRuns(app));
  for (const note of await app.analyses.discard(run, { forget: true, signal })) say(`${run.key}: ${note}`);
  if (json) printJson({ forgotten: { id: run.id, key: run.key, host: run.host, sessionId: run.sessionId } });
  else printLine(plain(`The run of ${run.key} on ${run.host} is forgotten.`));
}

/** Those too of which only the ledger knows any more: nothing of them is left on their hosts. */
async function allRuns({ store, ledger, account }: App): Promise<Run[]> {
  const seen = store.snapshot.runs ?? [];
  const { runs = [] } = ledgerFor(await ledger.read(), jiraHost(account.state.url));
  const isLost = ({ order, abandoned }: LedgerRun): boolean =>
    !abandoned && !seen.some(({ id }) => id === order.id);
  return [...seen, ...runs.filter(isLost).toReversed().map(pendingRun)];
}

const isUnderWay = (run: Run): boolean =>
  isLiveRun(run) || run.state.kind === 'interrupted' || isCheckFailed(run);
