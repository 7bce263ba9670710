import * as vscode from 'vscode';
import type { Run } from '../../../model/run/run';

/** What a person says to a check that failed: Claude mends it, it is passed over, or it runs again as it is. */
export type CheckChoice = 'fix' | 'skip' | 'again';

const words = {
  fix: 'Fix and Continue',
  skip: 'Skip Step and Continue',
  again: 'Check Again',
} as const satisfies Record<CheckChoice, string>;

/** For a click on the row, which alone does nothing. */
export async function chooseAnswer(run: Run): Promise<CheckChoice | undefined> {
  const { message } = failureOf(run);
  const picked = await vscode.window.showWarningMessage(
    `How shall the implementation of ${run.key} go on?`,
    {
      modal: true,
      detail: `${message}\n\n${words.fix}: Claude looks at it, in the same conversation.\n${words.skip}: ${skipMeans(run)}\n${words.again}: you have mended it by hand.`,
    },
    words.fix,
    words.skip,
    words.again,
  );
  return (['fix', 'skip', 'again'] as const).find((one) => words[one] === picked);
}

/** What is passed over, before it is. */
export async function confirmSkip(run: Run): Promise<boolean> {
  const { message, step } = failureOf(run);
  const picked = await vscode.window.showWarningMessage(
    `Skip the check of ${step} of ${run.key}?`,
    { modal: true, detail: `${message}\n\n${skipMeans(run)}` },
    words.skip,
  );
  return picked === words.skip;
}

function skipMeans(run: Run): string {
  const { step, title } = failureOf(run);
  return `${step}${title ? ` (“${title}”)` : ''} is committed as it is and noted as skipped; what comes after builds on it.`;
}

function failureOf({ state }: Run): { message: string; step: string; title?: string } {
  const plan = 'plan' in state ? state.plan : undefined;
  return {
    message: state.kind === 'failed' ? state.failure.message : '',
    step: plan ? `step ${plan.current}` : 'the step',
    ...(plan?.title !== undefined && { title: plan.title }),
  };
}
