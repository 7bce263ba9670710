import type { Host } from '../../../hosts/host';
import { findStartScript } from '../../../hosts/processStart';
import { UserError } from '../../../model/errors';

export interface HeldProcess {
  pid: number;
  sessionId: string;
  /** Epoch ms by the host's clock, as the live registry says. */
  startedAt?: number;
}

/** How asking a process to end went; `changed`: that process does not hold the session (any more). */
export type EndOutcome = 'ended' | 'running' | 'changed' | 'refused';

const outcomes: ReadonlySet<string> = new Set<EndOutcome>(['ended', 'running', 'changed', 'refused']);

/** How long a process may take to end: it writes its last lines. */
const waitSeconds = 10;

/**
 * Arguments: Claude's directory, pid, session id, time of start in seconds or "-", seconds to wait.
 * What is checked and what is signalled is one look: the registry file names the session, and the process is the one
 * that wrote it, by its start (ticks in /proc; else its age). Nothing that this starts has the id among its arguments.
 */
const endScript = `
file=$1/sessions/$2.json pid=$2 id=$3 started=$4 patience=$5
text=$(tr -d '[:space:]' < "$file" 2>/dev/null | tr 'A-Z' 'a-z')
case $text in *'"sessionid":"'"$id"'"'*) ;; *) echo changed; return ;; esac
ticks=$(printf '%s' "$text" | sed -n 's/.*"procstart":"\\{0,1\\}\\([0-9][0-9]*\\).*/\\1/p')

proc=/proc
${findStartScript}
identity() { findStart "$pid" && echo "$start"; }
# True where the age that ps tells ([[days-]hours:]minutes:seconds) fits the time of start within ten seconds.
fits() {
  age=$(ps -o etime= -p "$pid" 2>/dev/null | awk -F'[-:]' '{
    n = NF; s = $n + 60 * $(n - 1); if (n > 2) s += 3600 * $(n - 2); if (n > 3) s += 86400 * $(n - 3); print s }')
  [ -n "$age" ] || return 1
  off=$(($(date +%s) - age - started))
  [ "$off" -ge -10 ] && [ "$off" -le 10 ]
}

was=$(identity)
[ -n "$was" ] || { echo changed; return; }
if [ -d /proc/self ] && [ -n "$ticks" ]; then [ "$was" = "$ticks" ] || { echo changed; return; }
elif [ "$started" != - ]; then fits || { echo changed; return; }
else echo changed; return; fi

kill -TERM "$pid" 2>/dev/null || { echo refused; return; }
until=$(($(date +%s) + patience))
while [ "$(identity)" = "$was" ]; do
  [ "$(date +%s)" -lt "$until" ] || { echo running; return; }
  sleep 0.1 2>/dev/null || sleep 1
done
echo ended
`;

/** Asks exactly the process that holds the session to end (SIGTERM), and waits for its end; never more than asks. */
export async function endProcess(
  host: Host,
  configDir: string,
  { pid, sessionId, startedAt }: HeldProcess,
  signal?: AbortSignal,
): Promise<EndOutcome> {
  const started = startedAt === undefined ? '-' : String(Math.round(startedAt / 1000));
  const { stdout, stderr } = await host.script(
    endScript,
    [configDir, String(pid), sessionId, started, String(waitSeconds)],
    { timeoutMs: (waitSeconds + 10) * 1000, ...(signal && { signal }) },
  );
  const answer = stdout.toString().trim();
  if (outcomes.has(answer)) return answer as EndOutcome;
  throw new UserError(
    `${host.name} did not say whether process ${pid} ended.`,
    stderr.trim().slice(0, 300) || 'Refresh to see whether the session lives.',
  );
}
