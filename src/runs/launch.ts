import { UserError } from '../model/errors';
import type { Host } from '../hosts/host';
import type { Terminals } from '../hosts/terminals';
import { runTerminalName } from '../model/names';
import { runsFolder } from '../model/run/folder';
import type { RunOrder } from '../model/run/order';
import { lines } from './script/lines';
import { processes } from './script/processes';

/** `running`: it lives already, or has done all that it was to do; nothing was started. */
export interface Launched {
  kind: 'started' | 'running';
}

type Placed = Pick<RunOrder, 'id' | 'key'>;

/** The terminal in which a run works, on its host. */
export const runTerminal = ({ id, key }: Placed): string => runTerminalName(id, key);

const enter = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null && [ -f run.json ] || { echo gone; return; }
${processes}${lines}
findBoot
starts() { cat run.jsonl 2>/dev/null | grep -c '^{"at":[0-9]*,"step":"run","state":"started"'; }
`;

/** `$1` run. Who continues a run takes its stop back; a runner that has said its last word is let go first. */
const prepareScript = `${enter}
tries=0
while isHeld .runner; do
  case $tries-$(standing) in
    50-* | *-started | *-complete | *-) echo running; return ;;
  esac
  tries=$((tries + 1))
  sleep 0.2 2>/dev/null || sleep 1
done
if [ "$(standing)" = complete ]; then echo running; return; fi
rm -f stop
echo ready
starts
pwd
`;

/** `$1` run, `$2` how often it had been started: waits until it says that it has been once more, by whomever. */
const awaitScript = `${enter}
tries=0
until [ "$(starts)" != "$2" ] || [ "$(standing)" = complete ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || { echo dead; tail -n 3 runner.err 2>/dev/null; return; }
  sleep 0.2 2>/dev/null || { sleep 1; tries=$((tries + 4)); }
done
echo started
`;

/** `$1` folder: without a terminal, in a session of its own, which no connection takes along when it ends. */
const detachScript = `
set -- sh "$1/run.sh"
if command -v setsid >/dev/null 2>&1; then set -- setsid nohup "$@"
elif perl -MPOSIX -e 1 2>/dev/null; then set -- nohup perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@"
else set -- nohup "$@"; fi
"$@" </dev/null >/dev/null 2>&1 &
`;

/**
 * Starts the runner of a run that was placed, detached from us: in a terminal, or where nothing keeps terminals alive
 * by itself. May be repeated: of several at once one runs, and it goes on where the last one was. Takes back a stop.
 * Throws `UserError` where it does not start, and `HostError`.
 */
export async function launchRunner(
  host: Host,
  terminals: Terminals | undefined,
  order: Placed,
  signal?: AbortSignal,
): Promise<Launched> {
  const ask = async (script: string, ...args: string[]): Promise<string[]> => {
    const { stdout } = await host.script(script, args, { timeoutMs: 30_000, ...(signal && { signal }) });
    return stdout.toString().split('\n');
  };
  const [state, started = '', folder = ''] = await ask(prepareScript, order.id);
  if (state === 'running') return { kind: 'running' };
  if (state !== 'ready' || !folder.startsWith('/'))
    throw new UserError(`The run of ${order.key} was not found on ${host.name}.`, 'Start it again.');
  // The second time for a terminal whose runner was just ending.
  for (let attempt = 1; ; attempt++) {
    if (terminals)
      await terminals.create(
        {
          name: runTerminal(order),
          argv: ['sh', `${folder}/run.sh`],
          directory: folder,
          key: order.key,
          goesWhenEnded: true,
        },
        signal,
      );
    else await ask(detachScript, folder);
    const [answer, ...complaints] = await ask(awaitScript, order.id, started);
    if (answer === 'started') return { kind: 'started' };
    if (attempt === 2)
      throw new UserError(
        `The run of ${order.key} did not start on ${host.name}: ${complaints.join(' ').trim().slice(0, 300) || 'no reason was given'}.`,
        'Look into its folder there, then continue the run.',
      );
  }
}
