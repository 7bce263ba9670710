import { isIssueKey, parseSessionId } from '../names';
import { isDocName } from '../record/fields';

/** What a link of the extension asks for. It comes from anywhere: to be shown or asked about, never to be run. */
export type DeepLink =
  | { kind: 'open'; key: string; document?: string }
  | { kind: 'resume'; key: string; sessionId: string }
  /** In words for the user; nothing of the link itself is repeated. */
  | { kind: 'refused'; why: string };

const extensionId = 'task-sessions.task-sessions';
const longest = 2000;

/**
 * Reads the path and the query (decoded, as VS Code hands it over) of `/open?task=KEY[&document=NAME]` and
 * `/resume?task=KEY&session=UUID`. Parameters that are not known are ignored.
 */
export function parseDeepLink(path: string, query: string): DeepLink {
  const refused = (why: string): DeepLink => ({ kind: 'refused', why });
  if (path.length > longest || query.length > longest)
    return refused('The link is too long to be one of ours.');
  const verb = path.replace(/^\/+|\/+$/g, '');
  if (verb !== 'open' && verb !== 'resume')
    return refused('The link asks for something that Task Sessions does not do.');
  const given = parameters(query);
  if (given === undefined) return refused('The link names the same thing twice.');
  const key = given.get('task') ?? '';
  if (!isIssueKey(key)) return refused('The link names no task: it needs a key such as PAY-456.');
  if (verb === 'resume') {
    const sessionId = parseSessionId(given.get('session') ?? '');
    return sessionId === undefined
      ? refused('The link names no session: it needs a session id.')
      : { kind: 'resume', key, sessionId };
  }
  const document = given.get('document');
  if (document === undefined) return { kind: 'open', key };
  return isDocName(document)
    ? { kind: 'open', key, document }
    : refused('The link names no document: it needs a file name such as task_desc.md.');
}

const known = ['task', 'session', 'document'];

/** Undefined where one that we know stands there twice: nobody could tell which is meant. */
function parameters(query: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    if (!known.includes(name)) continue;
    if (found.has(name)) return undefined;
    found.set(name, at < 0 ? '' : part.slice(at + 1));
  }
  return found;
}

/** The link that opens a task in an editor: `vscode://task-sessions.task-sessions/open?task=PAY-456`. */
export const taskLink = (uriScheme: string, key: string): string =>
  `${uriScheme}://${extensionId}/open?task=${encodeURIComponent(key)}`;

/** The same as an https address, by `links.redirect` (`https://go.example.com/?to=${link}`); undefined without one. */
export function redirectedLink(redirect: string, link: string): string | undefined {
  if (!redirect.includes('${link}')) return undefined;
  const address = redirect.replaceAll('${link}', () => encodeURIComponent(link));
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  // As with web terminals: what fills the template has no part in its host.
  const plain = new URL(redirect.replaceAll('${link}', 'x'));
  return url.protocol === 'https:' && url.origin === plain.origin ? url.href : undefined;
}
