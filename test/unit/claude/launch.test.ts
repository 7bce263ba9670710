import assert from 'node:assert/strict';
import {
  flagArguments,
  launchArgv,
  loginShellScript,
  readFlags,
} from '../../../src/sources/claude/launch/launch';
import type { LaunchFlags } from '../../../src/sources/claude/launch/launch';
import { isOlder } from '../../../src/sources/claude/launch/findClaude';
import { UserError } from '../../../src/model/errors';

const sessionId = '5F1D9B2E-7c44-4c1b-9a1e-2b8f0f5f6a01';
const newId = '9c02aa17-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('a launch of Claude', () => {
  const words = (argv: string[]): string[] => {
    assert.deepEqual(argv.slice(0, 4), ['sh', '-c', loginShellScript, 'sh']);
    return argv.slice(4);
  };

  it('resumes by the id as its file spells it', () =>
    assert.deepEqual(words(launchArgv({ kind: 'resume', sessionId })), ['claude', '--resume', sessionId]));

  it('forks under an id that is known before', () =>
    assert.deepEqual(words(launchArgv({ kind: 'fork', sessionId, newId })), [
      'claude',
      '--resume',
      sessionId,
      '--fork-session',
      '--session-id',
      newId,
    ]));

  it('starts anew with a prompt that cannot be an option', () =>
    assert.deepEqual(
      words(
        launchArgv(
          { kind: 'new', newId, prompt: '--dangerously-skip-permissions' },
          { claudePath: '/opt/claude', flags: { permissionMode: 'plan' } },
        ),
      ),
      [
        '/opt/claude',
        '--session-id',
        newId,
        '--permission-mode=plan',
        '--',
        '--dangerously-skip-permissions',
      ],
    ));

  const refused: { name: string; launch: () => string[] }[] = [
    { name: 'what is no id', launch: () => launchArgv({ kind: 'resume', sessionId: '--help' }) },
    {
      name: 'a path that is an option',
      launch: () => launchArgv({ kind: 'new', newId }, { claudePath: '-x' }),
    },
    { name: 'a NUL', launch: () => launchArgv({ kind: 'new', newId, prompt: 'a\0b' }) },
    { name: 'a mode of several words', launch: () => flagArguments({ permissionMode: 'plan --x' }) },
    { name: 'control characters', launch: () => flagArguments({ model: 'opus\n' }) },
    { name: 'an empty directory', launch: () => flagArguments({ addDir: [''] }) },
  ];
  for (const { name, launch } of refused) it(`refuses ${name}`, () => assert.throws(launch, UserError));

  it('keeps its flags from one launch to the next', () => {
    const flags: LaunchFlags = {
      permissionMode: 'acceptEdits',
      model: 'opus[1m]',
      mcpConfig: ['/a b.json'],
      addDir: ['/x=y', '/z'],
      settings: '{"env":{}}',
    };
    assert.deepEqual(readFlags(flagArguments(flags)), flags);
  });

  it('forgets flags that are not its own', () =>
    assert.deepEqual(
      readFlags(['--dangerously-skip-permissions', '--model=', '--model', 'x', '--plugin=y']),
      {},
    ));
});

describe('a version', () => {
  for (const [version, than, older] of [
    ['2.1.94', '2.1.94', false],
    ['2.1.9', '2.1.94', true],
    ['2.1.329', '2.1.94', false],
    ['1.9.400', '2.1.94', true],
    ['3.0.0', '2.1.94', false],
  ] as const)
    it(`${version} is ${older ? '' : 'not '}older than ${than}`, () =>
      assert.equal(isOlder(version, than), older));
});
