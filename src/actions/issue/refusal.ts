import { UserError } from '../../model/errors';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';

export const commentUrl = (jira: Jira, key: string, id: string): string =>
  `${jira.connection.baseUrl}/browse/${key}?focusedCommentId=${id}`;

/** True where nobody has decided: Jira, the way to it, or our token may be well again later. */
export const isPassing = (error: unknown): error is JiraError =>
  error instanceof JiraError &&
  (error.transient || error.kind === 'tls' || error.kind === 'auth' || error.kind === 'wrongUrl');

/** True for what Jira decided: trying again helps only after somebody has changed something. */
export const isRefusal = (error: unknown): boolean => error instanceof JiraError && !isPassing(error);

/** What Jira decided, with what is left to do: the link itself stands. */
export function refusal(error: unknown, what: string, again = 'publish again'): unknown {
  if (!(error instanceof JiraError)) return error;
  return new UserError(`${what}: ${error.message}`, nextStep(error, again), { cause: error });
}

/** The same, also for what may pass: it may have been written, and the person does it again, since nobody else will. */
export const unsent = (error: unknown, what: string, again: string): unknown =>
  isPassing(error)
    ? new UserError(
        `${what}, as far as is known: ${error.message}`,
        `When Jira answers, ${again}: what is done is not done twice.`,
        { cause: error },
      )
    : refusal(error, what, again);

function nextStep(error: JiraError, again: string): string {
  const { problem } = error;
  switch (problem.kind) {
    case 'permission':
      return `Ask for the permission to comment in this project, then ${again}.`;
    case 'invalidRequest':
      // Jira Cloud says it with 400.
      if (problem.messages.some((text) => /permission/i.test(text)))
        return `Ask for the permission to comment in this project, then ${again}.`;
      return problem.messages.some((text) => /too long/i.test(text))
        ? `Shorten your comment of this session in Jira, then ${again}.`
        : 'See the log for the request.';
    case 'notFound':
      return 'The issue is gone, or hidden from you: look at it in Jira.';
    case 'tooLarge':
      return `The issue takes no more comments: remove some in Jira, then ${again}.`;
    default:
      return error.next;
  }
}
