import { basename } from 'node:path';
import type { ModelRequest, Reply, Responder, ToolUse } from './modelStub';

/** What the fake analyst does wrong; may be changed between the turns. */
export interface AnalystKnobs {
  /** Names of files that it leaves out when it is asked for them the first time. */
  forgets?: readonly string[];
  /** Names of files that it never writes. */
  refuses?: readonly string[];
  /** Asks for these first: forbidden tools, paths outside. */
  tries?: readonly ToolUse[];
  /** Fails so, as long as this is set. */
  error?: Reply['error'] | undefined;
  /** Says nothing, as long as this is set. */
  hang?: boolean;
  /** Before each answer, in milliseconds. */
  delayMs?: number;
  /** Nothing is answered before this. */
  after?: Promise<unknown> | undefined;
  /** Each file in a reply of its own, instead of all in one. */
  oneByOne?: boolean;
}

/** The line under which our prompts list the absolute paths of the files to write, each after "- ". */
const heading = 'Files to write:';

/**
 * Plays the analyst and the critic for the model stub: a prompt that lists files is answered by a Write for each, the
 * results of tools by "Done."; and the engineer of an implementation, who writes a file for each step and each check to
 * be mended. Other prompts are left to the stub.
 */
export function analyst(knobs: AnalystKnobs = {}): Responder {
  const asked = new Set<string>();
  let waiting: ToolUse[] = [];
  return (request) => {
    if (knobs.hang) return { hang: true };
    if (knobs.error) return { error: knobs.error };
    const { delayMs, after } = knobs;
    const delay = { ...(delayMs !== undefined && { delayMs }), ...(after && { after }) };
    if (request.isToolResult) {
      const next = waiting.shift();
      return next ? { ...delay, tools: [next] } : { ...delay, text: 'Done.' };
    }
    const paths = filesToWrite(request) ?? filesOfStep(request);
    if (!paths) return undefined;
    const isLeftOut = (path: string): boolean =>
      (knobs.refuses ?? []).includes(basename(path)) ||
      ((knobs.forgets ?? []).includes(basename(path)) && !asked.has(path));
    const tools = [
      ...(knobs.tries ?? []),
      ...paths.filter((path) => !isLeftOut(path)).map((path) => writing(path)),
    ];
    for (const path of paths) asked.add(path);
    if (tools.length === 0) return { ...delay, text: 'There is nothing that I could write.' };
    if (!knobs.oneByOne) return { ...delay, tools };
    waiting = tools.slice(1);
    return { ...delay, tools: tools.slice(0, 1) };
  };
}

/** The paths that a prompt asks for; undefined where it asks for none. */
export function filesToWrite({ prompt }: Pick<ModelRequest, 'prompt'>): string[] | undefined {
  const lines = prompt.split('\n');
  const start = lines.lastIndexOf(heading);
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith('- /'));
  return rest.slice(0, end < 0 ? rest.length : end).map((line) => line.slice(2).trimEnd());
}

/** What our prompts of an implementation (media/prompts) are taken to want; undefined for another prompt. */
export function filesOfStep({ prompt }: Pick<ModelRequest, 'prompt'>): string[] | undefined {
  const [, mended] =
    /^The step of \S+ .* its check\. .* mend it, in (\/.*), within that step/m.exec(prompt) ?? [];
  if (mended !== undefined) return [`${mended}/src/mended.txt`];
  const [, step] = /^Implement \S+, step (\d+) of \d+ of its approved plan/m.exec(prompt) ?? [];
  const [, directory] = /^You (?:are in|go on .* You are in) (\/.*), on the branch /m.exec(prompt) ?? [];
  return step !== undefined && directory !== undefined ? [`${directory}/src/step-${step}.txt`] : undefined;
}

const writing = (path: string): ToolUse => ({
  name: 'Write',
  input: { file_path: path, content: documentText(basename(path)) },
});

/** A plausible document, another for each name. */
export function documentText(name: string): string {
  return documents[name] ?? `# ${name.replace(/\.md$/, '').replaceAll('_', ' ')}\n\nNotes on the task.\n`;
}

const documents: Record<string, string> = {
  'task_desc.md': `# Task

Uploads of more than 100 MB end with a time-out. They should be taken in parts and put together on the server.

## Acceptance
- A file of 2 GB arrives whole.
- A cut connection costs one part, not the file.
`,
  'solution_options.md': `# Options

| Option | Effort | Risk |
|---|---|---|
| Parts over the present endpoint | small | old clients |
| tus protocol | middle | a new dependency |

**Proposed:** parts over the present endpoint.
`,
  'step_by_step_impl_plan.md': `# Plan

1. Take \`Content-Range\` in the upload endpoint.
2. Keep parts beside the target, and join them when the last one is there.
3. Sweep parts that nobody asked for in a day.
`,
  'task_test_designs.md': `# Tests

- [ ] A file in one part, in two, in a thousand.
- [ ] The same part twice.
- [ ] Parts that overlap are refused.
`,
  'critic.md': `# Review

The plan says nothing of quotas: a client that begins many uploads fills the disk before the sweep.
`,
};
