import { UserError } from '../../../model/errors';
import { isAbsolutePath, parseSessionId } from '../../../model/names';

/**
 * Runs its arguments as a program in the environment of the account's login shell, where `claude` is found in
 * `~/.local/bin`. Each shell is given a fixed text in its own syntax and passes the arguments on as its own list, so that
 * none of them reads a word from outside. A shell that we do not know is replaced by sh, which reads `~/.profile`.
 */
export const loginShellScript = `
shell=\${SHELL:-$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f7)}
[ -x "$shell" ] || shell=/bin/sh
case \${shell##*/} in
  fish) exec "$shell" -l -c 'exec $argv' "$@" ;;
  # Only without a command would -l make it a login shell.
  tcsh | csh) exec "$shell" -c 'if (-r ~/.login) source ~/.login; exec $argv:q' "$@" ;;
  bash | zsh | dash | ash | ksh | ksh93 | mksh | yash | sh) exec "$shell" -l -c 'exec "$@"' "$shell" "$@" ;;
  *) exec /bin/sh -l -c 'exec "$@"' sh "$@" ;;
esac
`;

/** `argv`, run as above. Empty arguments are refused: tcsh drops them. */
export function throughLoginShell(argv: readonly string[]): string[] {
  if (argv.some((word) => word === '' || word.includes('\0')))
    throw new UserError(
      'An argument for Claude is empty or holds a NUL character.',
      'Check the launch flags.',
    );
  return ['sh', '-c', loginShellScript, 'sh', ...argv];
}

/** The flags that Claude does not remember itself: given again on each resume (CONTRIBUTING, "Identity"). */
export interface LaunchFlags {
  permissionMode?: string;
  model?: string;
  mcpConfig?: readonly string[];
  addDir?: readonly string[];
  settings?: string;
}

/** What Claude is to do. Ids keep the case in which the transcript's file name has them. */
export type Launch =
  | { kind: 'resume'; sessionId: string; prompt?: string }
  /** A copy under an id that we choose. */
  | { kind: 'fork'; sessionId: string; newId: string; prompt?: string }
  | { kind: 'new'; newId: string; prompt?: string };

export interface LaunchOptions {
  /** Absolute path as `findClaude` tells it; default `claude` on the login shell's PATH. */
  claudePath?: string;
  /** Absolute; only where the account's own is not meant, since Claude then keeps its sign-in there too. */
  configDir?: string;
  flags?: LaunchFlags;
}

/** The argv that starts Claude on a host, in a terminal or a run of ours; the directory is the caller's to set. */
export function launchArgv(
  launch: Launch,
  { claudePath = 'claude', configDir, flags = {} }: LaunchOptions = {},
): string[] {
  if (claudePath.startsWith('-')) throw badFlag('claudePath', claudePath);
  if (configDir !== undefined && !isAbsolutePath(configDir)) throw badFlag('configDir', configDir);
  const surroundings = configDir ? ['env', `CLAUDE_CONFIG_DIR=${configDir}`] : [];
  return throughLoginShell([
    ...surroundings,
    claudePath,
    ...sessionArguments(launch),
    ...flagArguments(flags),
    ...prompt(launch),
  ]);
}

function sessionArguments(launch: Launch): string[] {
  switch (launch.kind) {
    case 'resume':
      return ['--resume', checkId(launch.sessionId)];
    case 'fork':
      return ['--resume', checkId(launch.sessionId), '--fork-session', '--session-id', checkId(launch.newId)];
    case 'new':
      return ['--session-id', checkId(launch.newId)];
  }
}

/** After `--` nothing is read as an option. */
const prompt = ({ prompt }: Launch): string[] => (prompt ? ['--', prompt] : []);

function checkId(id: string): string {
  if (parseSessionId(id)) return id;
  throw new UserError('That is no session id.', 'A session id is a UUID; copy it again.');
}

const names = {
  permissionMode: '--permission-mode',
  model: '--model',
  mcpConfig: '--mcp-config',
  addDir: '--add-dir',
  settings: '--settings',
} as const satisfies Record<keyof LaunchFlags, string>;

/** The flags as the ledger keeps them and Claude takes them: one word each, so that no value can become an option. */
export function flagArguments(flags: LaunchFlags): string[] {
  return Object.entries(names).flatMap(([key, name]) => {
    const value = flags[key as keyof LaunchFlags];
    const values = value === undefined || value === '' ? [] : typeof value === 'string' ? [value] : value;
    return values.map((one) => {
      if (one === '' || one.length > 8192 || /\p{Cc}/u.test(one)) throw badFlag(name, one);
      if (key === 'permissionMode' && !/^[A-Za-z]+$/.test(one)) throw badFlag(name, one);
      return `${name}=${one}`;
    });
  });
}

/** The other way round; what is not one of ours is left out. Later flags win. */
export function readFlags(words: readonly string[]): LaunchFlags {
  const flags: { -readonly [K in keyof LaunchFlags]: LaunchFlags[K] } = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const value = word.slice(at + 1);
    if (at < 0 || value === '') continue;
    switch (word.slice(0, at)) {
      case names.permissionMode:
        flags.permissionMode = value;
        break;
      case names.model:
        flags.model = value;
        break;
      case names.settings:
        flags.settings = value;
        break;
      case names.mcpConfig:
        flags.mcpConfig = [...(flags.mcpConfig ?? []), value];
        break;
      case names.addDir:
        flags.addDir = [...(flags.addDir ?? []), value];
        break;
      default:
    }
  }
  return flags;
}

const badFlag = (name: string, value: string): UserError =>
  new UserError(`"${value.slice(0, 80)}" is no value for ${name}.`, 'Correct the setting or the flag.');
