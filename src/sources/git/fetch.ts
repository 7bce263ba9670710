import type { Host, RunResult } from '../../hosts/host';
import { quote } from '../../hosts/quoting';
import { errorLine, isCancelled } from '../../model/errors';
import type { Place } from '../../model/task/repository';
import type { Disposable } from '../../util/disposable';
import { Emitter } from '../../util/event';
import type { Event } from '../../util/event';
import { GitError, firstComplaint, gitError, reading, tryGitScript } from './git';
import type { Guard } from './git';
import { isFullId } from '../../model/names';

/** How the background fetch of one repository stands. */
export interface FetchState {
  /** Epoch ms of the last one that succeeded. */
  fetchedAt?: number;
  running: boolean;
  /** One line, of the last attempt. */
  error?: string;
  /** Failures in a row; each doubles the wait. */
  failures: number;
}

export interface FetcherOptions {
  /** At least so long between two attempts; doubled by each failure, up to 2 hours. Default 5 minutes. */
  everyMs?: number;
  timeoutMs?: number;
  /** `ssh.configFile`, for `ssh -F` of repositories on this machine. */
  sshConfigFile?: string;
  now?: () => number;
}

export interface Fetcher extends Disposable {
  /** Starts a fetch if one is due, and returns at once. */
  request(host: Host, place: Place): void;
  /** Fetches now unless one is running, then waits for its end; for a user's own refresh. Never throws. */
  fetchNow(host: Host, place: Place): Promise<FetchState>;
  state(place: Place): FetchState;
  /** After a fetch that ended, well or not. */
  readonly onDidFetch: Event<Place>;
}

const longestWaitMs = 2 * 3_600_000;

/** One fetch at a time for each repository; failures are state, never an exception. */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const { everyMs = 300_000, timeoutMs = 120_000, sshConfigFile = '', now = Date.now } = options;
  const ended = new Emitter<Place>();
  const stop = new AbortController();
  const known = new Map<string, FetchState & { triedAt: number; work?: Promise<void> }>();

  const entryOf = (place: Place): FetchState & { triedAt: number; work?: Promise<void> } => {
    const id = `${place.host}:${place.directory}`;
    const entry = known.get(id) ?? { running: false, failures: 0, triedAt: -Infinity };
    known.set(id, entry);
    return entry;
  };
  const start = (host: Host, place: Place): Promise<void> => {
    const entry = entryOf(place);
    if (entry.work) return entry.work;
    entry.running = true;
    entry.triedAt = now();
    entry.work = fetchOnce(host, place, { sshConfigFile, timeoutMs, signal: stop.signal })
      .then(
        () => {
          entry.fetchedAt = now();
          entry.failures = 0;
          delete entry.error;
        },
        (error: unknown) => {
          if (isCancelled(error)) return;
          entry.failures++;
          entry.error = errorLine(error);
        },
      )
      .then(() => {
        entry.running = false;
        delete entry.work;
        if (!stop.signal.aborted) ended.fire(place);
      });
    return entry.work;
  };

  return {
    onDidFetch: ended.event,
    request(host, place) {
      const { triedAt, failures } = entryOf(place);
      const wait = Math.min(everyMs * 2 ** Math.min(failures, 20), Math.max(longestWaitMs, everyMs));
      if (!stop.signal.aborted && now() - triedAt >= wait) void start(host, place);
    },
    async fetchNow(host, place) {
      if (!stop.signal.aborted) await start(host, place);
      return this.state(place);
    },
    state(place) {
      const { triedAt: _, work: __, ...state } = entryOf(place);
      return state;
    },
    dispose() {
      stop.abort();
      ended.dispose();
    },
  };
}

/**
 * Fetching talks to the network, so it needs more than `reading`: only git's own transports, our ssh, no prompt of any
 * kind. Helpers that the *account* configured (ssh command, credentials) still serve; the repository's are switched off.
 * What it says of HTTP cannot be (git prefers `http.<url>.x` to any `-c http.x=`), so it must say nothing: see below.
 */
const fetching: Guard = {
  config: [
    ...reading.config,
    'core.sshCommand=ssh',
    'core.alternateRefsCommand=true',
    'core.askPass=',
    'credential.helper=',
    'credential.interactive=false',
    'fetch.writeCommitGraph=false',
    'fetch.recurseSubmodules=false',
    'gc.auto=0',
    'maintenance.auto=false',
  ],
  env: {
    ...reading.env,
    // Neither http nor git: nothing says there who answers, and the token would pass in the clear.
    GIT_ALLOW_PROTOCOL: 'https:ssh:file',
    // Set but empty: git uses neither, whatever core.askPass, SSH_ASKPASS and core.gitProxy say (of the last, the first
    // value wins, so `-c` comes too late).
    GIT_ASKPASS: '',
    GIT_PROXY_COMMAND: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GCM_INTERACTIVE: 'never',
  },
};

const ownTransport = 98;

// Settings that send the account's token elsewhere (sslVerify, curloptResolve, proxy) or write files (saveCookies) keep
// a repository from being fetched, wherever they lie but in the account's own configuration; includes count.
// A refspec that writes outside refs/remotes/ (a mirror's) would move local branches: such a remote is left alone.
// `--upload-pack` because the repository's own `remote.X.uploadpack` cannot be overridden by `-c`.
// A group under a remote's name (`remotes.X`) would fetch in children without these options: left alone too.
const fetchSetup = `ssh=$1; shift
account() { git config --system "$@" 2>/dev/null; git config --global "$@" 2>/dev/null; }
[ -n "$ssh" ] || ssh=$(account --get core.sshCommand | tail -n 1)
export GIT_SSH_COMMAND="\${ssh:-ssh} -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"
"$@" rev-parse --git-common-dir >/dev/null || return
settings=$("$@" config --show-scope --name-only --get-regexp \\
  '^(http[.].*|remote[.].*[.]proxy(authmethod)?|credential[.](.*[.])?protectprotocol)$')
case $? in 0 | 1) ;; *) return 128 ;; esac
own=$(printf '%s\\n' "$settings" | grep -Ev '^(system|global|command)[[:blank:]]|^$')
if [ -n "$own" ]; then printf '%s\\n' "$own"; return ${ownTransport}; fi
helpers=$(account --get-regexp '^credential[.](.*[.])?helper$')
while IFS= read -r helper; do
  [ -z "$helper" ] || set -- "$@" -c "\${helper%% *}=\${helper#* }"
done <<END
$helpers
END
`;

const fetchScript = `${fetchSetup}"$@" remote | {
  failed=0
  while IFS= read -r remote; do
    case $remote in -*) continue ;; esac
    if "$@" config --get "remotes.$remote" </dev/null >/dev/null 2>&1; then continue; fi
    if "$@" config --get-all "remote.$remote.fetch" </dev/null | grep -Eqv '^[+]?[^:]+:refs/remotes/|^\\^'; then continue; fi
    "$@" fetch --quiet --no-tags --no-recurse-submodules --no-auto-maintenance --no-write-fetch-head \\
      --upload-pack=git-upload-pack "$remote" </dev/null || failed=$?
  done
  return $failed
}
`;

/** Fetches every remote once. Throws `GitError` and `HostError`. */
export async function fetchOnce(
  host: Host,
  place: Place,
  options: { sshConfigFile?: string; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<void> {
  const { sshConfigFile = '', timeoutMs = 120_000, signal } = options;
  const result = await tryGitScript(host, place, fetchScript, {
    args: [host.local && sshConfigFile ? quote(['ssh', '-F', sshConfigFile]) : ''],
    guard: fetching,
    timeoutMs,
    maxBytes: 1 << 20,
    ...(signal ? { signal } : {}),
  });
  if (result.code !== 0) throw fetchError(result, place);
}

const remoteHeadScript = `remote=$1; branch=$2; shift 2
${fetchSetup}if "$@" config --get "remotes.$remote" </dev/null >/dev/null 2>&1; then return 128; fi
"$@" ls-remote --upload-pack=git-upload-pack -- "$remote" "refs/heads/$branch" </dev/null
`;

/**
 * Where the remote itself says that the branch is now: a fetch leaves behind what was deleted there. Undefined where it
 * has none. Throws `GitError` and `HostError`.
 */
export async function remoteHead(
  host: Host,
  place: Place,
  { remote, branch }: { remote: string; branch: string },
  options: { sshConfigFile?: string; timeoutMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  const { sshConfigFile = '', timeoutMs = 60_000, signal } = options;
  const result = await tryGitScript(host, place, remoteHeadScript, {
    args: [remote, branch, host.local && sshConfigFile ? quote(['ssh', '-F', sshConfigFile]) : ''],
    guard: fetching,
    timeoutMs,
    maxBytes: 1 << 20,
    ...(signal && { signal }),
  });
  if (result.code !== 0) throw fetchError(result, place);
  const lines = result.stdout.toString().split('\n');
  const [commit] = lines.find((line) => line.endsWith(`\trefs/heads/${branch}`))?.split('\t') ?? [];
  return commit !== undefined && isFullId(commit) ? commit : undefined;
}

function fetchError(result: RunResult, place: Place): GitError {
  const where = `${place.directory} on ${place.host}`;
  const byHand = 'fetch it yourself with git fetch';
  if (result.code === ownTransport) {
    // `<scope>\t<key>`, of which the key is the repository's to choose.
    const key = firstComplaint(result.stdout.toString().replace(/^\S+\s/, ''));
    return new GitError(
      'ownTransport',
      `${where} is not fetched: its own configuration sets ${key}, which could send your token elsewhere.`,
      `Unset it there or move it to your own configuration (git config --global), or ${byHand}.`,
    );
  }
  const protocol = /transport '(\w+)' not allowed/.exec(result.stderr)?.[1];
  if (protocol)
    return new GitError(
      'failed',
      `${where} is not fetched: its remote speaks ${protocol}; in the background we use https, ssh and files only.`,
      `Change the remote’s address, or ${byHand}.`,
    );
  return gitError(result, place);
}
