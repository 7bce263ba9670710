import assert from 'node:assert/strict';
import { startBlocker } from '../../../src/sources/claude/launch/startBlocker';
import type { BlockerKind } from '../../../src/sources/claude/launch/startBlocker';

/** Screens of CLI 2.1.329, shortened. */
const screens: { is: BlockerKind | undefined; status?: number; text: string }[] = [
  {
    is: 'noConversation',
    status: 1,
    text: 'No conversation found with session ID: 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01\n',
  },
  { is: undefined, text: '> why does it say No conversation found with session ID: x\n' },
  {
    is: 'inUse',
    status: 1,
    text: 'Error: Session ID 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01 is already in use.',
  },
  {
    is: 'runningInBackground',
    status: 1,
    text: 'Error: That session is running in the background (5f1d9b2e). Run `claude attach 5f1d9b2e` to open it',
  },
  {
    is: 'trustDialog',
    text: ' Accessing workspace:\n /srv/platform\n Quick safety check: Is this a project you created or one you trust? (Like your own code)\n ❯ No, exit\n',
  },
  {
    is: 'trustDialog',
    status: 1,
    text: ' Quick safety check: Is this a project you created or one you trust?',
  },
  {
    is: 'directoryDialog',
    text: ' Adding a new directory:\n /srv/lib\n This session hasn’t worked here before. Is this a directory you created or one you trust?',
  },
  {
    is: 'apiKeyDialog',
    text: '  Detected a custom API key in your environment\n  ANTHROPIC_API_KEY: sk-ant-...7890\n  ❯ No (recommended)',
  },
  {
    is: 'bypassWarning',
    text: '  WARNING: Claude Code running in Bypass Permissions mode\n  By proceeding, you accept all responsibility for actions taken',
  },
  {
    is: 'rootRefused',
    status: 1,
    text: '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons',
  },
  {
    is: 'onboarding',
    status: 1,
    text: 'Welcome to Claude Code v2.1.329\n Unable to connect to Anthropic services\n Failed to connect',
  },
  {
    is: 'badOption',
    status: 1,
    text: "error: option '--permission-mode <mode>' argument 'nonsense' is invalid.",
  },
  {
    is: 'badOption',
    status: 1,
    text: 'Error: Invalid MCP configuration:\nMCP config file not found: /nope.json',
  },
  { is: 'savingOff', text: '⚠ Transcript saving is off — inherited CLAUDE_CODE_CHILD_SESSION marker' },
  {
    is: 'resumePicker',
    text: '────\n  Resume session\n  ⌕ Search…\n  Ctrl+A to show all projects · Esc to close',
  },
  { is: 'notLoggedIn', text: ' Not logged in · Please run /login' },
  { is: 'missingDirectory', status: 96, text: '' },
  { is: 'notFound', status: 127, text: 'bash: line 1: exec: claude: not found' },
  { is: 'ended', status: 1, text: 'Something else' },
  {
    is: undefined,
    status: 0,
    text: 'Resume this session with:\nclaude --resume 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
  },
  { is: undefined, text: '❯ \n  ⏵⏵ auto mode on (shift+tab to cycle)' },
];

describe('a start that is blocked', () => {
  for (const { is, status, text } of screens)
    it(`${is ?? 'is none'}: ${text.trim().split('\n')[0]?.slice(0, 50)} (${status ?? 'alive'})`, () => {
      const told = startBlocker(text, status);
      assert.equal(told?.kind, is);
      if (told) assert.ok(told.message.endsWith('.') && told.next.endsWith('.'));
    });
});
