import { z } from 'zod';
import { parseObjectId, parseSessionId } from '../../model/names';
import { runOrderSchema, type RunOrder } from '../../model/run/order';
import { runSteps, type RunLine, type RunReading, type TurnLog } from '../../model/run/run';
import type { Section } from '../claude/probe/sections';
import { clip, parseObject } from '../claude/transcripts/lines';
import { longestPlan, turnSteps } from './runScript';

/** A run in an answer. Without `reading` its order cannot be read. */
export interface ToldRun {
  id: string;
  digest: string;
  life: string;
  reading?: RunReading;
}

export interface RunAnswer {
  /** Folders of runs on the host. */
  count: number;
  runs: ToldRun[];
  /** First eight digits of those that are not there any more. */
  gone: string[];
  /** The answer grew too long: there is more to be asked for. */
  more: boolean;
}

/** What `runScript` answered; undefined where the host has no folder of runs. */
export function parseAnswer(sections: readonly Section[]): RunAnswer | undefined {
  const end = sections.find(({ name }) => name === 'runs');
  if (!end) return undefined;
  const folder = end.body.toString('utf8');
  const parts: Section[][] = [];
  for (const section of sections)
    if (section.name === 'run') parts.push([section]);
    else if (/^run-(?:lines|settled|log)$/.test(section.name)) parts.at(-1)?.push(section);
  return {
    count: Number(end.args[0]) || 0,
    runs: parts.map(([head, ...rest]) => toldRun(head!, rest, folder)),
    gone: sections.flatMap(({ name, args }) => (name === 'run-gone' ? args.slice(0, 1) : [])),
    more: sections.some(({ name }) => name === 'run-more'),
  };
}

function toldRun({ args, body }: Section, parts: readonly Section[], folder: string): ToldRun {
  const [id = '', digest = '', life = ''] = args;
  const order = readOrder(body.toString('utf8'), id);
  if (!order) return { id, digest, life };
  const part = (name: string): Section | undefined => parts.find((one) => one.name === name);
  const file = part('run-lines');
  const lines = file ? readLines(file.body) : [];
  const [runner, claude] = life;
  return {
    id,
    digest,
    life,
    reading: {
      order,
      lines,
      lineCount: Math.max(lines.length, Number(file?.args[0]) || 0),
      // One that has begun and has no note of its process has lost it.
      ...(runner !== '-' || lines.length > 0 ? { alive: runner === '1' } : {}),
      ...(claude === '-' ? {} : { claudeAlive: claude === '1' }),
      ...(runner === 'r' && { rebooted: true }),
      logs: parts.flatMap((one) => (one.name === 'run-log' ? readTurn(one, `${folder}/${id}`) : [])),
      settledLines:
        settled.safeParse(parseObject(part('run-settled')?.body.toString('utf8') ?? '')).data ?? 0,
    },
  };
}

/** The order, if it is the folder's own. What is shown of it is one line each. */
function readOrder(text: string, id: string): RunOrder | undefined {
  const order = runOrderSchema.safeParse(parseObject(text)).data;
  if (order?.id !== id) return undefined;
  const { summary, startedBy, implementation } = order;
  return {
    ...order,
    ...(summary !== undefined && { summary: clip(summary, 500) }),
    startedBy: { ...startedBy, name: clip(startedBy.name, 300) },
    ...(implementation && {
      implementation: {
        ...implementation,
        approvedBy: clip(implementation.approvedBy, 300),
        steps: implementation.steps.map(({ title }) => ({ title: clip(title, 300) })),
      },
    }),
  };
}

const settled = z.object({ lines: z.number().int().min(0) }).transform(({ lines }) => lines);

const optional = <T>(schema: z.ZodType<T>): z.ZodType<T | undefined> => schema.optional().catch(undefined);
const count = z.number().int().min(0);
const text = z.string().transform((value) => clip(value, 500));

/** As the script writes it: `at` in seconds. */
const line = z.object({
  at: z.number().min(0).max(8.64e12),
  step: z.enum(['run', ...runSteps]),
  state: z.enum(['started', 'missing', 'done', 'failed', 'answered', 'complete', 'stopped']),
  pid: optional(count),
  start: optional(z.union([z.string().max(100), z.number().transform(String)])),
  boot: optional(z.string().max(100)),
  code: optional(z.number().int()),
  reason: optional(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,49}$/)),
  text: optional(text),
  names: optional(z.array(text).max(100)),
  commit: optional(z.string().refine((value) => parseObjectId(value) === value)),
  n: optional(z.number().int().min(1).max(longestPlan)),
  session: optional(z.string().refine((value) => parseSessionId(value) === value)),
  how: optional(z.enum(['begin', 'resume'])),
});

/** What is no line of ours, or of a later version, is passed over; so is the first one where its beginning is cut off. */
function readLines(bytes: Buffer): RunLine[] {
  const end = bytes.lastIndexOf(10) + 1;
  return bytes
    .toString('utf8', 0, end)
    .split('\n')
    .flatMap((row) => {
      const read = line.safeParse(parseObject(row));
      return read.success ? [{ ...withoutGaps(read.data), at: read.data.at * 1000 }] : [];
    });
}

/** Fields that are not there are absent, not undefined. */
const withoutGaps = <T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };

const result = z.object({
  type: z.literal('result'),
  is_error: z.boolean(),
  subtype: optional(z.string().max(100)),
  terminal_reason: optional(z.string().max(100)),
  api_error_status: optional(z.number().int().min(100).max(999)),
  result: optional(text),
  errors: optional(z.array(z.unknown())),
  num_turns: optional(count),
  total_cost_usd: optional(z.number().min(0)),
  permission_denials: optional(
    z.array(z.object({ tool_name: z.string().transform((name) => clip(name, 100)) })),
  ),
});

const retry = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  attempt: count,
  max_retries: count,
  error_status: optional(z.number().int().min(100).max(999)),
  error: optional(text),
  retry_delay_ms: optional(z.number().min(0)),
});

function readTurn({ args, body }: Section, folder: string): TurnLog[] {
  const [name = ''] = args;
  const n = Number(/^step-([1-9]\d{0,2})$/.exec(name)?.[1]);
  const step = n ? 'implement' : turnSteps.find((one) => one === name);
  if (!step) return [];
  const objects = body.toString('utf8').split('\n').map(parseObject);
  const ended = objects.map((one) => result.safeParse(one).data).find(Boolean);
  const again = objects.map((one) => retry.safeParse(one).data).find(Boolean);
  return [
    {
      step,
      ...(n && { n }),
      path: `${folder}/${name}.jsonl`,
      size: Number(args[1]) || 0,
      changedAt: (Number(args[2]) || 0) * 1000,
      ...(ended && { result: turnResult(ended) }),
      ...(again && {
        retry: withoutGaps({
          attempt: again.attempt,
          of: again.max_retries,
          status: again.error_status,
          error: again.error,
          delayMs: again.retry_delay_ms,
        }),
      }),
    },
  ];
}

function turnResult(ended: z.infer<typeof result>): NonNullable<TurnLog['result']> {
  const words =
    ended.result ?? clip(ended.errors?.filter((one) => typeof one === 'string').join('; ') ?? '', 500);
  const denied = [...new Set(ended.permission_denials?.map(({ tool_name }) => tool_name))].slice(0, 20);
  return withoutGaps({
    isError: ended.is_error,
    subtype: ended.subtype,
    terminalReason: ended.terminal_reason,
    apiStatus: ended.api_error_status,
    text: words || undefined,
    turns: ended.num_turns,
    costUsd: ended.total_cost_usd,
    denied: denied.length > 0 ? denied : undefined,
  });
}
