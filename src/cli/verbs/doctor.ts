import type { Check } from '../../actions/doctor/check';
import { diagnose } from '../../actions/doctor/diagnose';
import { explain } from '../../actions/doctor/explain';
import type { App } from '../../app';
import { ledgerFor } from '../../model/binding/ledger';
import { plural } from '../../model/describe';
import { UserError } from '../../model/errors';
import { jiraHost } from '../../sources/jira/connection';
import { printChecks } from '../checks';
import { printJson, say } from '../output';
import { look } from './taskVerbs';
import type { Verb } from '../verbs';

export const doctor: Verb = {
  usage: '[SESSION or KEY] [--rebuild]',
  does: 'check everything and say what to fix; or why a session or task is shown as it is, or not',
  positionals: [0, 1],
  options: { rebuild: { type: 'boolean' } },
  async run({ app, values, positionals: [about], json, signal }) {
    if (values.rebuild) await rebuild(app, signal);
    const checks = about === undefined ? await diagnose(app, signal) : await why(app, about, signal);
    if (json) printJson({ checks });
    else printChecks(checks);
    return checks.every((check) => check.ok) ? 0 : 1;
  },
};

/** Only where the ledger is lost: a whole one knows better than any witness. */
async function rebuild(app: App, signal: AbortSignal): Promise<void> {
  if (!(await app.ledger.condition()).lost)
    throw new UserError('The ledger is whole, or nothing was ever in it.', 'There is nothing to rebuild.');
  await look(app, signal, { needsJira: false });
  const { entries, worktrees, silent } = await app.ledgerRecovery.rebuild(signal);
  say(
    `Rebuilt from terminals, records and git: ${plural(entries.length, 'session')}, ${plural(worktrees.length, 'worktree')}.`,
  );
  if (silent.length > 0) say(`Not asked: ${silent.join(', ')}. Rebuild again when they answer.`);
}

async function why(app: App, about: string, signal: AbortSignal): Promise<Check[]> {
  const snapshot = await look(app, signal, { needsJira: false });
  return explain(about, {
    snapshot,
    reports: app.reports.flatMap(({ name }) => app.store.report(name) ?? []),
    ledger: ledgerFor(await app.ledger.read(), jiraHost(app.account.state.url)),
    claims: app.store.claims(),
  });
}
