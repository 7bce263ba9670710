import { intent, stateWords, theirs } from '../../../actions/setUp/hostSetUp';
import { changesIn } from '../../../actions/setUp/difference';
import { isCurrent, type SkillPlan } from '../../../actions/setUp/skill';
import { UserError } from '../../../model/errors';
import { printChecks } from '../../checks';
import { confirmed } from '../../confirm';
import { plain, printJson, printLine, say } from '../../output';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';

export const setUp: Verb = {
  usage: '[--host H] [--dry-run] [--remove] [--yes] [--overwrite]',
  does: 'install the skill that asks for approval, and say what else a host lacks',
  positionals: [0, 0],
  options: {
    host: { type: 'string' },
    'dry-run': { type: 'boolean' },
    remove: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
    overwrite: { type: 'boolean' },
  },
  async run({ app, values, json, signal }) {
    const { hostSetUp } = app;
    const isRemoval = values.remove === true;
    if (isRemoval && values['dry-run'] === true) throw new UsageError('Use --remove without --dry-run.');
    const host = hostSetUp.host(typeof values.host === 'string' ? values.host : 'local');
    const plan = await hostSetUp.plan(host, signal);
    const told = json ? say : printLine;
    for (const line of isRemoval ? removalLines(plan) : planLines(plan)) told(plain(line));
    const asking = { plan, yes: values.yes === true, overwrite: values.overwrite === true, signal };
    if (isRemoval) {
      const done = await hostSetUp.remove(host, plan, { theirs: await agreed(asking, 'Remove'), signal });
      if (json) printJson({ host: host.name, removed: done.map(({ path }) => path) });
      else printLine(done.length > 0 ? 'Removed.' : 'Nothing was installed.');
      return 0;
    }
    const isDry = values['dry-run'] === true;
    const written =
      isDry || isCurrent(plan)
        ? []
        : await hostSetUp.install(host, plan, { theirs: await agreed(asking, 'Write'), signal });
    if (written.length > 0) told(plain(`Written to ${plan.folder}: sessions that start now know it.`));
    const checks = await hostSetUp.checks(host, signal);
    if (json)
      printJson({
        host: host.name,
        folder: plan.folder,
        files: plan.files.map(({ path, state }) => ({
          path,
          state,
          written: written.some((one) => one.path === path),
        })),
        checks,
      });
    else printChecks(checks);
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
};

interface Asking {
  plan: SkillPlan;
  yes: boolean;
  overwrite: boolean;
  signal: AbortSignal;
}

/** Whether files that are not ours may go, too. Throws where the person says no, or cannot be asked. */
async function agreed({ plan, yes, overwrite, signal }: Asking, act: 'Write' | 'Remove'): Promise<boolean> {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes) {
    if (!canAsk)
      throw new UserError('Nothing was changed.', 'Say --yes where there is no terminal to ask in.');
    if (!(await confirmed('', `${act} these files on ${plan.host}?`, signal)))
      throw new UserError('Nothing was changed.', 'Run it again to change your mind.');
  }
  const others = theirs(plan);
  if (others.length === 0 || overwrite) return overwrite;
  const names = others.map(({ path, state }) => `${path} ${stateWords[state]}`).join('; ');
  if (canAsk && !yes)
    return confirmed(`${names}.`, `${act === 'Write' ? 'Overwrite' : 'Remove'} it as well?`, signal);
  if (act === 'Remove') return false;
  throw new UserError(`${names}.`, 'Look at it, then say --overwrite, or move it away.');
}

const removalLines = ({ files }: SkillPlan): string[] =>
  files.flatMap(({ path, state }) => (state === 'absent' ? [] : [`remove ${path} (${stateWords[state]})`]));

function planLines({ files }: SkillPlan): string[] {
  return files.flatMap((file) => [
    `${intent(file)} ${file.path} (${stateWords[file.state]})`,
    ...(file.before !== undefined && file.state !== 'current'
      ? changesIn(file.before, file.after).map((line) => `    ${line}`)
      : []),
  ]);
}
