import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { findKept } from '../kept/keptStore';
import { findBase } from '../probe/probeScript';
import { newNonce, parseSections } from '../probe/sections';

/** Where a transcript lies: among Claude's own, or the copy that we keep on its host. */
export interface TranscriptPlace {
  host: Host;
  /** Claude's configuration directory there, if it is not the account's own. */
  configDir?: string;
  /** `./<folder>/<id>.jsonl`, as the host's report has it; that of a copy may end in a number. */
  path: string;
  kept?: boolean;
}

/** A piece of a transcript. `size`: of the whole file, when it was read. */
export interface Piece {
  from: number;
  bytes: Buffer;
  size: number;
}

const blockSize = 4096;
const timeoutMs = 30_000;

/** POSIX sh. Sets \`root\` from \`$2\` (configuration directory) and \`$3\` (\`kept\` or nothing), and goes there. */
const enter = `
${findBase}${findKept}
case $3 in
  kept) root=$kept ;;
  *) root=$base/projects ;;
esac
nonce=$1
mark() { printf '\\n%s %s\\n' "$nonce" "$*"; }
`;

/**
 * Arguments: nonce, configuration directory, room, path, first block (\`-\`: so many before the end), blocks.
 * The file stands on no command line: another look at this account would take the reader for one that holds the session.
 */
const readScript = `
${enter}
from=$5 blocks=$6
if cd "$root" 2>/dev/null && [ -f "$4" ] && [ -r "$4" ]; then
  # Of what stands open: GNU and busybox, then BSD. To count takes its time where wc reads it all.
  size=$(stat -L -c %s /dev/stdin < "$4" 2>/dev/null || stat -L -f %z < "$4" 2>/dev/null || wc -c < "$4")
  size=$((size))
  if [ "$from" = - ]; then
    from=$(((size + 4095) / 4096 - blocks))
    [ "$from" -gt 0 ] || from=0
  fi
  mark piece "$size" "$from"
  dd bs=4096 skip="$from" count="$blocks" 2>/dev/null < "$4"
fi
mark end
`;

const pathPattern =
  /^(?:\.\/)?[A-Za-z0-9-]{1,255}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jsonl(?:\.\d{1,9})?$/i;

/**
 * Bytes of a transcript: from \`from\` on, or its last ones. What was read may begin a little before, at a block, and end
 * before, where the file does. Throws UserError where the file is gone, and HostError as the host does.
 */
export async function readRange(
  place: TranscriptPlace,
  from: number | 'end',
  length: number,
  signal?: AbortSignal,
): Promise<Piece> {
  const first = from === 'end' ? '-' : String(Math.floor(from / blockSize));
  const skipped = from === 'end' ? 0 : from % blockSize;
  const blocks = String(Math.ceil((length + skipped) / blockSize));
  const [section] = await ask(place, readScript, [checkedPath(place), first, blocks], signal);
  const [size, begin] = (section?.args ?? []).map(Number);
  if (section?.name !== 'piece' || size === undefined || begin === undefined) throw gone(place);
  return { from: begin * blockSize, bytes: section.body, size };
}

/** A tail of the transcript of a sub-agent, and what Claude notes about it. */
export interface AgentFile {
  meta: string;
  tail: Buffer;
}

/**
 * Arguments: nonce, configuration directory, room, folder, then ids of calls. One line each in the metadata, which \`read\`
 * reads without starting a program.
 */
const agentsScript = `
${enter}
cd "$root" 2>/dev/null && cd "$4" 2>/dev/null || { mark end; return; }
shift 4
for file in agent-*.meta.json; do
  [ -f "$file" ] || continue
  IFS= read -r text < "$file" || :
  for id in "$@"; do
    case $text in
      *"\\"$id\\""*)
        mark meta
        printf '%s\\n' "$text" | head -c 4096
        lines=\${file%.meta.json}.jsonl
        [ -f "$lines" ] || continue
        mark tail
        tail -c 65536 < "$lines"
        ;;
    esac
  done
done
mark end
`;

/** What the sub-agents of these calls wrote last. */
export async function readAgents(
  place: TranscriptPlace,
  calls: readonly string[],
  signal?: AbortSignal,
): Promise<AgentFile[]> {
  const ids = calls.filter((id) => /^[A-Za-z0-9_-]{1,100}$/.test(id)).slice(-40);
  if (ids.length === 0) return [];
  const folder = `${checkedPath(place).replace(/\.jsonl(?:\.\d+)?$/, '')}/subagents`;
  const files: AgentFile[] = [];
  for (const { name, body } of await ask(place, agentsScript, [folder, ...ids], signal)) {
    const last = files.at(-1);
    if (name === 'meta') files.push({ meta: body.toString(), tail: Buffer.alloc(0) });
    else if (name === 'tail' && last) last.tail = body;
  }
  return files;
}

async function ask(place: TranscriptPlace, script: string, args: readonly string[], signal?: AbortSignal) {
  const nonce = newNonce();
  const { host, configDir = '', kept } = place;
  const { stdout, stderr } = await host.script(script, [nonce, configDir, kept ? 'kept' : '', ...args], {
    timeoutMs,
    ...(signal && { signal }),
  });
  const sections = parseSections(stdout, nonce);
  if (sections) return sections;
  throw new UserError(
    `${host.name} gave half an answer when asked for a transcript.`,
    stderr.trim().slice(0, 300) || 'Try again.',
  );
}

function checkedPath(place: TranscriptPlace): string {
  // "./" keeps a folder that begins with "-" from being an option.
  if (pathPattern.test(place.path)) return place.path.replace(/^(?!\.\/)/, './');
  throw new UserError('This is not the path of a transcript.', 'Refresh, and try again.');
}

const gone = ({ host, kept }: TranscriptPlace): UserError =>
  new UserError(
    `The ${kept ? 'kept copy of the ' : ''}transcript cannot be read on ${host.name} (any more).`,
    'Refresh. Claude deletes transcripts after cleanupPeriodDays.',
  );
