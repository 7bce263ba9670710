import { UserError } from '../../../model/errors';
import { isIssueKey, parseSessionId } from '../../../model/names';
import { printJson, printLine, say } from '../../output';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';

export const requestApproval: Verb = {
  usage: '[KEY] [--note TEXT] [--session ID]',
  does: 'from within a session: ask for approval of its documents',
  positionals: [0, 1],
  options: { note: { type: 'string' }, session: { type: 'string' } },
  async run({ app, positionals: [key], values, json, signal }) {
    if (key !== undefined && !isIssueKey(key)) throw new UsageError(`"${key}" is no key of an issue.`);
    const named = typeof values.session === 'string' ? values.session : process.env.CLAUDE_CODE_SESSION_ID;
    const session = parseSessionId(named ?? '');
    if (session === undefined && typeof values.session === 'string')
      throw new UsageError(`"${values.session}" is no session: it takes the whole UUID.`);
    const note = typeof values.note === 'string' ? [`--note=${values.note}`] : [];
    // Not as an argument: a command line that names a session looks like a process that holds it.
    const env = session === undefined ? {} : { CLAUDE_CODE_SESSION_ID: session };
    // The skill's own script, so that both write the very same file.
    const argv = [
      '/bin/sh',
      app.hostSetUp.script,
      ...note,
      ...(json ? ['--json'] : []),
      ...(key === undefined ? [] : [key]),
    ];
    const { code, stdout, stderr } = await app.hosts[0]!.run(argv, { cwd: process.cwd(), env, signal });
    const lines = stderr.split('\n').filter(Boolean);
    // The script says the next step, too.
    if (code !== 0)
      throw lines.length > 0
        ? new UserError(lines.pop()!, '')
        : new UserError('The request was not written.', 'Try it again.');
    lines.forEach(say);
    const text = stdout.toString();
    if (json) printJson({ request: JSON.parse(text) as unknown });
    else printLine(text.trim());
  },
};
