import assert from 'node:assert/strict';
import {
  codeBlock,
  escapeMarkdown,
  inlineCode,
  link,
  safeLink,
  visibleText,
} from '../../../src/util/markdownText';

function table<T>(
  title: string,
  rows: readonly (readonly [T, string | undefined])[],
  run: (input: T) => unknown,
): void {
  describe(title, () => {
    for (const [input, expected] of rows) it(JSON.stringify(input), () => assert.equal(run(input), expected));
  });
}

table(
  'escapeMarkdown',
  [
    ['plain words, 1 + 1 = 2; task_desc.md (new)', 'plain words, 1 + 1 = 2; task_desc.md (new)'],
    ['[x](command:y)', '\\[x\\](command:y)'],
    ['![i](https://x.example/i.png)', '\\!\\[i\\](https:/\\/x.example/i.png)'],
    ['<script>alert(1)</script>', '\\<script>alert(1)\\</script>'],
    ['<!-- gone -->', '\\<!-- gone -->'],
    ['a | b', 'a \\| b'],
    ['`code` and ``more``', '\\`code\\` and \\`\\`more\\`\\`'],
    ['*a* _b_ ~~c~~', '\\*a\\* \\_b\\_ \\~\\~c\\~\\~'],
    ['snake_case_name __init__', 'snake_case_name \\_\\_init\\_\\_'],
    ['# heading', '\\# heading'],
    ['#tag', '#tag'],
    ['- item', '\\- item'],
    ['+ item', '\\+ item'],
    ['12. item', '12\\. item'],
    ['3) item', '3\\) item'],
    ['3.5 is a number', '3.5 is a number'],
    ['> quote', '\\> quote'],
    ['===', '\\==='],
    ['---', '\\---'],
    ['   # indented', '\\# indented'],
    ['    code', 'code'],
    ['&amp; &#42; R&D', '\\&amp; \\&#42; R\\&D'],
    ['$x^2$', '\\$x^2\\$'],
    ['C:\\temp\\*', 'C:\\\\temp\\\\\\*'],
    ['dana@acme.example @dana', 'dana\\@acme.example @dana'],
    ['two\nlines', 'two lines'],
    ['a\u202eb\u200bc\u0007d', 'abc\ufffdd'],
    ['wow!', 'wow\\!'],
  ],
  escapeMarkdown,
);

table(
  'visibleText',
  [
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['tab\tstays', 'tab\tstays'],
    ['\u202eevil\u202c \u2066iso\u2069 \u200f', 'evil iso '],
    ['\u200bze\u2060ro\ufeff\u00ad', 'zero'],
    ['👩\u200d💻 stays, a\u200db does not', '👩\u200d💻 stays, ab does not'],
    ['\u0000\u001b[31m\u009b', '\ufffd\ufffd[31m\ufffd'],
    ['\ud800 alone', '\ufffd alone'],
    ['tag\u{e0041}s', 'tags'],
  ],
  visibleText,
);

table(
  'inlineCode',
  [
    ['x', '`x`'],
    ['', ''],
    ['  ', ''],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    [' a ', '`  a  `'],
    ['a\nb', '`a b`'],
  ],
  (text) => inlineCode(text),
);

describe('inlineCode in a table', () => {
  it('keeps a bar from ending the cell', () => assert.equal(inlineCode('a|b', true), '`a\\|b`'));
});

describe('codeBlock', () => {
  it('has a fence that its text cannot end', () => {
    assert.equal(codeBlock('a\n```\nb\n'), '````\na\n```\nb\n````');
    assert.equal(codeBlock('`````'), '``````\n`````\n``````');
  });
  it('names a language, if it is a name and nothing that a preview draws', () => {
    assert.equal(codeBlock('x', 'C++'), '```c++\nx\n```');
    assert.equal(codeBlock('x', 'js {evil}'), '```\nx\n```');
    assert.equal(codeBlock('x', 'a\n```\n# b'), '```\nx\n```');
    assert.equal(codeBlock('x', 'mermaid'), '```\nx\n```');
  });
});

table(
  'safeLink',
  [
    ['https://x.example/a_b?c=d#e', 'https://x.example/a_b?c=d#e'],
    ['http://x.example', 'http://x.example/'],
    ['mailto:dana@acme.example', 'mailto:dana@acme.example'],
    ['HTTPS://X.EXAMPLE/A', 'https://x.example/A'],
    ['https://x.example/(a)|b`c<d>\\', 'https://x.example/%28a%29%7Cb%60c%3Cd%3E/'],
    ['https://[::1]:80/', 'https://[::1]:80/'],
    ['command:workbench.action.quit', undefined],
    ['vscode://x/y', undefined],
    ['vscode-insiders://x', undefined],
    ['file:///etc/passwd', undefined],
    ['javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['ftp://x.example', undefined],
    ['//x.example', undefined],
    ['/browse/PAY-1', undefined],
    ['#anchor', undefined],
    ['x.md', undefined],
    ['https://', undefined],
    ['https://good.example@evil.example/', undefined],
    ['https://x.example/\u202egnp', undefined],
    [`https://x.example/${'x'.repeat(10_000)}`, undefined],
    ['', undefined],
  ],
  safeLink,
);

describe('link', () => {
  it('keeps entities in an address from being decoded', () =>
    assert.equal(
      link('x', 'https://x.example/?a=1&copy;=2&b=3'),
      '[x](https://x.example/?a=1&amp;copy;=2&b=3)',
    ));
});
