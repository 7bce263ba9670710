import type { ModelRequest, Reply, Responder } from '../../bed/modelStub';
import { docPath, type DemoTask } from '../../jira/demo/demoTask';
import { demoDocument } from '../../jira/demo/documents';
import { demoTasks } from '../../jira/demoTasks';
import { demoAnalyst } from './analyst';
import { living, type PlacedSession } from './sessions';

/** What a million tokens of context hold at the used share; the model's window is that large. */
const windowTokens = 1_000_000;

/** What Claude said in a session of the demo. */
export function answerOf(session: PlacedSession): string {
  const { task, outcome, kind, slot } = session;
  if (session.answer !== undefined) return session.answer;
  const documents = task.docs.map((name) => `- ${name}`).join('\n');
  if (slot === 'PAY-456/questions')
    return 'Two of them: the nightly reconciliation and the support console. Both pass a fresh request id on each try, so they are the ones that charge twice. The worker takes the id from its job and is safe.';
  if (slot === 'PAY-490/look')
    return '`InvoiceTotals.addLine` rounds each line to cents before it adds. Rounding once per rate, in `close()`, would agree with the tax office.';
  if (session.forkOf !== undefined)
    return 'The sign-in would stay in its frame, so step 1 falls away. But people have to grant access once, and Firefox asks them again after 30 days. I would keep the redirect.';
  if (outcome === 'failed')
    return kind === 'analysis'
      ? 'I cannot go on: payouts are booked by the ledger service, and its repository is not on this host.'
      : 'Two catalogue tests fail: sv/refund-failed and nl/refund-failed. Their placeholders are in another order. I stop here rather than change the tests.';
  if (kind === 'implementation')
    return outcome === 'complete'
      ? `Done, every step in a commit of its own:\n${task.steps.map((step) => `- ${step}`).join('\n')}\nThe tests pass. It awaits review.`
      : `"${task.steps[0]}" is done, its tests pass. Next: ${task.steps[1] ?? 'review'}.`;
  return `${task.problem}\n\nI compared ${task.options.length === 1 ? 'one option' : `${task.options.length} options`} and propose the first: ${task.options[0]}.\n\nWritten and committed:\n${documents}\n\nPlease review the plan before I implement it.`;
}

/** The same with the usage numbers that make the context as full as it should be. */
export function replyOf(session: PlacedSession): Reply {
  return { text: answerOf(session), usage: usage(session.usedPercent) };
}

export const usage = (usedPercent: number): NonNullable<Reply['usage']> => {
  const tokens = (windowTokens * usedPercent) / 100;
  return { input_tokens: 1000, cache_read_input_tokens: tokens - 5000, cache_creation_input_tokens: 4000 };
};

/**
 * Speaks for the model: the demo's sessions as they went, analyses step by step, then short answers to whatever a person
 * types.
 */
export function demoResponder(sessions: readonly PlacedSession[], paceMs: number): Responder {
  const known = new Map(sessions.map((session) => [session.prompt, session]));
  const analyst = demoAnalyst(taskOf, paceMs);
  return (request) => {
    const analysis = analyst(request);
    if (analysis) return analysis;
    const session = known.get(request.prompt.trim());
    if (session?.slot === living.waiting) return asksToWrite(session);
    if (session) return replyOf(session);
    return freeAnswer(request);
  };
}

/** Stops at the permission prompt, with something harmless to allow. */
function asksToWrite(session: PlacedSession): Reply {
  const { task, directory } = session;
  return {
    text: 'Events are lost between the moment a pod stops listening and the balancer notices. I write the options down.',
    tools: [
      {
        name: 'Write',
        input: {
          file_path: `${directory}/${docPath(task, 'solution_options.md')}`,
          content: demoDocument(task, 'solution_options.md'),
        },
      },
    ],
    usage: usage(session.usedPercent),
  };
}

const notice = '(This is the demo: a small stand-in answers for the model.)';

function freeAnswer(request: ModelRequest): Reply {
  const task = taskOf(request);
  if (request.isToolResult) return { text: 'Done. The document is written; next comes the plan.' };
  if (!task) return { text: `I have read it, and would begin with the tests. ${notice}` };
  const said = JSON.stringify(request.body.messages ?? []);
  const step = task.steps.find((one) => !said.includes(`\\"${one}\\" is done`)) ?? 'the review';
  const asked = request.prompt.toLowerCase();
  const text = /risk|wrong|critic|sure/.test(asked)
    ? `What worries me most about ${task.key}: ${task.acceptance[0]?.toLowerCase()} is hard to check without production data.`
    : /option|instead|alternativ/.test(asked)
      ? `For ${task.key} I compared: ${task.options.join('; ')}. I still prefer the first.`
      : `On ${task.key} the plan stands: ${task.steps.join('; ')}. Next is "${step}".`;
  return { text: `${text} ${notice}` };
}

/** The task that the conversation is about: the key that was named last. */
function taskOf({ body, prompt }: ModelRequest): DemoTask | undefined {
  const texts = [JSON.stringify(body.messages ?? []), prompt].map((text) =>
    demoTasks
      .toSorted((a, b) => text.lastIndexOf(b.key) - text.lastIndexOf(a.key))
      .find(({ key }) => text.includes(key)),
  );
  return texts[1] ?? texts[0];
}
