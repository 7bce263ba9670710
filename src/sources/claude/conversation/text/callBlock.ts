import { codeBlock, escapeInline, inlineCode } from '../../../../util/markdownText';
import type { AgentReport } from '../agents';
import { block, item, more, quote, type Block } from './block';
import type { Entry, Outcome } from '../entry';
import { safeMarkdown } from './markdown';

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

const outcomes: Record<Outcome, string> = { done: '', failed: ' · **failed**', denied: ' · **denied**' };

/** A call as one line, its input, its result and its sub-agent below. Either half may be missing. */
export function callBlock(
  call: Of<'call'> | undefined,
  result: Of<'result'> | undefined,
  agent?: AgentReport,
): Block {
  const name = call ? `**${escapeInline(call.name)}**` : '*Result of an earlier call*';
  const argument = call?.argument === undefined ? '' : ` ${inlineCode(call.argument)}`;
  const outcome = result ? outcomes[result.outcome] : ' · *no result*';
  const details = [
    ...(call?.input ? [codeBlock(call.input.text, call.language ?? 'text'), more(call.input)] : []),
    ...(agent ? [agentText(agent)] : []),
    ...(result && result.text.text.trim() !== '' ? ['Result:', result.text] : []),
  ];
  return item(`${name}${argument}${outcome}`, details);
}

function agentText({ type, description, finished, lastAnswer }: AgentReport): string {
  const facts = [type, description].filter((fact) => fact !== undefined).map(escapeInline);
  const state = finished === false ? ' · not finished' : '';
  const said = lastAnswer ? `\n\n${quote([safeMarkdown(lastAnswer.text, 4), more(lastAnswer)])}` : '';
  return `Sub-agent ${facts.join(': ')}${state}${lastAnswer ? '. It wrote last:' : ''}${said}`;
}

/** A plan is what one came to read: it is not folded. */
export function planBlocks({ text }: Of<'plan'>): Block[] {
  return [block('#### Plan'), block(quote([safeMarkdown(text.text, 4), more(text)]))];
}

export function questionBlock({ questions }: Of<'question'>, result: Of<'result'> | undefined): Block {
  const answers = result?.answers;
  const lines = questions.flatMap(({ text, options }) => {
    const choices = options.length > 0 ? ` (${options.map(escapeInline).join(' / ')})` : '';
    const answer = answers?.get(text);
    return [
      `- **Question:** ${escapeInline(text)}${choices}`,
      ...(answer === undefined ? [] : [`- **Answer:** ${escapeInline(answer)}`]),
    ];
  });
  return block(answers?.size ? lines.join('\n') : [...lines, `- **Answer:** ${answerOf(result)}`].join('\n'));
}

/** Of old versions, which told Claude in words. */
function answerOf(result: Of<'result'> | undefined): string {
  if (!result) return '*none yet*';
  return result.outcome === 'done' ? escapeInline(result.text.text.slice(0, 2000)) : '*not given*';
}
