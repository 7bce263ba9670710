import type { Demo } from './environment';

/** What a person sees when the demo stands. */
export function instructions(demo: Demo, window: string): string {
  const { claude, jira, folder } = demo;
  const written = {
    real: 'written by the real claude; a small stand-in answers for the model',
    generated: 'made up in the shape of real ones: claude could not be installed, so none can be resumed',
    none: 'none',
  }[claude];
  const resumable = [
    ['PAY-456', 'its session lives in tmux on devserver: Resume joins it. Ask it something.'],
    ['PAY-483', 'waits at a permission prompt on devserver: Resume, and answer it.'],
    ['PAY-478', 'ended on this machine, in a worktree two commits ahead: Resume goes on where it was.'],
    [
      'PAY-492',
      'Start Analysis: on devserver, in half a minute. The record and the status follow in Jira, and Slack (here) hears of it.',
    ],
    [
      'PORTAL-112',
      'Review Documents, select lines and press + to Ask Claude About This, then Approve for Implementation.',
    ],
    [
      'PAY-472',
      'is approved: Start Implementation. Four steps in one session; the third fails its check: Fix and Continue.',
    ],
    ['PAY-485', 'its analysis failed: see why, and Continue Run; this time the documents come.'],
  ] as const;
  const tries = [
    ...(claude === 'real' ? resumable : []),
    ['PAY-461', '3 of 5 documents: open them, nothing is checked out. Then check its branch out.'],
    ['PORTAL-118', 'change README.md, then check this branch out: refused, with the ways on.'],
    ['PORTAL-109', 'its session is on buildbox, which is down: Resume says so.'],
    ['PAY-433', 'Claude deleted its transcript for its age: start a new session from the documents.'],
    ['PAY-490', 'a candidate: a session on its branch that nobody has published. Link it, or Unlink it.'],
    [
      'Sessions',
      'the view below: all of them by host. Link "Why does the settlement…" to PAY-461, and publish that.',
    ],
    ['PAY-472', 'has a session that Claude deletes in two days: Keep Session.'],
  ] as const;
  return `
Task Sessions, the demo. Ctrl-C ends it and leaves nothing behind.

  VS Code   ${window}
            The view Task Sessions opens by itself; else click its icon on the left.
  Jira      ${jira.url} (a simulator; you are Dana Developer)
  Slack     a stand-in; what webhooks send it is printed here
  Hosts     laptop (this machine), devserver (over ssh), buildbox (down)
  Sessions  ${written}

Try
${tries.map(([key, text]) => `  ${key.padEnd(11)} ${text}`).join('\n')}

In another terminal: ${folder}/task-sessions tasks
`;
}
