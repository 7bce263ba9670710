import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { loginShellScript } from './launch';
import { newNonce, parseSections } from '../probe/sections';

/**
 * Below it a resume may go wrong: ids changed on resume up to 2.1.51 (issue 28463 of anthropics/claude-code), sessions of
 * other directories and worktrees are found since 2.1.94.
 */
export const minimumVersion = '2.1.94';

/** Below it the live registry does not say what a session waits for, and inherited variables may switch transcripts off. */
export const recommendedVersion = '2.1.170';

export type ClaudeFinding =
  /** `warning` says what does not work with a version that is old, but not too old. */
  | { kind: 'found'; path: string; version: string; warning?: string }
  | { kind: 'tooOld'; path: string; version: string; next: string }
  /** There, but `claude --version` says nothing that we know. */
  | { kind: 'broken'; path: string; detail: string; next: string }
  | { kind: 'missing'; next: string };

/** Run inside the login shell's environment. Arguments: nonce, path or "-" (tcsh drops empty ones). */
const findScript = `
nonce=$1
case $2 in -) claude=claude ;; '~/'*) claude=$HOME/\${2#'~/'} ;; *) claude=$2 ;; esac
path=$(command -v -- "$claude" 2>/dev/null || command -v "$claude" 2>/dev/null)
if [ -z "$path" ] && [ "$2" = - ]; then
  # A PATH that only interactive shells have (nvm and others in .bashrc) is not asked for: that may prompt.
  for directory in "$HOME/.local/bin" "$HOME/.claude/local" "$HOME/.bun/bin" "$HOME/.npm-global/bin" \\
    "$HOME/.volta/bin" "$HOME"/.nvm/versions/node/*/bin /opt/homebrew/bin /usr/local/bin; do
    if [ -x "$directory/claude" ]; then path=$directory/claude; fi
  done
fi
printf '\\n%s path\\n%s' "$nonce" "$path"
if [ -n "$path" ]; then
  printf '\\n%s version\\n' "$nonce"
  "$path" --version 2>&1 </dev/null | head -c 2000
fi
printf '\\n%s end\\n' "$nonce"
`;

/**
 * Looks for `claude` as a session will find it: the host's `claudePath`, else through the account's login shell. Throws
 * `HostError` as the host does.
 */
export async function findClaude(host: Host, signal?: AbortSignal): Promise<ClaudeFinding> {
  const { claudePath = '' } = host.settings;
  const nonce = newNonce();
  const args = ['/bin/sh', '-c', findScript, 'sh', nonce, claudePath || '-'];
  const { stdout, stderr } = await host.script(loginShellScript, args, signal && { signal });
  const sections = parseSections(stdout, nonce);
  if (!sections)
    throw new UserError(
      `The login shell of ${host.name} did not run a command.`,
      stderr.trim().slice(0, 300) || 'Log in there once and see what it says.',
    );
  const text = (wanted: string): string =>
    sections
      .find(({ name }) => name === wanted)
      ?.body.toString('utf8')
      .trim() ?? '';
  const path = text('path');
  if (!path.startsWith('/'))
    return {
      kind: 'missing',
      next: claudePath
        ? `Correct claudePath of ${host.name}: ${claudePath} is no program there.`
        : `Install Claude Code on ${host.name} (npm install -g @anthropic-ai/claude-code), or set claudePath of that host.`,
    };
  return judgeVersion(path, text('version'), host.name);
}

function judgeVersion(path: string, answer: string, host: string): ClaudeFinding {
  const version = /(?:^|\s)(\d+\.\d+\.\d+)(?=\s|-|$)/.exec(answer)?.[1];
  const update = `Update it there: ${path} update.`;
  if (!version)
    return {
      kind: 'broken',
      path,
      detail: answer.split('\n').slice(0, 3).join(' ').slice(0, 300),
      next: `Run ${path} --version on ${host} and repair what it says.`,
    };
  if (isOlder(version, minimumVersion)) return { kind: 'tooOld', path, version, next: update };
  if (isOlder(version, recommendedVersion))
    return {
      kind: 'found',
      path,
      version,
      warning: `Before ${recommendedVersion} Claude does not always say what a session waits for. ${update}`,
    };
  return { kind: 'found', path, version };
}

/** Compares `1.2.3` with `1.2.10`, by number. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version.split('.').map(Number), than.split('.').map(Number)];
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}
