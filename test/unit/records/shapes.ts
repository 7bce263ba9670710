/** One record in the shapes in which it reaches us: what a program wrote, and what people paste. */

export const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
export const otherId = '9c02aa17-1111-4c1b-9a1e-2b8f0f5f6a02';

type Node = Record<string, unknown>;

export const doc = (...content: Node[]): Node => ({ type: 'doc', version: 1, content });
export const node = (type: string, ...content: Node[]): Node => ({ type, content });
export const text = (text: string, ...marks: string[]): Node =>
  marks.length === 0
    ? { type: 'text', text }
    : { type: 'text', text, marks: marks.map((type) => ({ type })) };
export const paragraph = (...content: (Node | string)[]): Node =>
  node('paragraph', ...content.map((part) => (typeof part === 'string' ? text(part) : part)));
export const breakNode: Node = { type: 'hardBreak' };
export const item = (content: string | Node): Node =>
  node('listItem', typeof content === 'string' ? paragraph(content) : content);
export const code = (value: string, language?: string): Node => ({
  type: 'codeBlock',
  ...(language && { attrs: { language } }),
  content: [text(value)],
});
export const row = (...cells: (string | Node)[]): Node =>
  node(
    'tableRow',
    ...cells.map((cell) => node('tableCell', typeof cell === 'string' ? paragraph(cell) : cell)),
  );

export const plainLines: readonly string[] = [
  'AI Analysis Complete',
  `Session ID: ${sessionId}`,
  'Host: devserver',
  'Directory: /srv/platform',
  'Branch: task/JIRA-456-analysis',
  'Commit: 3f2c9d10aa',
  'Docs generated:',
  '- task_desc.md',
  '- solution_options.md',
  'To continue conversation:',
  `ssh -t devserver 'tmux -L task-sessions new -A -s JIRA-456-5f1d9b2e -c /srv/platform "exec \\$SHELL -lc \\"claude --resume ${sessionId}\\""'`,
  'Status: Awaiting Developer Review',
];

const box = (lines: readonly string[]): string[] => [
  `┌${'─'.repeat(60)}┐`,
  ...lines.flatMap((line) => [`│  ${line.padEnd(56)}  │`, `│${' '.repeat(60)}│`]),
  `└${'─'.repeat(60)}┘`,
];

const hardBreaks = (lines: readonly string[]): Node =>
  node('paragraph', ...lines.flatMap((line, at) => [...(at > 0 ? [breakNode] : []), text(line)]));

const decorated = (decorate: (line: string) => string): string[] => plainLines.map(decorate);

/** Every shape of the whole record. */
export const shapes: Readonly<Record<string, unknown>> = {
  'one paragraph a line': doc(...plainLines.map((line) => paragraph(line))),
  'hard breaks': doc(hardBreaks(plainLines)),
  'line feeds in one text': doc(paragraph(plainLines.join('\n'))),
  'code block': doc(code(plainLines.join('\n'))),
  'code block with CRLF': doc(code(plainLines.join('\r\n'))),
  'box-drawing in a code block': doc(code(box(plainLines).join('\n'))),
  'box-drawing in hard breaks': doc(hardBreaks(box(plainLines))),
  'box-drawing in paragraphs': doc(...box(plainLines).map((line) => paragraph(line))),
  'double box': doc(code(decorated((line) => `║ ${line} ║`).join('\n'))),
  'ASCII box': doc(code(decorated((line) => `| ${line} |`).join('\n'))),
  'bullet list': doc(node('bulletList', ...plainLines.map((line) => item(line)))),
  'ordered list': doc(node('orderedList', ...plainLines.map((line) => item(line)))),
  'task list': doc(node('taskList', ...plainLines.map((line) => node('taskItem', text(line))))),
  'nested documents': doc(
    node(
      'bulletList',
      ...plainLines.slice(0, 6).map((line) => item(line)),
      node(
        'listItem',
        paragraph('Docs generated:'),
        node('bulletList', item('task_desc.md'), item('solution_options.md')),
      ),
      item('Status: Awaiting Developer Review'),
    ),
  ),
  'panel with marks, links and a lozenge': doc({
    type: 'panel',
    attrs: { panelType: 'success' },
    content: [
      node('heading', text('AI Analysis Complete')),
      paragraph(
        text('Session ID: ', 'strong'),
        text(sessionId, 'code'),
        breakNode,
        text('Host', 'strong'),
        text(': devserver'),
        breakNode,
        text('Directory: '),
        text('/srv/platform', 'code'),
        breakNode,
        text('Branch: ', 'strong'),
        {
          ...text('task/JIRA-456-analysis'),
          marks: [{ type: 'link', attrs: { href: 'https://git.example/x' } }],
        },
        breakNode,
        'Commit: 3f2c9d10aa',
        breakNode,
        text('Status: ', 'strong'),
        { type: 'status', attrs: { text: 'Awaiting Developer Review', color: 'yellow' } },
      ),
      paragraph(text('Docs generated:', 'strong')),
      node('bulletList', item('task_desc.md'), item('solution_options.md')),
      paragraph('To connect:'),
      code(`ssh devserver && claude --resume ${sessionId}`, 'shell'),
    ],
  }),
  'table of keys and values': doc(
    paragraph('AI Analysis Complete'),
    node(
      'table',
      row('Session ID', sessionId),
      row('Host', 'devserver'),
      row('Directory:', '/srv/platform'),
      row('Branch', 'task/JIRA-456-analysis'),
      row('Commit', '3f2c9d10aa'),
      row('Docs generated', node('bulletList', item('task_desc.md'), item('solution_options.md'))),
      row('Status', 'Awaiting Developer Review'),
    ),
  ),
  'table with its title in it': doc(
    node(
      'table',
      row('AI Analysis Complete', ''),
      row('Session ID', sessionId),
      row('Host', 'devserver'),
      row('Directory', '/srv/platform'),
      row('Branch', 'task/JIRA-456-analysis'),
      row('Commit', '3f2c9d10aa'),
      row('Docs generated', 'task_desc.md, solution_options.md'),
      row('Status', 'Awaiting Developer Review'),
    ),
  ),
  'table of one cell': doc(node('table', row(hardBreaks(plainLines)))),
  'table with a row of headers': doc(
    paragraph('AI Analysis Complete'),
    node(
      'table',
      node(
        'tableRow',
        ...['Session ID', 'Host', 'Directory', 'Branch', 'Commit', 'Docs generated', 'Status'].map((name) =>
          node('tableHeader', paragraph(name)),
        ),
      ),
      row(
        sessionId,
        'devserver',
        '/srv/platform',
        'task/JIRA-456-analysis',
        '3f2c9d10aa',
        node('bulletList', item('task_desc.md'), item('solution_options.md')),
        'Awaiting Developer Review',
      ),
    ),
  ),
  expand: doc({
    type: 'expand',
    attrs: { title: 'AI Analysis Complete' },
    content: [hardBreaks(plainLines.slice(1))],
  }),
  'layout columns': doc(node('layoutSection', node('layoutColumn', hardBreaks(plainLines)))),
  'no-break spaces': doc(hardBreaks(decorated((line) => line.replaceAll(' ', '\u00a0')))),
  'zero-width characters': doc(
    hardBreaks(decorated((line) => `\ufeff${line.replaceAll('e', 'e\u200b')}\u2060`)),
  ),
  'spaces around colons': doc(hardBreaks(decorated((line) => line.replace(/^([\w ]+):/, '$1  : ')))),
  'full-width colons': doc(hardBreaks(decorated((line) => line.replace(/^([\w ]+): ?/, '$1：')))),
  'bold markers': doc(hardBreaks(decorated((line) => line.replace(/^([\w ]+):/, '**$1:**')))),
  'bold keys': doc(hardBreaks(decorated((line) => line.replace(/^([\w ]+):/, '*$1*:')))),
  'values in backticks': doc(hardBreaks(decorated((line) => line.replace(/^([\w ]+): (.+)/, '$1: `$2`')))),
  'upper-case id and keys': doc(
    hardBreaks(
      decorated((line) =>
        line.replace(/^([\w ]+):/, (key) => key.toUpperCase()).replace(sessionId, sessionId.toUpperCase()),
      ),
    ),
  ),
  'emoji and punctuation around the title': doc(
    hardBreaks(['✅ AI analysis complete!', ...plainLines.slice(1)]),
  ),
  'issue key before the title': doc(
    hardBreaks([':tada: JIRA-456: AI Analysis Complete', ...plainLines.slice(1)]),
  ),
  'id in the resume line only': doc(hardBreaks(plainLines.filter((line) => !line.startsWith('Session ID')))),
  'value on the next line': doc(
    hardBreaks(['AI Analysis Complete', 'Session ID:', sessionId, ...plainLines.slice(2)]),
  ),
  'prose around and between': doc(
    paragraph('Hello Dana, the robot says:'),
    ...plainLines.flatMap((line, at) =>
      at === 3 ? [paragraph('By the way: see below.'), paragraph(line)] : [paragraph(line)],
    ),
    paragraph('What do you think?'),
  ),
  'data beside it': doc(...plainLines.map((line) => paragraph(line)), {
    type: 'expand',
    attrs: { title: 'data' },
    content: [code(`{"sessionId":"${otherId}"}\n"reason": "none",`)],
  }),
  'wiki lines': plainLines.join('\r\n'),
  'wiki panel': [
    '{panel:title=AI Analysis Complete|borderStyle=solid|bgColor=#ffffff}',
    `*Session ID:* {{${sessionId}}}`,
    '*Host:* devserver',
    '*Directory:* {{/srv/platform}}',
    '*Branch:* [task/JIRA-456-analysis|https://git.example/acme/tree/task/JIRA-456-analysis]',
    '*Commit:* 3f2c9d10aa',
    '*Status:* {color:#ff0000}Awaiting Developer Review{color}',
    '',
    '*Docs generated:*',
    '* task_desc.md',
    '* solution_options.md',
    '',
    '{noformat}',
    `ssh devserver && claude --resume ${sessionId}`,
    '{noformat}',
    '{panel}',
    `{code:title=data|language=json}{"sessionId":"${otherId}"}{code}`,
  ].join('\r\n'),
  'wiki heading, bullets and escapes': [
    'h3. (/) AI Analysis Complete',
    `* Session ID: ${sessionId}`,
    '* Host: devserver',
    '* Directory: /srv/platform',
    '* Branch: task/JIRA\\-456\\-analysis',
    '* Commit: 3f2c9d10aa',
    '* Docs generated:',
    '** task\\_desc.md',
    '** solution_options.md',
    '* Status: Awaiting Developer Review',
  ].join('\n'),
  "wiki as Jira's own editor writes it": [
    '{*}AI Analysis Complete{*}',
    `{*}Session ID:{*} {{${sessionId}}}`,
    '{*}Host{*}: devserver',
    '{*}Directory:{*}{{/srv/platform}}',
    '{*}Branch:{*} task/JIRA-456-analysis',
    '{*}Commit:{*} 3f2c9d10aa',
    '{*}Docs generated:{*}',
    ' * task_desc.md',
    ' * solution_options.md',
    '',
    '{*}Status:{*} Awaiting Developer Review',
  ].join('\r\n'),
  'wiki table': [
    '||AI Analysis Complete|| ||',
    `|Session ID|{{${sessionId}}}|`,
    '|*Host*|devserver|',
    '||Directory|/srv/platform|',
    '|Branch|[task/JIRA-456-analysis|https://git.example/x]|',
    '|Commit|3f2c9d10aa|',
    '|Docs generated|task_desc.md, solution_options.md|',
    '|Status|Awaiting Developer Review|',
  ].join('\n'),
  'wiki noformat box': `{noformat}\r\n${box(plainLines).join('\r\n')}\r\n{noformat}`,
  'wiki code': `{code:bash}\n${plainLines.join('\n')}\n{code}`,
  'wiki bare box': box(plainLines).join('\r\n'),
};
