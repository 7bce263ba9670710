import { isAbsolutePath, isBranchName, isHostName, isIssueKey, parseSessionId } from '../names';
import type { Session } from './session';

/**
 * A session as one person names it to another:
 * `task-sessions:devserver/5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01,task=PAY-456,branch=task/PAY-456-analysis,directory=/srv/platform`.
 * Host and id name it; the rest is a hint to compare with what the transcript says. The text is one word of a shell,
 * and nothing in it is markup to a chat tool.
 */
export interface SessionReference {
  /** As the sender's configuration calls it: a name to look up, never to connect to. */
  host: string;
  sessionId: string;
  task?: string;
  branch?: string;
  directory?: string;
}

export const referenceScheme = 'task-sessions:';

/** A path of 4,096 characters, each of three bytes, is longer than what anybody pastes; so is this. */
const longest = 8192;

const hints = {
  task: isIssueKey,
  branch: isBranchName,
  directory: isAbsolutePath,
} satisfies Record<string, (text: string) => boolean>;
type Hint = keyof typeof hints;
const hintNames = Object.keys(hints) as Hint[];
const isHint = (text: string): text is Hint => Object.hasOwn(hints, text);

/** Undefined where the session's host has no name that a configuration could have. */
export function formatReference(
  session: Pick<Session, 'id' | 'host' | 'branch' | 'directory'>,
  task?: string,
): string | undefined {
  if (!isHostName(session.host)) return undefined;
  const { branch, directory } = session;
  const values = { task, branch, directory };
  let text = `${referenceScheme}${encode(session.host)}/${session.id}`;
  for (const name of hintNames) {
    const value = values[name];
    if (value === undefined || !hints[name](value)) continue;
    const part = `,${name}=${encode(value)}`;
    // A hint that does not fit is left out: host and id are enough.
    if (text.length + part.length <= longest) text += part;
  }
  return text;
}

/** Reads a reference that is the whole text, but for what people and chat tools put around one. */
export function parseReference(text: string): SessionReference | undefined {
  if (text.length > longest + 100) return undefined;
  const bare = text.replace(/^[\s`'"<]+/, '').replace(/[\s`'">]+$/, '');
  if (!bare.startsWith(referenceScheme)) return undefined;
  const [place = '', ...parts] = bare.slice(referenceScheme.length).split(',');
  const slash = place.indexOf('/');
  const host = decode(place.slice(0, Math.max(0, slash)));
  const sessionId = parseSessionId(place.slice(slash + 1));
  if (host === undefined || !isHostName(host) || sessionId === undefined) return undefined;
  const reference: SessionReference = { host, sessionId };
  for (const part of parts) {
    const [name = '', encoded = '', ...rest] = part.split('=');
    const value = decode(encoded);
    const valid = isHint(name) && reference[name] === undefined && rest.length === 0;
    if (!valid || value === undefined || !hints[name](value)) return undefined;
    reference[name] = value;
  }
  return reference;
}

/** True for what is meant as a reference, whole or not: it deserves an answer of its own. */
export const isMeantAsReference = (text: string): boolean => /^[\s`'"<]*task-sessions:/.test(text);

/**
 * All but letters, digits, `.`, `-` and `/`: shells and chat tools read something into most others (`_` and `~` mark
 * text, `--` and `...` become a dash and an ellipsis).
 */
const encode = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()*_~]/g, percent)
    .replace(/(?<=\.)\.|(?<=-)-/g, percent);

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

function decode(text: string): string | undefined {
  if (!/^[A-Za-z0-9._/%-]*$/.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
