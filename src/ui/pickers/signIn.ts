import * as vscode from 'vscode';
import type { JiraAccount } from '../../actions/account';
import { errorLine, isCancelled } from '../../model/errors';

/**
 * Asks for address, account and token, one input after the other, checking each as far as it can be checked.
 * A wrong answer is said in the very input where it can be mended. Returns false if the user gave up.
 */
export async function askToSignIn(
  account: JiraAccount,
  configuredUrl: string,
  email: string,
): Promise<boolean> {
  const title = 'Sign In to Jira';
  const address = await ask({
    title,
    step: 1,
    value: configuredUrl,
    prompt: 'Address of your Jira, as in the browser, with a context path such as /jira if it has one',
    placeholder: 'https://acme.atlassian.net',
    busy: (value, signal) => account.findSite(value, signal),
  });
  if (!address) return false;
  const site = address.result;
  const where = new URL(site.baseUrl).host;
  let user: string | undefined;
  if (site.deployment === 'cloud') {
    const answer = await ask({
      title: `${title}: ${where}`,
      step: 2,
      steps: 3,
      value: email,
      prompt: 'E-mail address of your Atlassian account',
      placeholder: 'you@example.com',
      busy: (value) =>
        /^[^\s@]+@[^\s@]+$/.test(value)
          ? Promise.resolve(value)
          : Promise.reject(new Error('This is not an e-mail address.')),
    });
    if (!answer) return false;
    user = answer.result;
  }
  const cloud = site.deployment === 'cloud';
  const token = await ask({
    title: `${title}: ${where}`,
    step: cloud ? 3 : 2,
    steps: cloud ? 3 : 2,
    value: '',
    password: true,
    prompt: cloud
      ? 'API token (Atlassian account settings > Security > API tokens; with or without scopes)'
      : 'Personal access token (your Jira profile > Personal Access Tokens)',
    ...(cloud && { help: vscode.Uri.parse('https://id.atlassian.com/manage-profile/security/api-tokens') }),
    busy: (value, signal) =>
      account.signIn(site, { ...(user !== undefined && { email: user }), token: value }, signal),
  });
  if (!token) return false;
  void vscode.window.showInformationMessage(`Signed in to ${where} as ${token.result.name}.`);
  return true;
}

interface Question<T> {
  title: string;
  step: number;
  /** Known once the kind of Jira is. */
  steps?: number;
  value: string;
  prompt: string;
  placeholder?: string;
  password?: boolean;
  help?: vscode.Uri;
  /** Checks the answer; a rejection is shown in the input, which stays open. */
  busy(value: string, signal: AbortSignal): Promise<T>;
}

/** One input that stays until its answer passed its check or the user left. Leaving ends a check that runs. */
function ask<T>(question: Question<T>): Promise<{ result: T } | undefined> {
  const input = vscode.window.createInputBox();
  input.title = question.title;
  input.step = question.step;
  if (question.steps !== undefined) input.totalSteps = question.steps;
  input.value = question.value;
  input.prompt = question.prompt;
  input.placeholder = question.placeholder ?? '';
  input.password = question.password ?? false;
  // Tokens are copied from a browser: the input must not vanish when the window loses focus.
  input.ignoreFocusOut = true;
  const help: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('question'),
    tooltip: 'Where to get one',
  };
  if (question.help) input.buttons = [help];
  return new Promise((resolve) => {
    let check: AbortController | undefined;
    input.onDidTriggerButton(() => question.help && void vscode.env.openExternal(question.help));
    input.onDidChangeValue(() => (input.validationMessage = undefined));
    input.onDidAccept(async () => {
      const value = input.value.trim();
      if (!value || check) return;
      check = new AbortController();
      input.busy = true;
      try {
        const result = await question.busy(value, check.signal);
        resolve({ result });
        input.dispose();
      } catch (error) {
        if (!isCancelled(error)) input.validationMessage = errorLine(error);
      } finally {
        check = undefined;
        input.busy = false;
      }
    });
    input.onDidHide(() => {
      check?.abort();
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}
