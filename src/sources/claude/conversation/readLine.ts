import { exact, numberOf, objectOf, parseObject, stringOf, type Json } from '../transcripts/lines';
import { clipped, cut, type Entry, type Line } from './entry';
import { readCall, readResult } from './readCall';

/** Lines of Claude's own books, which say nothing to a reader. */
const bookNames =
  'api-request|file-history|tools-used|atis-latch|cost-state|queue-operation|last-prompt|mode\\b|permission-mode|' +
  'custom-title|ai-title|agent-name|worktree-state|summary\\b|progress\\b';
/** Of large ones the type comes first, so that they need not be parsed. */
const bookLine = new RegExp(`^\\{"type":"(?:${bookNames})`);
const book = new RegExp(`^(?:${bookNames})`);

/** The model of what Claude writes in its own name, without having asked one. */
const synthetic = '<synthetic>';

const nothing: Line = { entries: [] };

/**
 * Reads one line of a transcript, a session's or a sub-agent's. The format changes with any release: what is not
 * understood is named, not lost.
 */
export function readLine(line: string, ofAgent = false): Line {
  // NULs are what a crash leaves in place of bytes.
  const text = line.replace(/^\0+|\0+$/g, '').trim();
  if (text === '' || bookLine.test(text)) return nothing;
  const json = parseObject(text);
  if (!json) return { entries: [{ kind: 'damaged' }] };
  // Old versions wrote the lines of sub-agents into the same file.
  if (json['isSidechain'] === true && !ofAgent) return nothing;
  const uuid = exact(json['uuid'], 64);
  const parent = exact(json['parentUuid'], 64) ?? exact(json['logicalParentUuid'], 64);
  const at = Date.parse(stringOf(json['timestamp']) ?? '');
  const model = exact(objectOf(json['message'])?.['model'], 100);
  return {
    ...(uuid && { uuid }),
    ...(parent && { parent }),
    ...(!Number.isNaN(at) && { at }),
    ...(model && model !== synthetic && { model }),
    entries: entriesOf(json),
  };
}

/**
 * What is left of a line that is too long: whose it is, and its first text as far as the beginning of the line has it.
 * `bytes`: of the whole line.
 */
export function readLongLine(beginning: string, bytes: number): Line {
  if (/^\{"type":"(?!user|assistant)/.test(beginning)) return nothing;
  if (/"isSidechain":true/.test(beginning.slice(0, 500))) return nothing;
  if (!/"type":"(?:user|assistant)"/.test(beginning)) return nothing;
  const uuid = /"uuid":"([0-9a-f-]{36})"/.exec(beginning)?.[1];
  const parent = /"parentUuid":"([0-9a-f-]{36})"/.exec(beginning)?.[1];
  const found = /"(?:text|content)":"((?:[^"\\]|\\.){1,20000})/.exec(beginning)?.[1] ?? '';
  const text = stringOf(parseObject(`{"text":"${found.replace(/\\u[0-9a-f]{0,3}$/i, '')}"}`)?.['text']);
  return {
    ...(uuid && { uuid }),
    ...(parent && { parent }),
    entries: [{ kind: 'omitted', bytes, ...(text && { text: clipped(text, 40, 4000) }) }],
  };
}

function entriesOf(json: Json): Entry[] {
  switch (json['type']) {
    case 'user':
      return userEntries(json);
    case 'assistant':
      return assistantEntries(json);
    case 'system':
      return systemEntries(json);
    case 'attachment':
      return attachmentEntries(objectOf(json['attachment']) ?? {});
    default: {
      const type = String(json['type']);
      const isSaid = objectOf(json['message']) !== undefined || typeof json['content'] === 'string';
      return isSaid && !book.test(type) ? [{ kind: 'unknown', type: cut(type, 60) }] : [];
    }
  }
}

/** The blocks of a message; a text alone is one block. */
function blocksOf(content: unknown): Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const blocks: unknown[] = Array.isArray(content) ? content : [];
  return blocks.map(objectOf).filter((block) => block !== undefined);
}

function userEntries(json: Json): Entry[] {
  if (json['isMeta'] === true) return [];
  const isTyped = objectOf(json['origin'])?.['kind'] === 'human' || json['promptSource'] === 'typed';
  const entries: Entry[] = [];
  const texts: string[] = [];
  const attached: string[] = [];
  for (const block of blocksOf(objectOf(json['message'])?.['content'])) {
    switch (block['type']) {
      case 'text':
        texts.push(stringOf(block['text']) ?? '');
        break;
      case 'tool_result':
        entries.push(readResult(block, json));
        break;
      case 'image':
      case 'document':
        attached.push(attachmentName(block));
        break;
      default:
        entries.push({ kind: 'unknown', type: cut(String(block['type']), 60) });
    }
  }
  const text = texts.filter((one) => one.trim() !== '').join('\n\n');
  if (json['isCompactSummary'] === true) entries.push({ kind: 'summary', text: clipped(text, 400, 40_000) });
  else if (text !== '' || attached.length > 0) entries.push(...said(text, attached, isTyped));
  return entries;
}

/** What stands in the person's name: their own words, or what Claude writes there, in tags. */
function said(text: string, attached: string[], isTyped: boolean): Entry[] {
  if (!isTyped) {
    const tagged = taggedEntry(text.trim());
    if (tagged) return [tagged];
  }
  const own = (isTyped ? text : withoutAsides(text)).trim();
  if (own === '' && attached.length === 0) return [];
  if (!isTyped && own.startsWith('[Request interrupted by user')) return [{ kind: 'interrupted' }];
  return [{ kind: 'prompt', text: clipped(own, 2000, 100_000), attached }];
}

/** Without what Claude or an editor adds to a person's words. */
function withoutAsides(text: string): string {
  let rest = text;
  for (const tag of ['system-reminder', 'ide_opened_file', 'ide_selection', 'ide_diagnostics']) {
    const kept: string[] = [];
    let done = 0;
    for (;;) {
      const start = rest.indexOf(`<${tag}>`, done);
      const end = start < 0 ? -1 : rest.indexOf(`</${tag}>`, start);
      if (end < 0) break;
      kept.push(rest.slice(done, start));
      done = end + tag.length + 3;
    }
    if (done > 0) rest = kept.join('') + rest.slice(done);
  }
  return rest;
}

function taggedEntry(text: string): Entry | undefined {
  const within = (tag: string): string | undefined => {
    const start = text.indexOf(`<${tag}>`);
    const end = text.indexOf(`</${tag}>`, start);
    return start < 0 || end < 0 ? undefined : text.slice(start + tag.length + 2, end).trim();
  };
  switch (/^<([a-z-]+)>/.exec(text)?.[1]) {
    case 'command-name':
    case 'command-message':
      return {
        kind: 'command',
        text: cut(`${within('command-name') ?? ''} ${within('command-args') ?? ''}`.trim(), 2000),
      };
    case 'bash-input':
      return { kind: 'command', text: cut(`! ${within('bash-input') ?? ''}`, 2000) };
    case 'local-command-stdout':
    case 'local-command-stderr':
    case 'bash-stdout':
    case 'bash-stderr': {
      const tags = ['local-command-stdout', 'local-command-stderr', 'bash-stdout', 'bash-stderr'];
      const output = tags.flatMap((tag) => within(tag) || []).join('\n');
      return { kind: 'output', text: clipped(withoutColors(output), 40, 8000) };
    }
    case 'task-notification':
      return {
        kind: 'note',
        text: cut(within('summary') ?? 'A task in the background has news.', 500),
      };
    default:
      return undefined;
  }
}

/** Colours and cursor movements of terminals. */
// oxlint-disable-next-line no-control-regex
export const withoutColors = (text: string): string => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');

function attachmentName(block: Json): string {
  const source = objectOf(block['source']);
  const type = exact(source?.['media_type'], 60) ?? String(block['type']);
  const data = stringOf(source?.['data']);
  return data ? `${type}, ${Math.max(1, Math.round((data.length * 3) / 4 / 1000))} KB` : type;
}

function assistantEntries(json: Json): Entry[] {
  const message = objectOf(json['message']);
  const blocks = blocksOf(message?.['content']);
  const textOf = (block: Json): string => stringOf(block['text']) ?? '';
  if (json['isApiErrorMessage'] === true)
    return [{ kind: 'error', text: clipped(blocks.map(textOf).join('\n'), 20, 4000) }];
  // What Claude puts where an answer has to stand and none was given.
  if (message?.['model'] === synthetic && blocks.every((block) => textOf(block) === 'No response requested.'))
    return [];
  return blocks.flatMap((block): Entry[] => {
    switch (block['type']) {
      case 'text':
        return textOf(block).trim() === ''
          ? []
          : [{ kind: 'answer', text: clipped(textOf(block), 5000, 200_000) }];
      case 'thinking': {
        const thought = stringOf(block['thinking']);
        return thought ? [{ kind: 'thinking', text: clipped(thought, 30, 4000) }] : [];
      }
      case 'redacted_thinking':
      case 'fallback':
        return [];
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        return [readCall(block)];
      case 'web_search_tool_result':
      case 'web_fetch_tool_result':
      case 'mcp_tool_result':
        return [readResult(block, json)];
      default:
        return [{ kind: 'unknown', type: cut(String(block['type']), 60) }];
    }
  });
}

function systemEntries(json: Json): Entry[] {
  const content = stringOf(json['content']);
  switch (json['subtype']) {
    case 'compact_boundary': {
      const { trigger, preTokens, postTokens } = objectOf(json['compactMetadata']) ?? {};
      const [by, before, after] = [exact(trigger, 20), numberOf(preTokens), numberOf(postTokens)];
      return [
        {
          kind: 'compaction',
          ...(by && { trigger: by }),
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
        },
      ];
    }
    case 'api_error': {
      const error = objectOf(json['error']);
      const text = stringOf(error?.['formatted']) ?? stringOf(error?.['message']) ?? 'no answer';
      const of = numberOf(json['maxRetries']);
      return [
        {
          kind: 'retry',
          attempt: numberOf(json['retryAttempt']) ?? 1,
          ...(of !== undefined && { of }),
          text: cut(text, 300),
        },
      ];
    }
    case 'local_command': {
      const entry = content === undefined ? undefined : taggedEntry(content.trim());
      return entry ? [entry] : [];
    }
    case 'turn_duration':
    case 'stop_hook_summary':
      return [];
    default:
      return content && json['isMeta'] !== true ? [{ kind: 'note', text: cut(content, 500) }] : [];
  }
}

/** Of the many things that are attached for Claude's eyes, those that a person said or must know. */
function attachmentEntries(attachment: Json): Entry[] {
  switch (attachment['type']) {
    case 'queued_command': {
      const texts = blocksOf(attachment['prompt']).map((block) => stringOf(block['text']) ?? '');
      return said(texts.join('\n\n'), [], false).map((entry) =>
        entry.kind === 'prompt' ? { ...entry, queued: true } : entry,
      );
    }
    case 'max_turns_reached':
      return [{ kind: 'note', text: 'Stopped: the allowed number of turns was reached.' }];
    default:
      return [];
  }
}
