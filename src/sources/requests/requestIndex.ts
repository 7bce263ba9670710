import { z } from 'zod';
import type { ApprovalRequest } from '../../model/gate/request/request';
import { isAbsolutePath, isBranchName, isIssueKey, parseObjectId, parseSessionId } from '../../model/names';
import { clip, parseObject } from '../claude/transcripts/lines';
import type { Question } from '../claude/probe/probe';
import type { Section } from '../claude/probe/sections';
import { requestScript, requestsListed } from './requestScript';

/**
 * The requests for approval on one host, look after look. Rides on the probe's round trip; they are told again only
 * when one has come, gone or changed, and are the same list until then.
 */
export class RequestIndex {
  private digest = '';
  /** By id: what is dated into the future counts from then. */
  private seen = new Map<string, number>();
  private all = 0;
  /** Newest first. */
  requests: readonly ApprovalRequest[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /** What was left out. */
  get problems(): string[] {
    return this.all > requestsListed
      ? [`of ${this.all} requests for approval only the newest ${requestsListed} are read`]
      : [];
  }

  /** To be asked behind the probe. */
  get question(): Question {
    return { script: requestScript, args: [this.digest] };
  }

  take(sections: readonly Section[]): void {
    const [digest = '', all = '0'] = sections.find(({ name }) => name === 'requests')?.args ?? [];
    if (digest === this.digest) return;
    this.digest = digest;
    this.all = Number(all);
    const before = this.seen;
    this.seen = new Map();
    this.requests = sections
      .flatMap(({ name, args, body }) =>
        name === 'request' ? this.read(args, body.toString('utf8'), before) : [],
      )
      .sort((a, b) => b.request.at - a.request.at || b.claimed - a.claimed)
      .map(({ request }) => request);
  }

  private read(
    [id = '', there = '']: readonly string[],
    text: string,
    before: ReadonlyMap<string, number>,
  ): { request: ApprovalRequest; claimed: number }[] {
    const request = parseRequest(id, text);
    if (!request) return [];
    const { at: claimed } = request;
    const seen = before.get(id) ?? this.now();
    this.seen.set(id, seen);
    // By no clock was it asked later than it was there, or seen.
    const at = Math.min(claimed, /^\d{1,12}$/.test(there) ? Number(there) * 1000 : seen, seen);
    return [{ request: { ...request, at }, claimed }];
  }
}

const optional = <T>(schema: z.ZodType<T>): z.ZodType<T | undefined> => schema.optional().catch(undefined);
const accepted = (is: (text: string) => boolean) => z.string().refine(is);

/** As `request.sh` writes it: `at` in seconds. */
const requestFile = z.object({
  schema: z.literal(1),
  id: z.string(),
  // Who names a session wrongly asks for none.
  sessionId: accepted((text) => parseSessionId(text) !== undefined)
    .transform((text) => text.toLowerCase())
    .optional(),
  key: optional(accepted(isIssueKey)),
  directory: accepted(isAbsolutePath),
  branch: optional(accepted(isBranchName)),
  commit: optional(accepted((text) => parseObjectId(text) === text)),
  note: optional(z.string().transform((text) => clip(text, 400))),
  at: z.number().min(0).max(8.64e12),
});

/** Undefined for what is no request of the name. Its time is a claim. */
export function parseRequest(id: string, text: string): ApprovalRequest | undefined {
  const { data } = requestFile.safeParse(parseObject(text));
  if (data?.id !== id) return undefined;
  const { schema: _, at, ...fields } = data;
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return { ...(Object.fromEntries(known) as Omit<ApprovalRequest, 'at'>), at: at * 1000 };
}
