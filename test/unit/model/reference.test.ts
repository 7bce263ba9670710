import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { isAbsolutePath, isBranchName, isHostName } from '../../../src/model/names';
import { formatReference, parseReference } from '../../../src/model/session/reference';
import { id, session } from './examples';

const plain = `task-sessions:devserver/${id(1)}`;
const full = `${plain},task=PAY-456,branch=task/PAY-456-analysis,directory=/srv/platform`;
const parts = {
  host: 'devserver',
  sessionId: id(1),
  task: 'PAY-456',
  branch: 'task/PAY-456-analysis',
  directory: '/srv/platform',
};

describe('a session reference', () => {
  it('names host and session, with task, branch and directory as hints', () => {
    assert.equal(formatReference(session({ ...parts }), 'PAY-456'), full);
    assert.equal(formatReference(session({ host: 'devserver' })), plain);
  });

  it('leaves out what is no valid hint, and is none without a host', () => {
    const odd = session({ host: 'devserver', branch: '-x', directory: 'not/absolute' });
    assert.equal(formatReference(odd, 'no key'), plain);
    assert.equal(formatReference(session({ host: '' })), undefined);
    assert.equal(formatReference(session({ host: 'my host' })), undefined);
  });

  it('stays short enough to paste', () => {
    const text = formatReference(session({ host: 'devserver', directory: `/${'ü'.repeat(2000)}` }));
    assert.equal(text, plain);
  });

  for (const around of ['%', ' %\n', '`%`', '<%>', '"%"', "'%'", '`<%>` '])
    it(`is read within ${JSON.stringify(around)}`, () => {
      assert.deepEqual(parseReference(around.replace('%', full)), parts);
    });

  it('may say its id in capitals', () => {
    assert.deepEqual(parseReference(`task-sessions:devserver/${id(1).toUpperCase()}`), {
      host: 'devserver',
      sessionId: id(1),
    });
  });

  const wrong: Record<string, string> = {
    nothing: '',
    'a bare id': id(1),
    'another scheme': full.replace('task-sessions', 'http'),
    'words around it': `resume ${full} please`,
    'no host': `task-sessions:/${id(1)}`,
    'no id': 'task-sessions:devserver/',
    'half an id': 'task-sessions:devserver/5f1d9b2e',
    'a host that is an option': `task-sessions:-oProxyCommand/${id(1)}`,
    'a host with a user': `task-sessions:me%40devserver/${id(1)}`,
    'a host that is a path': `task-sessions:..%2Fx/${id(1)}`,
    'an unknown part': `${plain},command=x`,
    'an inherited name': `${plain},constructor=x`,
    'a part twice': `${plain},task=PAY-1,task=PAY-2`,
    'a part without a value': `${plain},task`,
    'two values': `${plain},task=PAY-1=2`,
    'a bad key': `${plain},task=pay`,
    'a bad branch': `${plain},branch=-x`,
    'a branch that shows as another': `${plain},branch=a%E2%80%AEb`,
    'a relative directory': `${plain},directory=srv`,
    'a directory with dots': `${plain},directory=/srv/%2E%2E/etc`,
    'a directory with a line break': `${plain},directory=/srv%0Ax`,
    'broken encoding': `${plain},directory=/srv/%E0%A4`,
    'half an escape': `${plain},directory=/srv/%`,
    'what is not encoded': `${plain},directory=/srv/$(id)`,
    'a trailing comma': `${plain},`,
    'no end': `${plain},directory=/${'a'.repeat(100_000)}`,
  };
  for (const [what, text] of Object.entries(wrong))
    it(`is not read from ${what}`, () => {
      assert.equal(parseReference(text), undefined);
    });

  const oddText = fc.string({ unit: 'binary', maxLength: 60 });
  it('comes back as it went, for all names that are valid, and as one word', () => {
    const path = oddText.map((text) => `/${text}`).filter(isAbsolutePath);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/).filter(isHostName),
        path,
        fc.stringMatching(/^[\w./!'()*~&;,=$-]{1,30}$/).filter(isBranchName),
        (host, directory, branch) => {
          const text = formatReference(session({ host, directory, branch }), 'PAY-1')!;
          assert.match(text, /^[A-Za-z0-9:/.,=%-]+$/);
          assert.doesNotMatch(text, /--|\.\./);
          assert.deepEqual(parseReference(text), {
            host,
            sessionId: id(1),
            task: 'PAY-1',
            directory,
            branch,
          });
        },
      ),
    );
  });

  it('never makes anything of other text', () => {
    fc.assert(
      fc.property(oddText, (text) => {
        const found = parseReference(`${plain},directory=${text}`);
        assert.ok(found?.directory === undefined || isAbsolutePath(found.directory));
      }),
    );
  });

  it('is one word of a shell as it stands', () => {
    const text = formatReference(
      session({ host: 'devserver', directory: "/srv/a b/$HOME/`id`/'q'/{x,y}/*" }),
      'PAY-1',
    )!;
    assert.equal(execFileSync('sh', ['-c', `printf '[%s]' ${text}`], { encoding: 'utf8' }), `[${text}]`);
  });
});
