/** Every command of package.json (a unit test compares them), without the prefix `taskSessions.`. */
export const commandIds = [
  'signIn',
  'signOut',
  'refresh',
  'resume',
  'fork',
  'startFromDocuments',
  'viewLive',
  'openShell',
  'copyResumeCommand',
  'copySessionId',
  'openTask',
  'openInJira',
  'copyKey',
  'openDocument',
  'openDocuments',
  'checkOut',
  'openInWorktree',
  'fetch',
  'filter',
  'clearFilter',
  'groupByPhase',
  'groupByStatus',
  'groupByPriority',
  'groupFlat',
  'viewSessions',
  'filterSessions',
  'clearSessionFilter',
  'showUnlinkedSessions',
  'showAllSessions',
  'showMoreSessions',
  'link',
  'unlink',
  'publishRecord',
  'withdrawRecord',
  'keep',
  'putBack',
  'dropCopy',
  'copyReference',
  'resumeReference',
  'renameSession',
  'revealTranscript',
  'endSession',
  'showLog',
  'openSettings',
] as const;
export type CommandId = (typeof commandIds)[number];

/** Those that run programs: refused in restricted mode, also when called by a link or a key. */
export const needTrust: ReadonlySet<CommandId> = new Set([
  'resume',
  'fork',
  'startFromDocuments',
  'viewLive',
  'openShell',
  'openDocument',
  'openDocuments',
  'checkOut',
  'openInWorktree',
  'fetch',
  'keep',
  'putBack',
  'dropCopy',
  'resumeReference',
  'revealTranscript',
  'endSession',
]);

/**
 * Handlers get what the command was called on: a tree node, a URI, a link's arguments, or nothing; and all selected
 * nodes where a tree lets several be.
 */
export type CommandTable = Record<CommandId, (argument?: unknown, selection?: unknown) => unknown>;
