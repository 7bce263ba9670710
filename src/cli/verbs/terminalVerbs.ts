import { UserError } from '../../model/errors';
import { terminalJson } from '../json';
import { printTerminals } from '../listings';
import { printJson, say } from '../output';
import { runHere } from '../runHere';
import { look } from './taskVerbs';
import type { Verb } from '../verbs';

export const terminals: Verb = {
  usage: '',
  does: 'every terminal on every host',
  positionals: [0, 0],
  async run({ app, json, signal }) {
    const { terminals: found, problems } = await app.terminals.list(signal);
    problems.forEach(say);
    if (json) printJson({ terminals: found.map(terminalJson) });
    else printTerminals(found, Date.now());
  },
};

export const attach: Verb = {
  usage: '[HOST/]NAME [--new]',
  does: 'create a terminal or attach to it; --new fails if it exists',
  positionals: [1, 1],
  options: { new: { type: 'boolean' } },
  async run({ app, positionals, values }) {
    const ref = app.terminals.ref(positionals[0]!);
    if (!process.stdin.isTTY)
      throw new UserError('This is no terminal to attach in.', 'Run attach in a terminal.');
    const { argv, env } = await app.terminals.attach(ref, { mustBeNew: values.new === true });
    return runHere(argv, env);
  },
};

export const send: Verb = {
  usage: '[HOST/]NAME TEXT',
  does: 'type a line into a terminal',
  positionals: [2, 2],
  async run({ app, positionals, signal }) {
    await app.terminals.send(app.terminals.ref(positionals[0]!), positionals[1]!, signal);
  },
};

/** As listings show it, or more of it; a terminal of such a name is reached as HOST/NAME. */
const looksLikeSession = /^[0-9a-f]{8}(?:-[0-9a-f-]{0,27})?$/i;

export const kill: Verb = {
  usage: '[HOST/]NAME or SESSION [--host H]',
  does: 'end a terminal and what runs in it, or the process that holds a session',
  positionals: [1, 1],
  options: { host: { type: 'string' } },
  async run({ app, values, positionals, signal }) {
    const [text = ''] = positionals;
    if (!looksLikeSession.test(text)) return app.terminals.kill(app.terminals.ref(text), signal);
    await look(app, signal, { needsJira: false });
    const { session } = app.sessions.find(text, typeof values.host === 'string' ? values.host : undefined);
    const ended = await app.ending.end(await app.ending.find(session, signal), signal);
    say(ended);
  },
};
