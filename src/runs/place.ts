import { UserError } from '../model/errors';
import type { Host } from '../hosts/host';
import { quote } from '../hosts/quoting';
import { runsFolder } from '../model/run/folder';
import type { RunOrder } from '../model/run/order';
import { runScript } from './script/runScript';
import type { RunScriptOptions } from './script/runScript';

/** What a run takes with it to its host. */
export interface RunFiles {
  /** Texts of `prompts/NAME.md` by their names. */
  prompts: Readonly<Record<string, string>>;
  /** Claude's argv for each turn, less session and prompt (runs/turn). */
  turns: RunScriptOptions['turns'];
  /** So many runs work at once on the host. */
  perHost: number;
  /** `ssh.configFile`, for repositories on this machine. */
  sshConfigFile?: string;
}

/** Of all files together; a prompt is bounded by itself (runs/prompts). */
const mostBytes = 2 * 1024 * 1024;

/** `$1` run, then pairs of name and text, the order last: a folder that has it is whole. */
const placeScript = `
umask 077
folder=$HOME/${runsFolder}/$1
shift
mkdir -p "$folder/prompts" && cd "$folder" || { echo failed; return; }
for order in "$@"; do :; done
if [ -e run.json ]; then
  if [ "$(cat run.json)" = "$order" ]; then echo placed; else echo taken; fi
  pwd
  return
fi
while [ $# -ge 2 ]; do
  printf '%s\\n' "$2" >"$1.$$" && mv -f "$1.$$" "$1" || { rm -f "$1.$$"; echo failed; return; }
  shift 2
done
echo placed
pwd
`;

/**
 * Writes the run's folder on its host, and returns its path; with a folder that is there already nothing changes.
 * Throws `UserError` where another order lies there or the disk is full, and `HostError`.
 */
export async function placeRun(
  host: Host,
  order: RunOrder,
  { prompts, sshConfigFile = '', ...rest }: RunFiles,
  signal?: AbortSignal,
): Promise<string> {
  const ssh = host.local && sshConfigFile !== '' ? quote(['ssh', '-F', sshConfigFile]) : '';
  const script = runScript(order, { ...rest, local: host.local, ssh });
  const files = {
    ...Object.fromEntries(Object.entries(prompts).map(([name, text]) => [`prompts/${name}.md`, text])),
    'run.sh': script,
    'run.json': JSON.stringify(order),
  };
  const words = Object.entries(files).flat();
  if (words.reduce((sum, word) => sum + Buffer.byteLength(word), 0) > mostBytes)
    throw new UserError('The prompts of the run are too long.', 'Shorten the prompt templates, or the plan.');
  const { stdout, stderr } = await host.script(placeScript, [order.id, ...words], signal && { signal });
  const [answer, folder = ''] = stdout.toString().split('\n');
  if (answer === 'placed' && folder.startsWith('/')) return folder;
  if (answer === 'taken')
    throw new UserError(
      `Another run of the same id lies in ${folder} on ${host.name}.`,
      `Start the ${order.kind} again.`,
    );
  throw new UserError(
    `The run's folder could not be written on ${host.name}: ${stderr.trim().split('\n')[0]?.slice(0, 300) || 'no reason was given'}.`,
    'Make room there, or check whose ~/.local/state is.',
  );
}
