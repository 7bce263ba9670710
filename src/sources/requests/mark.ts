import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { requestsFolder } from '../../model/gate/request/request';

/** What is done is kept for a while, so that nobody tells it again; in days. */
const keptDays = 60;

/**
 * `$1` session or nothing, `$2…` requests: the newest first, with which all older ones of the session are done. Two who
 * mark at once, or one who does it again, come to the same.
 */
const doneScript = `
cd "$HOME/${requestsFolder}" 2>/dev/null || { echo done; return; }
session=$1; shift
all=
if [ "$session" ] && [ -e "$1.json" ]; then
  all=$(find . -name '*.json' -type f -size -33 ! -newer "$1.json" -exec grep -l '"sessionId" *: *"'"$session"'"' {} + 2>/dev/null | {
    n=0
    while IFS= read -r file; do mv -f "$file" "\${file%.json}.done" 2>/dev/null && n=$((n + 1)); done
    echo "$n"
  })
fi
for id in "$@"; do
  mv -f "$id.json" "$id.done" 2>/dev/null
  if [ -e "$id.json" ]; then echo failed; return; fi
done
find . -name '*.done' -mtime +${keptDays} -exec rm -f {} + 2>/dev/null
find ./told -type d -name '*.*' -mtime +${keptDays} -exec rmdir {} + 2>/dev/null
echo "done $all"
`;

/**
 * Notes that nothing is left to do about these requests, the newest first; with `sessionId`, about all that this session
 * has asked before. Answers how many more than the first that were, as far as known. Throws `UserError`, `HostError`.
 */
export async function markDone(
  host: Host,
  ids: readonly string[],
  { sessionId = '', signal }: { sessionId?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const { stdout } = await host.script(doneScript, [sessionId, ...ids], signal && { signal });
  const [answer, all = '0'] = stdout.toString().trim().split(' ');
  if (answer !== 'done') throw unwritable(host);
  return Math.max(ids.length, Number(all) || 0) - 1;
}

const claimScript = `
cd "$HOME/${requestsFolder}" 2>/dev/null || { echo failed; return; }
umask 077
mkdir told 2>/dev/null
if mkdir "told/$1.$2" 2>/dev/null; then echo ours; elif [ -d "told/$1.$2" ]; then echo theirs; else echo failed; fi
`;

/** Whether it is ours to tell `name` of this request: of all who ask, one is. Throws `UserError`, `HostError`. */
export async function claimRequest(
  host: Host,
  id: string,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) throw new Error(`no name for a message: ${name}`);
  const { stdout } = await host.script(claimScript, [id, name], signal && { signal });
  const answer = stdout.toString().trim();
  if (answer === 'ours' || answer === 'theirs') return answer === 'ours';
  throw unwritable(host);
}

const unwritable = (host: Host): UserError =>
  new UserError(
    `The folder of requests on ${host.name} cannot be written.`,
    `Make room there, or check whose ~/${requestsFolder} is.`,
  );
