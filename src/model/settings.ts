import { z } from 'zod';
import { isAbsolutePath, isHostName } from './names';
import { phases } from './task/task';

/** Prompt templates (media/prompts). */
export const promptNames = ['analysis', 'documents', 'review', 'implementation', 'handoff'] as const;
export type PromptName = (typeof promptNames)[number];

/** What webhooks are told. */
export const webhookEvents = ['started', 'needsYou', 'complete', 'failed', 'approved'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Never a default, and never by setting: a run has nobody who answers for it. */
const unattendedModes = ['default', 'acceptEdits', 'dontAsk', 'auto', 'plan'] as const;

const text = z.string().max(4096);
const line = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}]+$/u);
/** Shell command lines, run one after another at the top of the working tree. */
const commandLines = z.array(line).max(20);
const isDirectory = (path: string): boolean =>
  path === '' || /^~(?:$|\/)/.test(path) || /^[A-Za-z]:[\\/]/.test(path) || isAbsolutePath(path);
const directory = text.refine(isDirectory, { message: 'must be an absolute path (or start with ~/)' });
const hostName = z
  .string()
  .refine(isHostName, { message: 'letters, digits, dots, dashes and underscores only' });

/** Keys that this machine and a remote host share. */
const account = z.object({
  /** Other names that records use for this host. */
  aliases: z.array(text).default([]),
  /** Directory of the repository there; several by name of `repositories`. */
  repository: z.union([directory, z.record(z.string(), directory)]).optional(),
  /** Directories from records are used only under these (and under the repository and its worktrees). */
  roots: z.array(directory).default([]),
  claudePath: text.optional(),
  configDir: directory.optional(),
  /** Globs of stream-json logs of detached runs. */
  logs: z.array(text).default([]),
  webTerminal: text.optional(),
});

const local = account.extend({
  /** This machine's name in records; default its hostname. */
  name: hostName.optional(),
});

const host = account
  .extend({
    /** Destination as ssh knows it: a name of ~/.ssh/config, or user@host. */
    ssh: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:%[\]-]*$/, 'a destination of ssh; no options')
      .optional(),
    /** Or an argv prefix: ["docker", "exec", "-i", "dev"]. */
    via: z.array(text).min(1).optional(),
  })
  .refine((value) => (value.ssh === undefined) !== (value.via === undefined), {
    message: 'needs exactly one of "ssh" and "via"',
  });

const repository = z.object({
  remote: text.optional(),
  projects: z.array(text).default([]),
  directory: directory.optional(),
  /** Kind of the git host, where its address does not tell: for links. */
  forge: z.enum(['github', 'gitlab', 'bitbucket', 'gitea']).optional(),
  /** In the place of the common `checks`. */
  checks: commandLines.optional(),
});

const webhook = z.object({
  kind: z.enum(['slack', 'teams', 'json']),
  /** Default all. */
  events: z.array(z.enum(webhookEvents)).default([...webhookEvents]),
});

const rules = z.array(line).max(100).default([]);
const tools = (names: string[]) =>
  z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}$/))
    .max(100)
    .default(names);

/** Paths of files that take the place of the built-in templates. */
const prompts = z.object(
  Object.fromEntries(promptNames.map((name) => [name, directory.default('')])) as Record<
    PromptName,
    z.ZodDefault<typeof directory>
  >,
);

/**
 * Every setting, once for VS Code (`taskSessions.*`) and the command line's configuration file.
 * Keys are the README's, nested at the dots.
 */
export const settingsSchema = z.object({
  jira: z
    .object({
      url: text.default(''),
      email: text.default(''),
      deployment: z.enum(['auto', 'cloud', 'dataCenter']).default('auto'),
      jql: z
        .string()
        .max(20_000)
        .default('assignee = currentUser() AND statusCategory != Done ORDER BY updated DESC'),
      pollSeconds: z.number().int().min(10).max(86_400).default(60),
      /** PEM file of certificates to trust besides the system's. */
      caFile: text.default(''),
    })
    .prefault({}),
  ssh: z.object({ configFile: text.default('') }).prefault({}),
  repository: directory.default(''),
  repositories: z.record(z.string(), repository).default({}),
  branchPattern: z.string().max(200).default('task/${key}-analysis'),
  docs: z
    .object({
      names: z
        .array(z.string().regex(/^[^/\p{Cc}]{1,200}$/u))
        .min(1)
        .max(50)
        .transform((names) => [...new Set(names)])
        .default([
          'task_desc.md',
          'solution_options.md',
          'step_by_step_impl_plan.md',
          'task_test_designs.md',
          'critic.md',
        ]),
      directory: z.string().max(1000).default('docs/tasks/${key}'),
    })
    .prefault({}),
  worktrees: z.object({ directory: z.string().max(1000).default('../${repository}.worktrees') }).prefault({}),
  hosts: z.record(hostName, host).default({}),
  defaultHost: z.string().max(64).default(''),
  local: local.prefault({}),
  terminal: z
    .object({
      keepAlive: z.enum(['auto', 'tmux', 'none']).default('auto'),
      location: z.enum(['panel', 'editor']).default('panel'),
    })
    .prefault({}),
  phases: z.partialRecord(z.enum(phases), z.union([text, z.array(text)])).default({}),
  approvers: z.array(text).default([]),
  context: z
    .object({
      handoffPercent: z.number().min(1).max(100).default(80),
      autoHandoff: z.boolean().default(false),
    })
    .prefault({}),
  claude: z
    .object({
      permissionMode: text.default(''),
      model: text.default(''),
      /** Tools that an analysis has at all. */
      analysisTools: tools(['Read', 'Grep', 'Glob', 'Write', 'Edit']),
      /** Permission rules beside writing under `docs.directory`, as Claude's `--allowedTools` takes them. */
      analysisAllow: rules,
      analysisMode: z.enum(unattendedModes).default('default'),
      /** The same of an implementation, which writes in the whole worktree. */
      implementationTools: tools(['Read', 'Grep', 'Glob', 'Write', 'Edit', 'Bash']),
      implementationAllow: rules,
      implementationMode: z.enum(unattendedModes).default('default'),
      /** 0: no limit. */
      maxTurns: z.number().int().min(0).max(10_000).default(0),
      /** 0: no limit. */
      maxBudgetUsd: z.number().min(0).max(100_000).default(0),
    })
    .prefault({}),
  runs: z
    .object({
      /** So many at once on one host; further ones wait there. */
      perHost: z.number().int().min(1).max(100).default(2),
      /** A second, fresh session writes `critic.md`. */
      critic: z.boolean().default(true),
    })
    .prefault({}),
  implementation: z
    .object({
      /** As `branchPattern`; empty: the task's branch. */
      branchPattern: z.string().max(200).default(''),
    })
    .prefault({}),
  /** What has to pass after each step of an implementation. */
  checks: commandLines.default([]),
  prompts: prompts.prefault({}),
  /** By name; their addresses are secrets and kept elsewhere (README, "Webhooks"). */
  webhooks: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), webhook).default({}),
  notifications: z.object({ runs: z.boolean().default(true) }).prefault({}),
  links: z
    .object({
      /** Hosts whose addresses open without a question, besides Jira's and the configured web terminals'. */
      allowed: z.array(z.string().max(253)).default([]),
      /** An https address that forwards to `${link}`, since Jira shows editor links as dead text. */
      redirect: z
        .string()
        .max(1000)
        .regex(/^(?:https:\/\/[^\s]*\$\{link\}[^\s]*)?$/)
        .default(''),
    })
    .prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;
export type RemoteHostSettings = z.infer<typeof host>;
export type LocalHostSettings = z.infer<typeof local>;
export type HostSettings = LocalHostSettings & Pick<RemoteHostSettings, 'ssh' | 'via'>;

/** Settings that are valid, and one line for each that was not and fell back to its default. */
export interface ReadSettings {
  settings: Settings;
  problems: string[];
}

/** Reads settings part by part: one bad value costs that value, not all of them. */
export function readSettings(input: unknown): ReadSettings {
  const whole = settingsSchema.safeParse(input ?? {});
  if (whole.success) return { settings: whole.data, problems: [] };
  const rest: unknown = structuredClone(input);
  const problems: string[] = [];
  let wrong = wrongPlaces(whole.error);
  // A host that has lost its destination is no host, a list that has lost its only word is no list: look again.
  for (let round = 0; round < 8; round++) {
    for (const { path, message } of wrong) problems.push(`${path.join('.') || 'settings'}: ${message}`);
    // From behind, so that what is removed from a list does not move what is still to be removed.
    for (const { path } of wrong.toReversed()) removeAt(rest, path);
    const again = settingsSchema.safeParse(rest);
    if (again.success) return { settings: again.data, problems };
    wrong = wrongPlaces(again.error);
  }
  return { settings: settingsSchema.parse({}), problems };
}

/** Where values are wrong, in the order of the settings. */
const wrongPlaces = (error: z.ZodError): { path: PropertyKey[]; message: string }[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known' }))
      : [issue],
  );

function removeAt(value: unknown, path: readonly PropertyKey[]): void {
  const command = path.indexOf('via');
  // Half a command is another command, so a bad word costs all of it.
  const parts = command === -1 ? path : path.slice(0, command + 1);
  let parent = value;
  for (const part of parts.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return;
    parent = (parent as Record<PropertyKey, unknown>)[part];
  }
  const last = parts.at(-1);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (last !== undefined && typeof parent === 'object' && parent !== null)
    delete (parent as Record<PropertyKey, unknown>)[last];
}
