import { UserError } from '../model/errors';
import type { Host } from '../hosts/host';
import { runsFolder } from '../model/run/folder';
import { lines } from './script/lines';
import { processes } from './script/processes';

/** How asking a run to stop went; `ended`: it had come to its end before, and no check of it waits for an answer. */
export type StopOutcome = 'stopped' | 'ended' | 'running';

const outcomes: ReadonlySet<string> = new Set<StopOutcome>(['stopped', 'ended', 'running']);

/** Seconds after which it is asked harder, and after which it is given up. */
const patience = { term: 8, kill: 14, end: 18 };

/**
 * `$1` run. What is checked and what is signalled is one look each time: a process of another start is none of ours.
 * The runner notes the stop itself; where there is none (any more) we do.
 */
const stopScript = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null && [ -f run.json ] || { echo gone; return; }
${processes}${lines}
findBoot
isWorking() {
  isHeld .runner || isHeld .check || { readProcess claude && lives "$pid" "$began" "$booted"; } || [ -n "$(findStrays)" ]
}
signalWork() {
  signalCheck "$1"
  readProcess claude && lives "$pid" "$began" "$booted" && kill -s "$1" "$pid" 2>/dev/null
}
signalRunner() { isHeld .runner && kill -s "$1" "$pid" 2>/dev/null; }

# A check that failed leaves it to a person what becomes of the run; so does Claude who could not mend what it found.
waits() {
  last=$(tail -n 2 run.jsonl | head -n 1)
  n=$(printf %s "$last" | sed -n 's/^{"at":[0-9]*,"step":"[a-z]*","state":"failed","n":\\([0-9]*\\).*/\\1/p')
  case $n-$(standingOfStep) in
    -*) false ;;
    *-'check failed' | *-'check answered fix') n= ;;
    *) false ;;
  esac
}
case $(isWorking || standing) in
  failed)
    # As its runner, for a moment: who continues it just now works, or waits for us. This shell itself lives on.
    sleep 10 >/dev/null 2>&1 &
    placeholder=$!
    if waits && findStart "$placeholder" && take .runner "$placeholder $start $boot" && [ "$(standing)" = failed ]; then
      note run stopped >/dev/null
      echo stopped
    else echo ended; fi
    kill "$placeholder"
    return
    ;;
  complete | stopped) echo ended; return ;;
esac
: >stop
signalWork TERM
since=$(date +%s)
step=0
while isWorking; do
  waited=$(($(date +%s) - since))
  if [ "$waited" -ge ${patience.end} ]; then echo running; return; fi
  if [ "$step" = 0 ] && [ "$waited" -ge ${patience.term} ]; then step=1; signalWork TERM; signalRunner TERM; fi
  if [ "$step" = 1 ] && [ "$waited" -ge ${patience.kill} ]; then step=2; signalWork KILL; signalRunner KILL; fi
  sleep 0.2 2>/dev/null || sleep 1
done
case $(standing) in
  complete) echo ended; return ;;
  failed | stopped) ;;
  *) note run stopped >/dev/null ;;
esac
echo stopped
`;

/**
 * Asks a run to stop, ends its Claude (exactly that process) or its check, and waits until neither lives and the run's
 * file says so. One that stands at a check that failed is left at that.
 * Throws `UserError` where there is no such run, and `HostError`.
 */
export async function stopRunner(host: Host, runId: string, signal?: AbortSignal): Promise<StopOutcome> {
  const { stdout, stderr } = await host.script(stopScript, [runId], {
    timeoutMs: (patience.end + 12) * 1000,
    ...(signal && { signal }),
  });
  const answer = stdout.toString().trim();
  if (outcomes.has(answer)) return answer as StopOutcome;
  if (answer === 'gone')
    throw new UserError(`The run was not found on ${host.name}.`, 'Refresh, and look again.');
  throw new UserError(
    `${host.name} did not say whether the run has stopped.`,
    stderr.trim().slice(0, 300) || 'Refresh, and look again.',
  );
}
