/**
 * Identifiers that come from outside: each is what it claims to be, or nothing.
 * README, "Trust": a session id is a UUID, a host is a configured name, a branch passes git's rules and ours.
 */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A session id in lower case, or undefined. */
export function parseSessionId(text: string): string | undefined {
  return uuid.test(text) ? text.toLowerCase() : undefined;
}

/** The first eight digits, as Claude and our listings abbreviate a session id. */
export const shortId = (sessionId: string): string => sessionId.slice(0, 8);

/** `PAY-456`: project keys are upper case letters, digits and underscores (Jira's default pattern). */
export const isIssueKey = (text: string): boolean => /^[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}$/.test(text);

/** The project of an issue key: `PAY` for `PAY-456`. */
export const projectOf = (key: string): string => key.slice(0, key.lastIndexOf('-'));

/** A name in the user's own configuration: usable in a listing, a path and `HOST/NAME`. */
export const isHostName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

/** Safe as a tmux session name and target: nothing that tmux expands, splits or matches by pattern. */
export const isTerminalName = (text: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/.test(text);

/** The terminal of a session: `PAY-456-5f1d9b2e`, or the short id alone where no task is known. */
export function terminalName(sessionId: string, key?: string): string {
  return key && isIssueKey(key) ? `${key}-${shortId(sessionId)}` : `session-${shortId(sessionId)}`;
}

/** The terminal of a run, which shows its steps and no conversation. */
export const runTerminalName = (runId: string, key: string): string => `run-${key}-${shortId(runId)}`;

/** True for what `runTerminalName` makes: who types there ends the run. */
export const isRunTerminal = (name: string): boolean => /^run-[A-Z][A-Z0-9_]*-\d+-[0-9a-f]{8}$/.test(name);

/**
 * True if `text` is a branch name that git accepts and that cannot be mistaken for something else:
 * an option, a revision, a ref path, or text that displays as another (`git check-ref-format` lets those pass).
 */
export function isBranchName(text: string): boolean {
  if (text.length === 0 || text.length > 244) return false;
  if (
    text.startsWith('-') ||
    text.startsWith('refs/') ||
    text === '@' ||
    text === 'HEAD' ||
    text === 'FETCH_HEAD'
  )
    return false;
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) return false;
  // Control, format (bidi, zero width), whatever shows as nothing, every space, and what check-ref-format(1) forbids.
  if (/[\p{Cc}\p{Cf}\p{DI}\p{Z}\p{Cs}\p{Co}~^:?*[\\]/u.test(text)) return false;
  if (text.includes('..') || text.includes('@{') || text.endsWith('.')) return false;
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** True for a branch that everybody shares: that a session runs on it says nothing of its task. */
export const isTrunk = (branch: string): boolean =>
  /^(?:main|master|trunk|default|dev|develop|development)$/.test(branch);

/** A full or abbreviated commit or blob id, lower case, or undefined. */
export function parseObjectId(text: string): string | undefined {
  return /^[0-9a-f]{7,64}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** Git's full object id, of either length. */
export const isFullId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** An absolute POSIX path without control or direction characters and without `..` parts. */
export function isAbsolutePath(text: string): boolean {
  return (
    text.startsWith('/') &&
    text.length <= 4096 &&
    !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}]/u.test(text) &&
    !text.split('/').includes('..')
  );
}
