import type { AdfMark, AdfNode } from '../entities';

/** Wiki markup (CRLF, as Data Center stores it) that says the same as an ADF document. */
export function toWiki(node: AdfNode): string {
  return blocks(node.content ?? [])
    .join('\n\n')
    .replace(/\r?\n/g, '\r\n');
}

function blocks(nodes: AdfNode[]): string[] {
  return nodes.map((node) => block(node)).filter((part) => part !== '');
}

function block(node: AdfNode, bullet = ''): string {
  const content = node.content ?? [];
  switch (node.type) {
    case 'heading':
      return `h${attr(node, 'level')}. ${inline(content)}`;
    case 'bulletList':
    case 'orderedList': {
      const mark = bullet + (node.type === 'bulletList' ? '*' : '#');
      return content.map((item) => listItem(item, mark)).join('\n');
    }
    case 'codeBlock': {
      const language = node.attrs?.['language'];
      const start = typeof language === 'string' ? `{code:${language}}` : '{noformat}';
      const end = start.startsWith('{code') ? '{code}' : '{noformat}';
      return `${start}\n${content.map((part) => part.text ?? '').join('')}\n${end}`;
    }
    case 'panel': {
      const [first, ...rest] = content;
      const titled = first?.type === 'heading';
      const start = titled ? `{panel:title=${inline(first.content ?? [], true)}}` : '{panel}';
      return `${start}\n${blocks(titled ? rest : content).join('\n\n')}\n{panel}`;
    }
    case 'blockquote':
      return `{quote}\n${blocks(content).join('\n\n')}\n{quote}`;
    case 'expand':
      return blocks(content).join('\n\n');
    case 'rule':
      return '----';
    case 'table':
      return content.map(tableRow).join('\n');
    default:
      return inline(content);
  }
}

function listItem(item: AdfNode, mark: string): string {
  return (item.content ?? [])
    .map((part) => (part.type.endsWith('List') ? block(part, mark) : `${mark} ${block(part)}`))
    .join('\n');
}

function tableRow(row: AdfNode): string {
  const cells = row.content ?? [];
  const bar = cells[0]?.type === 'tableHeader' ? '||' : '|';
  return bar + cells.map((cell) => blocks(cell.content ?? []).join('\\\\') + bar).join('');
}

function inline(nodes: AdfNode[], plain = false): string {
  return nodes.map((node) => word(node, plain)).join('');
}

function word(node: AdfNode, plain: boolean): string {
  switch (node.type) {
    case 'text':
      return plain ? (node.text ?? '') : marked(node);
    case 'hardBreak':
      return '\n';
    case 'status':
      return attr(node, 'text');
    case 'mention':
      return `[~${attr(node, 'text').replace(/^@/, '')}]`;
    case 'inlineCard':
      return `[${attr(node, 'url')}]`;
    default:
      return attr(node, 'text');
  }
}

function marked(node: AdfNode): string {
  const value = node.text ?? '';
  const lead = /^\s*/.exec(value)?.[0] ?? '';
  const core = value.trim();
  if (core === '') return value;
  const trail = value.slice(lead.length + core.length);
  const styled = (node.marks ?? []).reduce((text, mark) => {
    switch (mark.type) {
      case 'strong':
        return `*${text}*`;
      case 'em':
        return `_${text}_`;
      case 'strike':
        return `-${text}-`;
      case 'code':
        return `{{${text}}}`;
      case 'link':
        return `[${text}|${attr(mark, 'href')}]`;
      default:
        return text;
    }
  }, core);
  return lead + styled + trail;
}

function attr(of: AdfNode | AdfMark, name: string): string {
  const value = of.attrs?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
