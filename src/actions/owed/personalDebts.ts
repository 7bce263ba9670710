import type { IssueWriter } from '../issue/issueWriter';
import { ApprovalMessages, type ApprovalMessagesOptions } from './approvalMessages';
import { DebtPayer } from './debts';
import { PullRequestLinks, type PullRequestLinksOptions } from './pullRequestLinks';

export type PersonalDebtsOptions = ApprovalMessagesOptions & PullRequestLinksOptions;

/** What persons' own acts leave behind where Jira did not answer, or the program was killed; and who pays it. */
export function personalDebts(options: PersonalDebtsOptions, writer: IssueWriter) {
  const links = new PullRequestLinks(options, writer);
  const messages = new ApprovalMessages(options);
  return { links, messages, debts: new DebtPayer([links, messages], options) };
}
