import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { runsFolder } from '../../model/run/folder';
import type { Run } from '../../model/run/run';
import { hostOfRun } from './runFolders';

/** The end of one file of a run's folder. */
export interface RunLogText {
  name: string;
  text: string;
  /** Bytes of the whole file. */
  size: number;
  /** `text` is not all of it. */
  cut: boolean;
}

/** So much of each file is read, from its end, in bytes. */
const most = 64 * 1024;

/** Besides the run's own file so many are read, the newest. */
const mostFiles = 8;

/**
 * The run's file, and what checks said, and Claude and the runner on stderr, newest first; `$1` run, `$2` bytes of each.
 * No link is followed.
 */
const readScript = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null || { echo gone; return; }
for f in run.jsonl $(ls -t check-*.log *.err 2>/dev/null | head -n ${mostFiles}); do
  [ -f "$f" ] && [ ! -L "$f" ] && [ -s "$f" ] || continue
  printf '%s %s %s\\n' "$f" "$(wc -c <"$f" | tr -d ' ')" "$(tail -c "$2" "$f" | wc -c | tr -d ' ')"
  tail -c "$2" "$f" | head -c "$2"
  printf '\\n'
done
`;

/** What runs have written about themselves on their hosts, as text for people. Looking never writes. */
export class RunLogs {
  constructor(private readonly hosts: readonly Host[]) {}

  /** The run's file first. Throws `UserError` where the run's folder is gone, and `HostError`. */
  async read(run: Pick<Run, 'id' | 'host'>, signal?: AbortSignal): Promise<RunLogText[]> {
    const host = hostOfRun(this.hosts, run);
    const { stdout } = await host.script(readScript, [run.id, String(most)], {
      maxBytes: 4 * 1024 * 1024,
      ...(signal && { signal }),
    });
    if (stdout.toString() === 'gone\n')
      throw new UserError(
        `The folder of the run is not on ${host.name}.`,
        'It was never launched there, or somebody removed it.',
      );
    return parseLogs(stdout);
  }
}

/** Pieces `NAME SIZE BYTES\n` + so many bytes + `\n`; what does not fit ends the reading. */
export function parseLogs(output: Buffer): RunLogText[] {
  const logs: RunLogText[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf('\n', at);
    if (lineEnd < 0) break;
    const head = /^(\S+) (\d+) (\d+)$/.exec(output.toString('utf8', at, lineEnd));
    if (!head) break;
    const [, name = '', size, bytes] = head;
    const start = lineEnd + 1;
    const end = start + Number(bytes);
    logs.push({
      name,
      text: output.toString('utf8', start, end),
      size: Number(size),
      cut: Number(size) > Number(bytes),
    });
    at = end + 1;
  }
  return logs;
}
