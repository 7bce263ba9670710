import assert from 'node:assert/strict';
import {
  isAbsolutePath,
  isBranchName,
  isHostName,
  isIssueKey,
  isTerminalName,
  parseObjectId,
  parseSessionId,
  projectOf,
  shortId,
  terminalName,
} from '../../../src/model/names';

const uuid = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

interface Names {
  what: string;
  test: (text: string) => boolean;
  good: string[];
  bad: string[];
}

const tables: Names[] = [
  {
    what: 'branch',
    test: isBranchName,
    good: [
      'main',
      'task/PAY-456-analysis',
      'feature/ünïcode-ß',
      '修正/返金',
      'a@b',
      'stash',
      'v1.2.3',
      'HEAD2',
      'x'.repeat(244),
      'abc123',
      // Accepted by git, and harmless as one word of an argv array.
      '$(id)',
      ';id',
      "it's",
      'say-"hi"',
      'a|b',
      'a>b',
      '100%s',
    ],
    bad: [
      '',
      '-x',
      '--upload-pack=id',
      '@',
      '@{-1}',
      'a@{1}',
      'HEAD',
      'FETCH_HEAD',
      'refs/heads/x',
      '0123456789abcdef0123456789abcdef01234567',
      'A'.repeat(64),
      'x'.repeat(245),
      'a b',
      'a..b',
      'a~1',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[b',
      'a\\b',
      '/a',
      'a/',
      'a//b',
      '.a',
      'a/.b',
      'a.lock',
      'a.lock/b',
      'a.',
      'a\0b',
      'a\nb',
      'a\x1b[31mb',
      'a\x7fb',
      'a\u00a0b', // no-break space
      'a\u3000b', // ideographic space
      'a\u2028b', // line separator
      'a\u200bb', // zero width space
      'a\u200db', // zero width joiner
      'a\ufeffb', // byte order mark
      'a\u00adb', // soft hyphen
      'a\u202eb', // right-to-left override
      'a\u2066b', // left-to-right isolate
      'a\u061cb', // Arabic letter mark
      'a\u{e0041}b', // tag
      'a\ue000b', // private use
      'a\ud800b', // half a pair
      'a\u3164b', // Hangul filler: a letter that shows as nothing
      'a\ufe0fb', // variation selector
    ],
  },
  {
    what: 'issue key',
    test: isIssueKey,
    good: ['PAY-1', 'PAY-4567890123', 'A1_B-9', 'JIRA-456'],
    bad: [
      '',
      'PAY',
      'pay-1',
      'P-1',
      'PAY-0',
      'PAY-01',
      'PAY-12345678901',
      'PAY-1 ',
      ' PAY-1',
      'PAY-1\n',
      '1PAY-1',
      'PAY--1',
      'PAY-1/../x',
      'ＰＡＹ-1',
      `${'P'.repeat(65)}-1`,
    ],
  },
  {
    what: 'host name',
    test: isHostName,
    good: ['devserver', 'dev.example.com', 'a', '1', 'dev_2-b'],
    bad: ['', '-oProxyCommand=id', '.dev', 'a b', 'a/b', 'a:b', 'user@host', 'dev\n', 'dév', 'x'.repeat(65)],
  },
  {
    what: 'terminal name',
    test: isTerminalName,
    good: ['PAY-456-5f1d9b2e', 'a', '1_2-3'],
    bad: ['', '-a', '_a', 'a.b', 'a:b', 'a;', '#(id)', 'a*', '=a', 'a b', 'a\n', 'é', 'x'.repeat(129)],
  },
  {
    what: 'absolute path',
    test: isAbsolutePath,
    good: [
      '/',
      '/srv/platform',
      '/srv/with space',
      "/srv/it's",
      '/srv/ünï',
      '/srv/..a',
      `/${'x'.repeat(4095)}`,
    ],
    bad: [
      '',
      'srv',
      './srv',
      '~/srv',
      '/srv/../etc',
      '/..',
      '/srv\0x',
      '/srv\nx',
      '/srv\x1b]0;x',
      '/srv/\u202ex',
      '/srv/\u2067x',
      '/srv/\u200fx',
      '/srv/\u061cx',
      '/srv/\u2028x',
      '/srv/\udc00x',
      `/${'x'.repeat(4096)}`,
    ],
  },
  {
    what: 'session id',
    test: (text) => parseSessionId(text) === text,
    good: [uuid, '00000000-0000-0000-0000-000000000000'],
    bad: [
      '',
      uuid.slice(1),
      `${uuid}0`,
      ` ${uuid}`,
      `${uuid}\n`,
      `${uuid}; id`,
      uuid.replaceAll('-', ''),
      `{${uuid}}`,
    ],
  },
  {
    what: 'object id',
    test: (text) => parseObjectId(text) === text,
    good: ['3f2c9d1', '0'.repeat(40), 'f'.repeat(64)],
    bad: ['', '3f2c9d', '3f2c…', 'f'.repeat(65), 'main', '3f2c9d1\n', '-3f2c9d1'],
  },
];

for (const { what, test, good, bad } of tables)
  describe(`a ${what}`, () => {
    for (const text of good) it(`may be ${JSON.stringify(text.slice(0, 60))}`, () => assert.ok(test(text)));
    for (const text of bad) it(`is not ${JSON.stringify(text.slice(0, 60))}`, () => assert.ok(!test(text)));
  });

describe('names', () => {
  it('are in lower case where they are hexadecimal', () => {
    assert.equal(parseSessionId(uuid.toUpperCase()), uuid);
    assert.equal(parseObjectId('3F2C9D1A'), '3f2c9d1a');
  });

  it('of terminals hold the key and the short id, and are always safe', () => {
    assert.equal(shortId(uuid), '5f1d9b2e');
    assert.equal(projectOf('A-B-12'), 'A-B');
    assert.equal(terminalName(uuid, 'PAY-456'), 'PAY-456-5f1d9b2e');
    for (const key of [undefined, '', 'pay-1', '#(id)-1', 'PAY-1;'])
      assert.equal(terminalName(uuid, key), 'session-5f1d9b2e');
    assert.ok(isTerminalName(terminalName(uuid, `${'P'.repeat(64)}-1234567890`)));
  });
});
