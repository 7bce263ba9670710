import { maxWikiLength, textNode, type MarkupNode } from '../../markup/node';
import { wikiLine } from './wikiInline';
import { wikiTable } from './wikiTable';

/**
 * Parses Jira's wiki markup (Data Center, REST v2) into the tree that ADF is, in linear time; never throws.
 * Blocks: `{panel}`, `{quote}`, `{code}`, `{noformat}`, `h1.`, `bq.`, lists, tables, rules, paragraphs.
 * What is not closed reaches to the end, and an unclosed `{code}` is text.
 */
export function readWiki(markup: string): MarkupNode {
  const root: Container = { type: 'doc', content: [] };
  const open: Container[] = [root];
  let text = '';
  const flush = (): void => {
    for (const block of wikiBlocks(text)) top(open).content.push(block);
    text = '';
  };
  for (const piece of macros(markup.slice(0, maxWikiLength).replace(/\r\n?/g, '\n'))) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    flush();
    const { name, parameters, body } = piece;
    if (body !== undefined) {
      const title = parameters.get('title');
      if (title) top(open).content.push(paragraph([textNode(title, [{ type: 'strong' }])]));
      top(open).content.push(codeBlock(body, name === 'code' ? language(parameters) : undefined));
    } else if (top(open).macro === name && parameters.size === 0) {
      open.pop();
    } else if (open.length < maxDepth) {
      const container = containerOf(name, parameters);
      top(open).content.push(container);
      open.push(container);
    }
  }
  flush();
  return root;
}

interface Container extends MarkupNode {
  macro?: string;
  content: MarkupNode[];
}

/** Panels and quotes in each other; Jira itself shows fewer. */
const maxDepth = 12;

const top = (open: Container[]): Container => open[open.length - 1] as Container;

function containerOf(name: string, parameters: ReadonlyMap<string, string>): Container {
  if (name === 'quote') return { type: 'blockquote', macro: name, content: [] };
  const title = parameters.get('title');
  return { type: 'panel', macro: name, content: [], ...(title && { attrs: { title } }) };
}

function codeBlock(body: string, name: string | undefined): MarkupNode {
  const text = body.replace(/^\n/, '').replace(/\n$/, '');
  return {
    type: 'codeBlock',
    ...(name && { attrs: { language: name } }),
    content: text === '' ? [] : [textNode(text)],
  };
}

const language = (parameters: ReadonlyMap<string, string>): string | undefined =>
  parameters.get('language') ?? parameters.get('');

interface Macro {
  name: string;
  parameters: ReadonlyMap<string, string>;
  /** Of macros whose body is taken as it stands. */
  body?: string;
}

/** Text and block macros in their order. Each closing tag is searched for once, so that the whole stays linear. */
function* macros(text: string): Generator<string | Macro> {
  const tag = /\\?\{(code|noformat|panel|quote)(?::([^{}\n]{0,500}))?\}/gi;
  const unclosed = new Set<string>();
  let done = 0;
  for (let match = tag.exec(text); match; match = tag.exec(text)) {
    const [all, written = '', list = ''] = match;
    const name = written.toLowerCase();
    if (all.startsWith('\\')) continue;
    const verbatim = name === 'code' || name === 'noformat';
    const end = verbatim && !unclosed.has(name) ? text.indexOf(`{${written}}`, tag.lastIndex) : -1;
    if (verbatim && end < 0) {
      unclosed.add(name);
      continue;
    }
    yield text.slice(done, match.index);
    const parameters = readParameters(list);
    if (verbatim) {
      yield { name, parameters, body: text.slice(tag.lastIndex, end) };
      tag.lastIndex = end + name.length + 2;
    } else {
      yield { name, parameters };
    }
    done = tag.lastIndex;
  }
  yield text.slice(done);
}

/** `title=x|language=json`; a word without a name is the language, kept under the empty name. */
function readParameters(list: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of list === '' ? [] : list.split('|')) {
    const at = part.indexOf('=');
    parameters.set(at < 0 ? '' : part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return parameters;
}

const paragraph = (content: MarkupNode[]): MarkupNode => ({ type: 'paragraph', content });

/** The blocks of text without block macros, line by line. */
function wikiBlocks(text: string): MarkupNode[] {
  const blocks: MarkupNode[] = [];
  const lines = text.split('\n');
  let open: string[] = [];
  const close = (): void => {
    if (open.length > 0) blocks.push(paragraph(joined(open)));
    open = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    const heading = /^h([1-6])\.\s(.*)$/.exec(line);
    if (line === '') close();
    else if (heading) {
      close();
      blocks.push({
        type: 'heading',
        attrs: { level: Number(heading[1]) },
        content: wikiLine(heading[2] ?? ''),
      });
    } else if (line.startsWith('bq. ')) {
      close();
      blocks.push({ type: 'blockquote', content: [paragraph(wikiLine(line.slice(4)))] });
    } else if (/^-{4,5}$/.test(line)) {
      close();
      blocks.push({ type: 'rule' });
    } else if (line.startsWith('|')) {
      close();
      const rows = takeWhile(lines, at, (next) => next.startsWith('|'));
      blocks.push(wikiTable(rows));
      at += rows.length - 1;
    } else if (listItem.test(line)) {
      close();
      const items = takeWhile(lines, at, (next) => listItem.test(next));
      for (const list of wikiLists(items)) blocks.push(list);
      at += items.length - 1;
    } else open.push(line);
  }
  close();
  return blocks;
}

function takeWhile(lines: string[], from: number, accepts: (line: string) => boolean): string[] {
  let end = from;
  while (end < lines.length && accepts((lines[end] ?? '').trim())) end++;
  return lines.slice(from, end).map((line) => line.trim());
}

function joined(lines: string[]): MarkupNode[] {
  return lines.flatMap((line, at) => [...(at > 0 ? [{ type: 'hardBreak' }] : []), ...wikiLine(line)]);
}

const listItem = /^(?:[*#]{1,10}|-)\s+\S/;

interface List extends MarkupNode {
  content: Item[];
}
interface Item extends MarkupNode {
  content: MarkupNode[];
}

/** `*`, `**`, `#*` …: the length says how deep, the last character which kind. */
function wikiLists(lines: string[]): MarkupNode[] {
  const roots: List[] = [];
  let path: List[] = [];
  for (const line of lines) {
    const [bullets = ''] = /^\S+/.exec(line) ?? [];
    const type = bullets.endsWith('#') ? 'orderedList' : 'bulletList';
    path = path.slice(0, bullets.length);
    let list = path[bullets.length - 1];
    if (list?.type !== type) {
      path = path.slice(0, bullets.length - 1);
      list = { type, content: [] };
      const parent = path.at(-1)?.content.at(-1);
      if (parent) parent.content.push(list);
      else roots.push(list);
      path.push(list);
    }
    list.content.push({
      type: 'listItem',
      content: [paragraph(wikiLine(line.slice(bullets.length).trim()))],
    });
  }
  return roots;
}
