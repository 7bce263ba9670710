import type { App } from '../../app';
import { byRank, candidatesBySession, filterSessions, placeOf } from '../../model/session/listing';
import { hostJson, sessionJson } from '../json';
import { printSessions } from '../listings';
import { printJson, say } from '../output';
import { look } from './taskVerbs';
import type { Verb } from '../verbs';

export const sessions: Verb = {
  usage: '[--host H] [--unlinked] [--search WORDS]',
  does: 'every session on every host, living ones first',
  positionals: [0, 0],
  options: { host: { type: 'string' }, unlinked: { type: 'boolean' }, search: { type: 'string' } },
  async run({ app, values, json, signal }) {
    const { host, unlinked, search } = values;
    const snapshot = await look(app, signal, { needsJira: false });
    const only = typeof host === 'string' ? hostName(app, host) : undefined;
    const filter = { words: typeof search === 'string' ? search : '', unlinkedOnly: unlinked === true };
    const listed = filterSessions(snapshot.sessions, filter)
      .filter((session) => only === undefined || session.host === only)
      .toSorted(byRank);
    const hosts = snapshot.hosts.filter(({ name }) => only === undefined || name === only);
    const candidates = candidatesBySession(snapshot.tasks);
    if (json)
      printJson({
        sessions: listed.map((session) => ({
          ...sessionJson(session),
          ...(session.key === undefined && {
            candidates: (candidates.get(placeOf(session)) ?? []).map(({ key, reason, score }) => ({
              key,
              reason,
              score,
            })),
          }),
        })),
        hosts: hosts.map(hostJson),
      });
    else if (listed.length === 0)
      say(filter.words || filter.unlinkedOnly ? 'No session fits.' : 'No session.');
    else printSessions(listed, hosts, candidates, Date.now());
  },
};

/** The host that is meant, by its name or an alias; a name that only records know may be asked for too. */
function hostName(app: App, text: string): string {
  const known = app.reports.find(({ names }) => names.includes(text))?.name;
  if (known !== undefined) return known;
  const isRecorded = app.store.snapshot.sessions.some((one) => one.host === text);
  return isRecorded ? text : app.terminals.host(text).name;
}
