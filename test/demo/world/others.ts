import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoTasks } from '../../jira/demoTasks';
import type { PlacedSession } from './sessions';

const hour = 3_600_000;

/** The folder of a host's home in which detached runs leave their logs. */
export const runLogs = 'runs';

/**
 * Sessions that no record names, in the clones, on main: one that a colleague began on devserver, one that the user
 * linked weeks ago and that Claude will soon delete, and a nightly run that leaves a log.
 */
export function otherSessions(
  clones: { laptop: string; devserver: string },
  now: number,
  newId: (short: string) => string,
): PlacedSession[] {
  const about = (
    key: string,
    short: string,
    hoursAgo: readonly [begun: number, ended: number],
    more: Pick<PlacedSession, 'slot' | 'prompt' | 'answer' | 'usedPercent'> & Partial<PlacedSession>,
  ): PlacedSession => {
    const { host = 'devserver' } = more;
    return {
      task: demoTasks.find((task) => task.key === key)!,
      id: newId(short),
      kind: 'other',
      outcome: 'complete',
      host,
      directory: host === 'laptop' ? clones.laptop : clones.devserver,
      branch: 'main',
      unpublished: true,
      written: true,
      begun: now - hoursAgo[0] * hour,
      ended: now - hoursAgo[1] * hour,
      ...more,
    };
  };
  return [
    about('PAY-461', 'e41c7a90', [5.2, 4.6], {
      slot: 'other/unlinked',
      prompt: 'Why does the settlement export of merchants in Japan begin a day late?',
      answer:
        'The export cuts days at midnight UTC. For Tokyo that is nine in the morning, so the first hours of a day land in the one before.',
      usedPercent: 9,
    }),
    about('PAY-472', '1d20b5e3', [616, 615], {
      slot: 'other/expiring',
      host: 'laptop',
      linked: true,
      prompt: 'How do the gateways we use limit requests, and what do they answer then?',
      answer:
        'Two answer 429 with Retry-After, one 503 without it. I noted the limits of each in a table above.',
      usedPercent: 27,
    }),
    about('PAY-495', '97f3c2d8', [9, 8.9], {
      slot: 'other/run',
      log: 'nightly-links.jsonl',
      prompt: 'Check every link in the runbooks and list those that are dead.',
      answer: 'Three are dead, all of them to the old status page.',
      usedPercent: 4,
    }),
  ];
}

/** What `claude -p --output-format stream-json` would have left of a run: where it began, and how it ended. */
export async function writeRunLog(home: string, session: PlacedSession): Promise<void> {
  const { id: session_id, directory: cwd, log, answer } = session;
  if (log === undefined) return;
  const lines = [
    { type: 'system', subtype: 'init', cwd, session_id, tools: [], model: 'claude-opus-5-5' },
    { type: 'result', subtype: 'success', is_error: false, num_turns: 1, result: answer, session_id },
  ];
  const folder = join(home, runLogs);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, log), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
