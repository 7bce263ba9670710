import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { look } from './taskVerbs';
import { UsageError } from '../usage';
import type { Verb } from '../verbs';

export const transcript: Verb = {
  usage: 'SESSION [--host H] [--last N]',
  does: 'the conversation as Markdown',
  positionals: [1, 1],
  options: { host: { type: 'string' }, last: { type: 'string' } },
  async run({ app, positionals, values, json, signal }) {
    if (json) throw new UsageError('A transcript is Markdown: leave --json out.');
    const turns = typeof values.last === 'string' ? Number(values.last) : undefined;
    if (turns !== undefined && !(Number.isSafeInteger(turns) && turns > 0))
      throw new UsageError('--last takes a number of turns, for instance --last 3.');
    const host = typeof values.host === 'string' ? app.terminals.host(values.host).name : undefined;
    await look(app, signal, { needsJira: false });
    const { session } = app.sessions.find(positionals[0]!, host);
    const source = await app.conversations.find(session.host, session.id, signal);
    const text =
      turns === undefined
        ? app.conversations.stream(source, signal)
        : [await app.conversations.last(source, turns, signal)];
    try {
      await pipeline(Readable.from(text), process.stdout, { signal, end: false });
    } catch (error) {
      // Whoever reads has read enough (`| head`).
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    }
  },
};
