import assert from 'node:assert/strict';
import type { RunFailureKind } from '../../../../src/model/run/failure/failure';
import { failureOf } from '../../../../src/model/run/failure/failureOf';
import type { RunLine, RunReading, RunStep, TurnLog } from '../../../../src/model/run/run';
import { lines, log, reading } from './examples';

type Result = Omit<NonNullable<TurnLog['result']>, 'isError'>;

/** A run whose step failed so; `run failed` repeats the reason, as the script does. */
function failed(step: RunStep, fields: Partial<RunLine> = {}, logs: TurnLog[] = []): RunReading {
  const { reason, text } = fields;
  const again = { ...(reason && { reason }), ...(text && { text }) };
  const said = lines('run started', `${step} started`, [`${step} failed`, fields], ['run failed', again]);
  return reading(said, { alive: false, logs });
}

const turn = (step: RunStep, reason: string, told: Result): RunReading =>
  failed(step, { reason, code: 1 }, [log(step, { result: { isError: true, subtype: 'success', ...told } })]);

const api = (text: string, apiStatus?: number): RunReading =>
  turn('analysis', 'api_error', { terminalReason: 'api_error', text, ...(apiStatus && { apiStatus }) });

const denied = log('analysis', { result: { isError: false, denied: ['Write', 'Bash'] } });
const retry = { attempt: 3, of: 10, status: 529 };

const cases: [name: string, of: RunReading, is: RunFailureKind, says: RegExp, next?: RegExp][] = [
  ['401', api('Invalid API key · Fix external API key', 401), 'notSignedIn', /sign-in on the host is refused: Invalid API key/, /Sign in there/],
  ['nobody signed in', api('Not logged in · Please run /login'), 'notSignedIn', /^Claude is not signed in on the host\.$/],
  ['529', api('API Error: 529 Overloaded.', 529), 'apiDown', /does not answer: API Error: 529/, /^Try again later/],
  ['429', api('API Error: Request rejected (429) · slow down', 429), 'apiDown', /takes no more requests/],
  ['no connection', api('API Error: Connection refused (ECONNREFUSED)'), 'apiDown', /does not answer/],
  ['no credit', api('Credit balance is too low'), 'credit', /not paid for/],
  ['too long', turn('analysis', 'prompt_too_long', { terminalReason: 'prompt_too_long', apiStatus: 400, text: 'Prompt is too long · …' }), 'promptTooLong', /does not fit/, /\/compact/],
  ['turns', turn('analysis', 'max_turns', { subtype: 'error_max_turns', terminalReason: 'max_turns' }), 'maxTurns', /turns of a run are used up/, /claude\.maxTurns/],
  ['budget', turn('review', 'budget_exhausted', { subtype: 'error_max_budget_usd' }), 'budget', /budget of a run is used up/, /claude\.maxBudgetUsd/],
  ['an error of another kind', turn('analysis', 'aborted_tools', { subtype: 'error_during_execution', text: 'Odd.' }), 'model', /ended with an error: Odd\./],
  ['the same in the review', turn('review', 'aborted_tools', { text: 'Odd.' }), 'review', /Odd/],
  ['only the line is left', failed('analysis', { reason: 'max_turns', code: 1 }), 'maxTurns', /turns/],
  ['only its text is left', failed('analysis', { reason: 'api_error', text: 'API Error: 529 Overloaded.', code: 1 }), 'apiDown', /529/],
  ['no claude', failed('analysis', { reason: 'noClaude', code: 127, text: 'sh: claude: not found' }), 'claude', /cannot be started on the host: sh: claude/, /claudePath/],
  ['claude killed', failed('analysis', { reason: 'killed', code: 137, text: 'ended by signal 9' }), 'claude', /was ended while it worked: ended by signal 9/],
  ['an earlier answer says nothing of this one', failed('analysis', { reason: 'killed', code: 137 }, [log('analysis', { result: { isError: true, apiStatus: 401 } })]), 'claude', /was ended/],
  ['no answer', failed('analysis', { reason: 'noResult', code: 3 }), 'claude', /without an answer \(exit status 3\)/],
  ['no answer while the API was tried', failed('analysis', { reason: 'noResult', code: 1 }, [log('analysis', { retry })]), 'apiDown', /3 of 10/],
  ['session busy', failed('analysis', { reason: 'busy', text: 'process 41' }), 'sessionBusy', /Another process holds the session: process 41\./, /End the session there/],
  ['documents missing', failed('documents', { reason: 'missing', names: ['a.md', 'b.md'] }), 'documents', /^a\.md, b\.md are missing, though/],
  ['a document missing, named before', reading(lines(['documents missing', { names: ['a.md'] }], ['documents failed', { reason: 'missing' }], 'run failed')), 'documents', /^a\.md is missing/],
  ['documents that Claude might not write', failed('documents', { reason: 'missing', names: ['a.md'] }, [denied]), 'permission', /^a\.md is missing; Claude was denied Write, Bash\.$/, /claude\.analysisAllow/],
  ['asking for documents failed', turn('documents', 'api_error', { apiStatus: 529, text: 'Overloaded' }), 'apiDown', /does not answer/],
  ['no review', failed('review', { reason: 'missing' }), 'review', /did not write/],
  ['disk full', failed('commit', { reason: 'disk' }), 'diskFull', /disk of the host is full/, /Make room/],
  ['disk full at the end', reading(lines('run started', ['run failed', { reason: 'disk' }])), 'diskFull', /full/],
  ['worktree gone', failed('analysis', { reason: 'directory', text: 'The directory is gone: /w' }), 'unknown', /^The directory is gone: \/w\.$/],
  ['commit', failed('commit', { reason: 'git', text: 'fatal: bad object' }), 'commit', /could not be committed: fatal: bad object/],
  ['nobody to commit', failed('commit', { reason: 'identity' }), 'commit', /does not know whose/, /user\.email/],
  ['another branch', failed('commit', { reason: 'branch', text: 'The worktree is on main' }), 'commit', /^The worktree is on main\.$/],
  ['push rejected', failed('push', { reason: 'rejected', text: '! [rejected]' }), 'pushRejected', /has commits on the branch/, /^Merge them/],
  ['push denied', failed('push', { reason: 'denied' }), 'pushDenied', /refuses the push/],
  ['push without network', failed('push', { reason: 'network' }), 'push', /remote does not answer/, /later/],
  ['push, git knows why', failed('push', { reason: 'git', text: 'fatal: odd' }), 'push', /could not be pushed: fatal: odd/],
  ['killed', reading(lines('run started'), { alive: false }), 'interrupted', /ended from outside while it worked/, /^Continue the run\.$/],
  ['killed, Claude lives', reading(lines('run started'), { alive: false, claudeAlive: true }), 'interrupted', /Claude still works/],
  ['host started anew', reading(lines('run started'), { alive: false, rebooted: true }), 'interrupted', /host was started anew/],
]; // prettier-ignore

describe('why a run stands still', () => {
  for (const [name, of, is, says, next = /./] of cases)
    it(name, () => {
      const failure = failureOf(of);
      assert.equal(failure?.kind, is, JSON.stringify(failure));
      assert.match(failure?.message ?? '', says);
      assert.match(failure?.next ?? '', next);
      for (const sentence of [failure?.message, failure?.next]) assert.match(sentence ?? '', /[.!?…]$/);
    });

  for (const [name, of] of [
    ['works', reading(lines('run started'))],
    ['is not launched', reading([], { alive: false })],
    ['is complete', reading(lines('run started', 'run complete'), { alive: false })],
    ['was stopped', reading(lines('run started', 'run stopped'), { alive: false })],
    ['works again', reading(lines('run started', 'analysis failed', 'run failed', 'run started'))],
  ] as const)
    it(`nothing, where it ${name}`, () => assert.equal(failureOf(of), undefined));
});
