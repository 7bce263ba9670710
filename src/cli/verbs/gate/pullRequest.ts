import { UserError } from '../../../model/errors';
import type { PullRequestPlan } from '../../../actions/pullRequests';
import type { PullRequestPage } from '../../../model/links/forge';
import { plain, printJson, printLine, say } from '../../output';
import type { Verb } from '../../verbs';
import { lookAt } from '../taskVerbs';

export const pullRequest: Verb = {
  usage: 'KEY [--url URL]',
  does: 'where to open its pull request, linked on the issue; --url links the one that you opened',
  positionals: [1, 1],
  options: { url: { type: 'string' } },
  async run({ app, positionals, values, json, signal }) {
    const task = await lookAt(app, positionals[0]!, signal);
    const plan = await app.pullRequests.plan(task, signal);
    const page = typeof values.url === 'string' ? pageOf(plan, values.url) : undefined;
    const linked = await app.pullRequests.link(task, plan, page, signal);
    const { key, branch, base, commit, compare, warnings } = plan;
    if (json)
      printJson({
        pullRequest: { key, branch, base, commit, compare, url: linked.url, ...(linked.name !== undefined && { name: linked.name }) },
        status: linked.status,
        problems: linked.problems,
      }); // prettier-ignore
    else printLine(plain(linked.url));
    for (const line of [...warnings, ...linked.problems]) say(line);
    if (!json && linked.name === undefined)
      say(`Open it there, then: task-sessions pull-request ${key} --url ADDRESS`);
    return linked.problems.length > 0 ? 1 : 0;
  },
};

/** Throws UserError for an address of anything else. */
function pageOf({ pages, compare }: PullRequestPlan, address: string): PullRequestPage {
  const page = pages.pullRequest(address);
  if (page) return page;
  throw new UserError(
    'That is no address of a pull request of this repository.',
    `Its pages are at ${new URL(compare).host}: copy the address from there.`,
  );
}
