/** Why Claude did not start, or waits for an answer before it does. */
export type BlockerKind =
  | 'noConversation'
  | 'inUse'
  | 'runningInBackground'
  | 'trustDialog'
  | 'directoryDialog'
  | 'apiKeyDialog'
  | 'bypassWarning'
  | 'onboarding'
  | 'notLoggedIn'
  | 'rootRefused'
  | 'badOption'
  | 'savingOff'
  | 'resumePicker'
  | 'missingDirectory'
  | 'notFound'
  | 'ended';

export interface StartBlocker {
  kind: BlockerKind;
  message: string;
  /** What the person can do. Dialogs are theirs to answer, never ours. */
  next: string;
}

interface Sign extends StartBlocker {
  screen: RegExp;
  /** Only once the process has ended: while it lives, the words may be part of a conversation. */
  ended?: true;
}

/** By the words of CLI 2.1.329; the first that fits counts. */
const signs: Sign[] = [
  {
    kind: 'noConversation',
    screen: /No conversation found with session ID/,
    ended: true,
    message: 'Claude has no conversation with this id there.',
    next: 'Look on another host, or start a new session from the documents.',
  },
  {
    kind: 'runningInBackground',
    screen: /That session is running in the background/,
    ended: true,
    message: 'The session runs as a background session of Claude.',
    next: 'Open it with claude attach, stop it with claude stop, or fork it.',
  },
  {
    kind: 'inUse',
    screen: /Session ID \S+ is already in use/,
    ended: true,
    message: 'The id of the new session is taken.',
    next: 'Try again: another id will be chosen.',
  },
  {
    kind: 'rootRefused',
    screen: /cannot be used with root\/sudo privileges/,
    ended: true,
    message: 'Claude refuses to skip permissions for root.',
    next: 'Choose another permission mode, or another account.',
  },
  {
    kind: 'badOption',
    screen:
      /^error: (?:unknown )?option |Invalid MCP configuration|^Error: (?:Settings file not found|Invalid settings|Invalid session ID|--session-id with)/m,
    ended: true,
    message: 'Claude did not accept how it was started.',
    next: 'Correct the remembered flags or the settings of claude.* and try again.',
  },
  {
    kind: 'onboarding',
    screen:
      /Unable to connect to Anthropic services|Choose the text style that looks best|Select login method/,
    message: 'Claude has not been set up in this account.',
    next: 'Open a shell there, run claude once and answer its questions.',
  },
  {
    kind: 'trustDialog',
    screen: /Quick safety check: Is this a project you created|Do you trust the files in this folder/,
    message: 'Claude asks if this folder is trusted.',
    next: 'Open the terminal and answer; it asks once for each folder or repository.',
  },
  {
    kind: 'directoryDialog',
    screen: /Adding a new directory:[\s\S]*Is this a directory you created/,
    message: 'Claude asks if an added directory is trusted.',
    next: 'Open the terminal and answer.',
  },
  {
    kind: 'apiKeyDialog',
    screen: /Detected a custom API key in your environment/,
    message: 'Claude asks if it may use the API key of the environment.',
    next: 'Open the terminal and answer; it asks once for each key.',
  },
  {
    kind: 'bypassWarning',
    screen: /running in Bypass Permissions mode[\s\S]*you accept all responsibility/,
    message: 'Claude asks if permissions may really be skipped.',
    next: 'Open the terminal and answer, or choose another permission mode.',
  },
  {
    kind: 'savingOff',
    screen: /Transcript saving is off/,
    message: 'This session leaves no transcript: it was started from inside another one.',
    next: 'End it and start it again from a clean environment.',
  },
  {
    kind: 'resumePicker',
    screen: /^\s*Resume session\b[\s\S]*Esc to (?:close|cancel)/m,
    message: 'Claude asks which session to resume.',
    next: 'Open the terminal and choose.',
  },
  {
    kind: 'notLoggedIn',
    screen: /Not logged in · Please run \/login|Please run \/login · API Error: 401/,
    message: 'Claude is not signed in on that host.',
    next: 'Open the terminal and run /login.',
  },
  {
    kind: 'missingDirectory',
    // Worktrees may go while their session stays; Claude then goes on elsewhere.
    screen: /the worktree .* no longer exists/,
    ended: true,
    message: "The session's worktree no longer exists.",
    next: 'Open it in another directory.',
  },
];

/**
 * Tells from the last screen and, once the process has ended, its exit status what keeps Claude from starting. Undefined
 * where nothing does. Meant for the first seconds after a start: later the same words may be part of the talk.
 */
export function startBlocker(screenText: string, exitStatus?: number): StartBlocker | undefined {
  const ended = exitStatus !== undefined;
  const screen = screenText.slice(-20_000);
  const sign = signs.find((one) => (ended || !one.ended) && one.screen.test(screen));
  if (sign) return { kind: sign.kind, message: sign.message, next: sign.next };
  switch (exitStatus) {
    case undefined:
    case 0:
      return undefined;
    case 96:
      return {
        kind: 'missingDirectory',
        message: "The session's directory no longer exists there.",
        next: 'Open it in another directory.',
      };
    case 126:
    case 127:
      return {
        kind: 'notFound',
        message: 'claude was not found there.',
        next: 'Install Claude Code on that host, or set claudePath of that host.',
      };
    default:
      return {
        kind: 'ended',
        message: `Claude ended at once with status ${exitStatus}.`,
        next: 'Look at its last screen.',
      };
  }
}
