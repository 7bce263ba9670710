import { basename } from 'node:path';
import { documentText, filesOfStep, filesToWrite } from '../../bed/analyst';
import type { ModelRequest, Reply, Responder, ToolUse } from '../../bed/modelStub';
import { DOC_NAMES, type DemoTask } from '../../jira/demo/demoTask';
import { demoDocument } from '../../jira/demo/documents';

/** Speaks for the model in a run: the documents of the task, or a step of its plan, so slowly that a person sees it go on. */
export function demoAnalyst(
  taskOf: (request: ModelRequest) => DemoTask | undefined,
  paceMs: number,
): Responder {
  return (request): Reply | undefined => {
    const prompt = typed(request);
    const paths = filesToWrite({ prompt }) ?? filesOfStep({ prompt });
    if (!paths) return undefined;
    const task = taskOf(request);
    const before = written(request);
    const path = paths.find((one) => !before.has(one));
    const usage = { input_tokens: 1000, cache_read_input_tokens: 20_000 + 9_000 * before.size };
    if (path === undefined)
      return { delayMs: paceMs, usage, text: `Written: ${paths.map((one) => basename(one)).join(', ')}.` };
    return { delayMs: paceMs, usage, text: `Next comes ${basename(path)}.`, tools: [writing(path, task)] };
  };
}

function writing(path: string, task: DemoTask | undefined): ToolUse {
  const name = DOC_NAMES.find((one) => one === basename(path));
  const content = task && name ? demoDocument(task, name) : documentText(basename(path));
  return { name: 'Write', input: { file_path: path, content } };
}

/** What was typed last; the results of tools that came since do not count. */
function typed({ body }: ModelRequest): string {
  const texts = (body.messages ?? [])
    .filter(({ role }) => role === 'user')
    .flatMap(({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content))
    .flatMap(({ type, text = '' }) => (type === 'text' ? [text] : []));
  return texts.findLast((text) => !text.trimStart().startsWith('<system-reminder>')) ?? '';
}

/** Files for which Claude has asked in this conversation. */
function written({ body }: ModelRequest): Set<unknown> {
  const blocks = (body.messages ?? []).flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return new Set(
    blocks.flatMap((block) => {
      const { type, input } = block as { type: string; input?: { file_path?: string } };
      return type === 'tool_use' ? (input?.file_path ?? []) : [];
    }),
  );
}
