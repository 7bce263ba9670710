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
  'showLog',
  'openSettings',
] as const;
export type CommandId = (typeof commandIds)[number];

/** Handlers get what the command was called on: a tree node, a URI, a link's arguments, or nothing. */
export type CommandTable = Record<CommandId, (argument?: unknown) => unknown>;
