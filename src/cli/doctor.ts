import type { Check } from '../actions/doctor/check';
import { diagnose } from '../actions/doctor/diagnose';
import { explain } from '../actions/doctor/explain';
import type { App } from '../app';
import { plain, printJson, printLine } from './output';
import { look } from './taskVerbs';
import type { Verb } from './verbs';

export const doctor: Verb = {
  usage: '[SESSION or KEY]',
  does: 'check everything and say what to fix; or why a session or task is shown as it is, or not',
  positionals: [0, 1],
  async run({ app, positionals: [about], json, signal }) {
    const checks = about === undefined ? await diagnose(app, signal) : await why(app, about, signal);
    if (json) printJson({ checks });
    else
      for (const check of checks) {
        printLine(plain(`${check.ok ? 'ok' : '--'}  ${check.check}: ${check.detail}`));
        if (!check.ok && check.fix) printLine(plain(`      ${check.fix}`));
      }
    return checks.every((check) => check.ok) ? 0 : 1;
  },
};

async function why(app: App, about: string, signal: AbortSignal): Promise<Check[]> {
  const snapshot = await look(app, signal, { needsJira: false });
  return explain(about, {
    snapshot,
    reports: app.reports.flatMap(({ name }) => app.store.report(name) ?? []),
    ledger: await app.ledger.read(),
    claims: app.store.claims(),
  });
}
