import { diagnose } from '../actions/doctor/diagnose';
import { plain, printJson, printLine } from './output';
import type { Verb } from './verbs';

export const doctor: Verb = {
  usage: '',
  does: 'check Jira, git, hosts, claude and tmux, and say what to fix',
  positionals: [0, 0],
  async run({ app, json, signal }) {
    const checks = await diagnose(app, signal);
    if (json) printJson({ checks });
    else
      for (const check of checks) {
        printLine(plain(`${check.ok ? 'ok' : '--'}  ${check.check}: ${check.detail}`));
        if (!check.ok && check.fix) printLine(plain(`      ${check.fix}`));
      }
    return checks.every((check) => check.ok) ? 0 : 1;
  },
};
