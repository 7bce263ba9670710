/**
 * Where an account keeps its runs, below its home. `XDG_STATE_HOME` does not count: a login shell, sshd and a tmux
 * server that is already there disagree about it.
 */
export const runsFolder = '.local/state/task-sessions/runs';

/** The folder of a run, absolute where `home` is. It is named by the run's id, never by a session's. */
export const runFolder = (home: string, runId: string): string =>
  `${home.replace(/\/+$/, '')}/${runsFolder}/${runId}`;
