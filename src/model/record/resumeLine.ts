import { isAbsolutePath, isTerminalName, parseSessionId } from '../names';

export interface ResumeTarget {
  /** Destination as ssh knows it (`devserver`, `me@host`); none for the machine on which the line is pasted. */
  ssh?: string | undefined;
  /** The terminal: `terminalName(sessionId, key)`. */
  name: string;
  /** Where the session works; without it, tmux starts in the login directory. */
  directory?: string | undefined;
  sessionId: string;
}

/**
 * The command that people paste to continue a session: it creates the terminal or attaches to it, in the right
 * directory, through the account's login shell. A directory that some shell would read as more than a name is left
 * out: nobody knows into which shell the line is pasted, and Claude finds its conversation from everywhere.
 * For reading and pasting only: we ourselves run argv arrays. Throws on parts that were not validated.
 */
export function resumeLine({ ssh, name, directory, sessionId }: ResumeTarget): string {
  const valid =
    isTerminalName(name) &&
    parseSessionId(sessionId) === sessionId &&
    (directory === undefined || isAbsolutePath(directory)) &&
    (ssh === undefined || /^[A-Za-z0-9_][A-Za-z0-9_.@:%[\]-]*$/.test(ssh));
  if (!valid) throw new Error('A resume line needs a valid destination, name, directory and session id.');
  const resume = String.raw`"exec \$SHELL -lc \"claude --resume ${sessionId}\""`;
  const place = directory !== undefined && isPlain(directory) ? ` -c ${word(directory)}` : '';
  const line = `tmux -L task-sessions new -A -s ${name}${place} ${resume}`;
  return ssh === undefined ? line : `ssh -t ${word(ssh)} ${quoted(line)}`;
}

/**
 * Between single quotes, fish reads `\` and tcsh `!`; over ssh the quotes are nested; tmux reads `#` and a final `;`.
 * What is left means the same to all of them.
 */
const isPlain = (directory: string): boolean => /^[\p{L}\p{M}\p{N}_/.:@%+, =~-]+$/u.test(directory);

/** Quoted only where a shell would read more than the characters, so that the usual line stays readable. */
const word = (text: string): string =>
  /^[A-Za-z0-9_/.@+-][A-Za-z0-9_/.,:@+-]*$/.test(text) ? text : quoted(text);

/** Not `'\''`: a backslash between quotes means something to fish. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
