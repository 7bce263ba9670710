import type { ParseArgsConfig } from 'node:util';
import type { App } from '../app';
import { analyze, implement } from './verbs/run/start';
import { continueRun } from './verbs/run/continue';
import { stop } from './verbs/run/stop';
import { approve } from './verbs/gate/approve';
import { attach, kill, send, terminals } from './verbs/terminalVerbs';
import { checkout, docs, show, tasks } from './verbs/taskVerbs';
import { doctor } from './verbs/doctor';
import { link, unlink } from './verbs/linkVerbs';
import { pullRequest } from './verbs/gate/pullRequest';
import { requestApproval } from './verbs/gate/requestApproval';
import { requestChanges } from './verbs/gate/requestChanges';
import { resume } from './verbs/resume';
import { review } from './verbs/gate/review';
import { transcript } from './verbs/transcript';
import { sessions } from './verbs/sessions';
import { settle } from './verbs/run/settle';
import { setUp } from './verbs/setUp/host';
import { workflow } from './verbs/setUp/workflow';

export interface VerbCall {
  app: App;
  values: Readonly<Record<string, unknown>>;
  positionals: readonly string[];
  json: boolean;
  signal: AbortSignal;
}

export interface Verb {
  usage: string;
  does: string;
  /** Fewest and most. */
  positionals: readonly [number, number];
  options?: NonNullable<ParseArgsConfig['options']>;
  /** Answers the exit code, if it is not 0. */
  run(call: VerbCall): Promise<number | void>;
}

export const verbs: Readonly<Record<string, Verb>> = {
  tasks,
  show,
  sessions,
  docs,
  review,
  approve,
  checkout,
  resume,
  analyze,
  implement,
  continue: continueRun,
  stop,
  'request-approval': requestApproval,
  'request-changes': requestChanges,
  transcript,
  settle,
  link,
  unlink,
  terminals,
  attach,
  send,
  kill,
  'pull-request': pullRequest,
  'set-up-workflow': workflow,
  'set-up': setUp,
  doctor,
};
