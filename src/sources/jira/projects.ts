import { z } from 'zod';
import type { ProjectStatus } from '../../model/phase/workflow/propose';
import type { Person } from '../../model/record/record';
import type { StatusCategory } from '../../model/task/task';
import { displayText } from '../../util/displayText';
import type { Dialect } from './dialect/dialect';

const categories = ['new', 'indeterminate', 'done'] as const satisfies readonly StatusCategory[];

const name = z.string().max(1000).transform(displayText);
const status = z.looseObject({
  name,
  statusCategory: z.looseObject({ key: z.enum(categories) }),
});
const issueType = z.looseObject({ name, statuses: z.array(z.unknown()).catch([]) });
const person = z.looseObject({
  accountId: z.string().min(1).max(300).optional(),
  key: z.string().min(1).max(300).optional(),
  displayName: name.optional(),
  name: name.optional(),
  active: z.boolean().optional(),
});

/** More statuses or people than anybody goes through. */
const most = 500;

/** What is read of projects, for setting up. Throws JiraError or CancelledError. */
export class JiraProjects {
  constructor(private readonly dialect: Dialect) {}

  /** The project's statuses as its workflows list them, each once, with the types of issues that have it. */
  async statuses(project: string, signal?: AbortSignal): Promise<ProjectStatus[]> {
    return parseProjectStatuses(await this.dialect.projectStatuses(checkedProject(project), signal));
  }

  /** People who can be assigned the project's issues and whose name or address has these words. */
  async assignable(project: string, words: string, signal?: AbortSignal): Promise<Person[]> {
    const list = await this.dialect.assignableUsers(checkedProject(project), words.slice(0, 200), signal);
    return z
      .array(z.unknown())
      .catch([])
      .parse(list)
      .slice(0, most)
      .flatMap((raw): Person[] => {
        const user = person.safeParse(raw).data;
        const id = user?.accountId ?? user?.key;
        if (!user || id === undefined || user.active === false) return [];
        return [{ id, name: user.displayName ?? user.name ?? id }];
      });
  }
}

/** The type with the longest workflow first: its order is the fullest. */
export function parseProjectStatuses(raw: unknown): ProjectStatus[] {
  const types = z
    .array(z.unknown())
    .catch([])
    .parse(raw)
    .flatMap((one) => issueType.safeParse(one).data ?? [])
    .toSorted((a, b) => b.statuses.length - a.statuses.length);
  const found = new Map<string, ProjectStatus & { issueTypes: string[] }>();
  for (const type of types)
    for (const one of type.statuses.flatMap((entry) => status.safeParse(entry).data ?? [])) {
      const known = found.get(one.name.toLowerCase());
      if (known) known.issueTypes.push(type.name);
      else if (found.size < most)
        found.set(one.name.toLowerCase(), {
          name: one.name,
          category: one.statusCategory.key,
          issueTypes: [type.name],
        });
    }
  return [...found.values()];
}

/** It becomes part of a path. */
function checkedProject(key: string): string {
  if (!/^[A-Z][A-Z0-9_]{1,254}$/.test(key))
    throw new Error(`Not a project key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}
