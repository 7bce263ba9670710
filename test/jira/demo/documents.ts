import { docPath, type DemoTask, type DocName } from './demoTask';

/** The generated Markdown document of a task, as an analysis would have left it on the branch. */
export function demoDocument(task: DemoTask, name: DocName): string {
  return `${sections(task)[name]().join('\n')}\n`;
}

/** Path and content of every document that the task has. */
export function demoDocuments(task: DemoTask): { path: string; content: string }[] {
  return task.docs.map((name) => ({ path: docPath(task, name), content: demoDocument(task, name) }));
}

function sections(task: DemoTask): Record<DocName, () => string[]> {
  const title = `${task.key}: ${task.summary}`;
  const [chosen = '', ...others] = task.options;
  const numbered = (lines: string[]) => lines.map((line, index) => `${index + 1}. ${line}`);
  return {
    'task_desc.md': () => [
      `# ${title}`,
      '',
      task.problem,
      '',
      '## Acceptance',
      '',
      ...task.acceptance.map((line) => `- [ ] ${line}`),
      '',
      '## See also',
      '',
      '- [Options](solution_options.md)',
      '- [Plan](step_by_step_impl_plan.md)',
    ],
    'solution_options.md': () => [
      `# Options for ${title}`,
      '',
      '| # | Option | Verdict |',
      '| - | ------ | ------- |',
      `| 1 | ${chosen} | **chosen** |`,
      ...others.map((option, index) => `| ${index + 2} | ${option} | kept for reference |`),
      '',
      '## Why the first',
      '',
      `${chosen}. It meets every line of [the acceptance list](task_desc.md#acceptance) and changes the fewest callers.`,
    ],
    'step_by_step_impl_plan.md': () => [
      `# Plan for ${title}`,
      '',
      ...numbered(task.steps),
      '',
      '> Each step leaves the tests green and is a commit of its own.',
      '',
      'Tests: [task_test_designs.md](task_test_designs.md).',
    ],
    'task_test_designs.md': () => [
      `# Tests for ${title}`,
      '',
      ...task.acceptance.flatMap((line, index) => [
        `## T${index + 1} ${line}`,
        '',
        '- **Given** the state that the description names',
        `- **When** ${(task.steps[index] ?? task.steps[0] ?? '').toLowerCase()}`,
        `- **Then** ${line}`,
        '',
      ]),
    ],
    'critic.md': () => [
      `# What may be wrong with the plan for ${title}`,
      '',
      `1. It assumes that ${(task.acceptance[0] ?? '').toLowerCase()} can be checked without production data.`,
      `2. ${others[0] ?? 'The second option'} may be cheaper if the deadline moves.`,
      '3. Nobody owns the roll back; name a person before the first step.',
    ],
  };
}
