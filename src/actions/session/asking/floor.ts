import { createHash, randomUUID } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import { isCancelled, UserError } from '../../../model/errors';
import { processes } from '../../../runs/script/processes';

/** Seconds after which who has the floor has lost it: longer than a question takes, and nobody was killed for good. */
const lease = 60;
/** In which somebody else may come to the end of his question. */
const mostPatienceMs = 15_000;

const enter = `
umask 077
folder=$HOME/.local/state/task-sessions/asking
mkdir -p "$folder" && cd "$folder" || { echo closed; return; }
${processes}
isTaken() {
  newest "$1"
  since= who=
  { read -r since who <"$1.g$generation"; } 2>/dev/null
  case $since in '' | *[!0-9]*) return 1 ;; esac
  age=$(($(date +%s) - since))
  [ "$age" -lt ${lease} ] && [ "$age" -gt -${lease} ]
}
`;

/**
 * `$1` session, `$2` who, `$3` seconds to wait. As with the locks of a run, the newest generation counts: linked into
 * place by one alone. It is given back by emptying it, since a number is never given twice.
 */
const takeScript = `${enter}
find . -type f -mtime +7 -exec rm -f {} \\;
end=$(($(date +%s) + $3))
while :; do
  if isTaken "$1"; then
    [ "$(date +%s)" -lt "$end" ] || { echo taken; return; }
    sleep 0.2 2>/dev/null || sleep 1
    continue
  fi
  before=$generation after=$((generation + 1))
  printf '%s %s\\n' "$(date +%s)" "$2" >"$1.$2" || { rm -f "$1.$2"; echo closed; return; }
  ln "$1.$2" "$1.g$after" 2>/dev/null
  linked=$?
  rm -f "$1.$2"
  [ "$linked" = 0 ] || { [ -e "$1.g$after" ] && continue; echo closed; return; }
  newest "$1"
  if [ "$generation" = "$after" ]; then rm -f "$1.g$before"; echo yours; return; fi
  rm -f "$1.g$after"
done
`;

const leaveScript = `${enter}
isTaken "$1" && [ "$who" = "$2" ] && : >"$1.g$generation"
`;

/** The right to type into a session, which one window or command line has at a time. */
export interface Floor {
  /** Gives it back; where the host does not answer, it lapses. */
  leave(): Promise<void>;
}

/**
 * Takes the floor of a session on its own host, where everybody meets who could type into it; waits a little for who has
 * it. Undefined where somebody keeps it. Throws UserError where it cannot be told.
 */
export async function takeFloor(
  host: Host,
  sessionId: string,
  { signal, patienceMs = mostPatienceMs }: { signal?: AbortSignal | undefined; patienceMs?: number } = {},
): Promise<Floor | undefined> {
  // No command line is to name a session that it does not hold.
  const name = createHash('sha256').update(sessionId).digest('hex').slice(0, 16);
  const who = randomUUID();
  const seconds = Math.ceil(Math.min(patienceMs, mostPatienceMs) / 1000);
  const leave = async (): Promise<void> => {
    await host.script(leaveScript, [name, who]).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
    });
  };
  try {
    const { stdout } = await host.script(takeScript, [name, who, String(seconds)], {
      timeoutMs: (seconds + 15) * 1000,
      ...(signal && { signal }),
    });
    switch (stdout.toString().trim()) {
      case 'yours':
        return { leave };
      case 'taken':
        return undefined;
    }
  } catch (error) {
    // It may be ours by now.
    if (isCancelled(error) || signal?.aborted) await leave();
    throw error;
  }
  throw new UserError(
    `Nothing can be noted in ~/.local/state/task-sessions on ${host.name}, so that two questions could mix.`,
    'Make room there, or check whose that folder is.',
  );
}
