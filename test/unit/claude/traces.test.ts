import assert from 'node:assert/strict';
import { PromptHistory } from '../../../src/sources/claude/traces/readHistory';
import { readJob } from '../../../src/sources/claude/traces/readJob';
import { endIsCut, readLog } from '../../../src/sources/claude/traces/readLog';

const one = '5e551000-0000-4000-8000-000000000001';
const two = '5e551000-0000-4000-8000-000000000002';
const at = 1_700_000_000_000;
const lines = (...objects: unknown[]): string =>
  objects.map((object) => (typeof object === 'string' ? object : JSON.stringify(object))).join('\n') + '\n';
const init = (session_id: string, cwd: unknown = '/srv') => ({
  type: 'system',
  subtype: 'init',
  cwd,
  session_id,
});
const result = (session_id: unknown, more: object = {}) => ({
  session_id,
  type: 'result',
  is_error: false,
  ...more,
});

describe('a stream-json log', () => {
  const base = { source: 'log', path: '/l', at } as const;
  const first = { ...base, sessionId: one, directory: '/srv' };
  const cases: [name: string, text: string, expected: object[]][] = [
    ['nothing', '', []],
    [
      'words, binary and foreign JSON',
      lines('hello', '\0\0', '[1]', 'null', '{"type":"x"}', '{"session_id":7}'),
      [],
    ],
    ['an id that is none', lines({ type: 'system', session_id: '../../etc' }), []],
    ['a start', lines(init(one)), [first]],
    ['upper case', lines(init(one.toUpperCase().replace('5E', '5e'))), [first]],
    [
      'a hook before the start',
      lines({ type: 'system', subtype: 'hook', session_id: one }, init(one)),
      [first],
    ],
    [
      'success in word, failure in deed',
      lines(
        init(one),
        result(one, { subtype: 'success', is_error: true, result: 'Invalid\u001b[1m API key' }),
      ),
      [{ ...first, outcome: { failed: true, text: 'Invalid [1m API key' } }],
    ],
    [
      'errors',
      lines(init(one), result(one, { is_error: true, errors: ['No', 5, 'way'] })),
      [{ ...first, outcome: { failed: true, text: 'No; way' } }],
    ],
    [
      'several results',
      lines(init(one), result(one, { result: 'One' }), result(one, { result: 'Two' })),
      [{ ...first, outcome: { failed: false, text: 'Two' } }],
    ],
    [
      'a result without a verdict',
      lines(init(one), { type: 'result', session_id: one, result: 'x' }),
      [first],
    ],
    ['another turn after the end', lines(init(one), result(one), init(one)), [first]],
    [
      'two sessions, the newest last',
      lines(init(one), result(one), init(two, '/there'), result(two, { result: 'x'.repeat(300) })),
      [
        { ...first, outcome: { failed: false } },
        {
          ...base,
          sessionId: two,
          directory: '/there',
          outcome: { failed: false, text: `${'x'.repeat(199)}…` },
        },
      ],
    ],
    ['a directory that is none', lines(init(one, 'srv')), [{ ...base, sessionId: one }]],
    ...['/srv/../etc', '/srv\n/etc', '/srv/\u202egnp'].map((cwd): [string, string, object[]] => [
      `the directory ${JSON.stringify(cwd)}`,
      lines(init(one, cwd)),
      [{ ...base, sessionId: one }],
    ]),
    ['no directory at all', lines({ ...init(one), cwd: undefined }), [{ ...base, sessionId: one }]],
    [
      'a start that is cut',
      lines({ ...init(one), tools: ['Task', 'Bash'] }).slice(0, -5),
      [{ ...base, sessionId: one }],
    ],
  ];
  for (const [name, text, expected] of cases)
    it(`with ${name}`, () => assert.deepEqual(readLog('/l', at, { head: Buffer.from(text) }), expected));

  it('is read from both ends', () => {
    const head = Buffer.from(`${lines(init(one))}{"type":"assistant","mess`);
    const tail = Buffer.from(`age":1}\n${lines(result(one, { result: 'End' }))}`);
    assert.deepEqual(readLog('/l', at, { head, tail }), [
      { ...first, outcome: { failed: false, text: 'End' } },
    ]);
    assert.equal(endIsCut({ head, tail }), false);
    assert.equal(endIsCut({ head, tail: Buffer.from('…half of a long line\n') }), true);
    assert.equal(endIsCut({ head }), false);
  });

  it('names no more sessions than it may', () => {
    const many = Array.from({ length: 300 }, (_, i) =>
      result(`5e551000-0000-4000-8000-${String(i).padStart(12, '0')}`),
    );
    assert.ok(readLog('/l', at, { head: Buffer.from(lines(...many)) }).length <= 50);
  });
});

describe('the history of prompts', () => {
  const prompt = (sessionId: string, display: string, timestamp: unknown = at) => ({
    display,
    timestamp,
    project: '/srv',
    sessionId,
  });
  const bytes = (...objects: unknown[]): Buffer => Buffer.from(lines(...objects));

  it('keeps the last prompt of each session, and no command', () => {
    const history = new PromptHistory();
    history.take(
      '7',
      0,
      bytes(prompt(one, 'A'), 'broken', prompt(two, 'B'), prompt('x', 'C'), prompt(one, '/exit', at + 5)),
    );
    const entry = { source: 'history', directory: '/srv' } as const;
    assert.deepEqual(history.traces, [
      { ...entry, sessionId: two, title: 'B', at },
      { ...entry, sessionId: one, title: 'A', at: at + 5 },
    ]);
    assert.equal(history.traces.length, 2);
    history.take(
      '7',
      history.offset,
      bytes(prompt(one, '/clear is not understood'), prompt(two, 'x', 'yesterday')),
    );
    assert.deepEqual(history.traces.at(-1), { ...entry, sessionId: one, title: 'A', at, clearedAt: at });
  });

  for (const project of ['srv', '/srv/../etc', '/srv\n/etc', '/srv/\u202egnp'])
    it(`takes ${JSON.stringify(project)} for no directory`, () => {
      const history = new PromptHistory();
      history.take('7', 0, bytes({ ...prompt(one, 'A'), project }));
      assert.deepEqual(history.traces, [{ source: 'history', sessionId: one, title: 'A', at }]);
    });

  it('goes on where it ended, waits for the end of a line, and begins anew with another file', () => {
    const history = new PromptHistory();
    const whole = bytes(prompt(one, 'A'), prompt(two, 'B'));
    const cut = whole.length - 5;
    history.take('7', 0, whole.subarray(0, cut));
    assert.deepEqual(
      history.traces.map(({ title }) => title),
      ['A'],
    );
    const from = history.offset;
    history.take('7', from, whole.subarray(from));
    assert.deepEqual(
      history.traces.map(({ title }) => title),
      ['A', 'B'],
    );
    assert.equal(history.offset, whole.length);
    history.take('8', 0, bytes(prompt(two, 'C')));
    assert.deepEqual(
      history.traces.map(({ title }) => title),
      ['C'],
    );
  });

  it('forgets the oldest', () => {
    const history = new PromptHistory();
    const id = (i: number): string => `5e551000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    history.take('7', 0, bytes(...Array.from({ length: 2100 }, (_, i) => prompt(id(i), String(i)))));
    assert.deepEqual([history.traces.length, history.traces[0]?.title], [2000, '100']);
  });
});

describe('the state of a job', () => {
  it('is read from the fields that were picked, the first of a name', () => {
    const picked = [
      `"state": "working"`,
      `"name":"A \\"b\\""`,
      `"sessionId": "${one}"`,
      `"cwd": "/srv"`,
      `"name": "deeper"`,
    ];
    assert.deepEqual(readJob('/j', at, picked.join('\n')), [
      { sessionId: one, source: 'job', path: '/j', directory: '/srv', title: 'A "b"', at },
    ]);
  });

  for (const cwd of ['srv', '/srv/../etc', '/srv\n/etc', '/srv/\u202egnp'])
    it(`takes ${JSON.stringify(cwd)} for no directory`, () =>
      assert.deepEqual(readJob('/j', at, `"sessionId": "${one}"\n"cwd": ${JSON.stringify(cwd)}`), [
        { sessionId: one, source: 'job', path: '/j', at },
      ]));

  for (const picked of [
    '',
    '{}',
    '"sessionId": "x"',
    '"name": "a',
    `"sessionId": "${one}", "__proto__": 1}{`,
  ])
    it(`is nothing where ${JSON.stringify(picked)} is`, () =>
      assert.deepEqual(readJob('/j', at, picked), []));
});
