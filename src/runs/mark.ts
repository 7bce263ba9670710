import type { Host } from '../hosts/host';
import { runsFolder } from '../model/run/folder';
import { UserError } from '../model/errors';

/** `$1` run, `$2` lines, `$3` the note. Two who settle at once may come in any order: the greater number stays. */
const settledScript = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null || { echo gone; return; }
told=$(sed -n 's/^{"lines":\\([0-9]*\\).*/\\1/p' settled 2>/dev/null)
[ "\${told:-0}" -gt "$2" ] || { printf '%s\\n' "$3" >".settled.$$" && mv -f ".settled.$$" settled; } || {
  rm -f ".settled.$$"; echo failed; return; }
echo marked
`;

/** Notes in the run's folder that Jira was told of the first `lines` lines of its file. Throws `UserError`, `HostError`. */
export async function markSettled(
  host: Host,
  runId: string,
  lines: number,
  by: string,
  signal?: AbortSignal,
): Promise<void> {
  const note = JSON.stringify({ lines, at: Math.floor(Date.now() / 1000), by: by.slice(0, 300) });
  const { stdout } = await host.script(settledScript, [runId, String(lines), note], signal && { signal });
  const answer = stdout.toString().trim();
  if (answer !== 'marked') throw unwritten(host, answer);
}

const claimScript = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null || { echo gone; return; }
mkdir told 2>/dev/null
if mkdir "told/$2" 2>/dev/null; then echo ours; elif [ -d "told/$2" ]; then echo theirs; else echo failed; fi
`;

/** Whether it is ours to tell `name` of this run: of all who ask, one is. Throws `UserError`, `HostError`. */
export async function claimMessage(
  host: Host,
  runId: string,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) throw new Error(`no name for a message: ${name}`);
  const { stdout } = await host.script(claimScript, [runId, name], signal && { signal });
  const answer = stdout.toString().trim();
  if (answer === 'ours' || answer === 'theirs') return answer === 'ours';
  throw unwritten(host, answer);
}

const unwritten = (host: Host, answer: string): UserError =>
  answer === 'gone'
    ? new UserError(`The run's folder is gone on ${host.name}.`, 'Start it again.')
    : new UserError(
        `The run's folder on ${host.name} cannot be written.`,
        'Make room there, or check whose the folder is.',
      );
