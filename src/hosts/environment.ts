/**
 * Variables that must not reach what we start: leftovers of the Claude session, VS Code window or tmux that we run in, and
 * anything of ours, Jira's token above all (README, "Trust"). `ANTHROPIC_*` stays: it may be the user's own sign-in.
 */
const leftover = /^(?:CLAUDE.*|VSCODE_.*|ELECTRON_.*|TASK_SESSIONS_.*|GIT_ASKPASS|TMUX|TMUX_PANE)$/i;

/** The environment for everything that we start on this machine. */
export function scrubbedEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !leftover.test(name)));
}

/** The same on a host, in sh; but for the names that are to be kept. */
export const scrubScript = (keep = ''): string =>
  `unset CLAUDECODE CLAUDE_CODE_CHILD_SESSION CLAUDE_CODE_SESSION_ID CLAUDE_CODE_ENTRYPOINT GIT_ASKPASS
for ts_v in $(awk 'BEGIN { for (k in ENVIRON) if (k ~ /^(CLAUDE|VSCODE_|ELECTRON_|TASK_SESSIONS_)[A-Za-z0-9_]*$/ && k != "${keep}") print k }' </dev/null 2>/dev/null); do unset "$ts_v"; done`;

/** Where programs also are that a bare \`ssh HOST command\` does not find (Homebrew, pip, npm). */
export const pathScript =
  'PATH="$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:${HOME:-}/.local/bin"; export PATH';

/** Names that a shell can export. */
export const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
