import assert from 'node:assert/strict';
import { Assembler } from '../../../src/model/assemble';
import type { Session } from '../../../src/model/session/session';
import { claim, clock, id, issue, pane, report, settings, transcript } from '../model/examples';

const recorded = 'https://recorded.example/?x=y';
const name = 'PAY-1-00000001';
function session(webTerminal: string | undefined, socket?: string): Session | undefined {
  const { sessions } = new Assembler().assemble({
    at: clock,
    settings: settings(),
    jira: { signedIn: true },
    issues: [issue('PAY-1', { claims: [claim({ sessionId: id(1), webTerminal: recorded })] })],
    hosts: [
      {
        state: { name: 'laptop', local: true },
        names: ['laptop'],
        webTerminal,
        report: report('laptop', {
          transcripts: [transcript()],
          panes: socket === undefined ? [] : [pane({ socket, sessionId: id(1) })],
        }),
      },
    ],
    branchNames: new Map(),
    branches: new Map(),
    ledger: { entries: [], worktrees: [] },
  });
  return sessions[0];
}

describe("a session's web terminal", () => {
  const template = 'https://term.example/?arg=${name}&key=${key}';
  const ours = '/tmp/tmux-1000/task-sessions';

  it("is that of its host's template where it has a terminal of ours", () => {
    assert.equal(session(template, ours)?.webTerminalUrl, `https://term.example/?arg=${name}&key=PAY-1`);
  });

  it('is what its record says where nothing better is known', () => {
    for (const [given, socket] of [
      [template, undefined],
      [template, '/tmp/tmux-1000/default'],
      ['http://term.example/?arg=${name}', ours],
      [undefined, ours],
    ] as const)
      assert.equal(session(given, socket)?.webTerminalUrl, recorded, String(given));
  });
});
