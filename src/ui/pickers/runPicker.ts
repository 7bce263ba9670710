import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { shortId } from '../../model/names';
import { plural } from '../../model/describe';
import type { Run } from '../../model/run/run';
import type { Place } from '../../model/task/repository';
import type { Snapshot } from '../../model/task/task';
import { isLiveRun } from '../../model/run/standing';
import { kindTitle, runStateText } from '../../model/run/words';

/** One of several runs, newest first. */
export async function pickRun(runs: readonly Run[], title: string, now: number): Promise<Run | undefined> {
  const items = runs
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map((run) => ({
      label: `${run.key}  ${kindTitle(run.kind)} · ${runStateText(run, now)}`,
      description: `${run.host} · ${shortId(run.id)}`,
      detail: run.directory,
      run,
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: items.length > 0 ? 'Which run?' : 'There is no such run',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.run;
}

/** The host to run on, with what each has; undefined where the user turned away. */
export async function pickRunHost(
  places: readonly Place[],
  title: string,
  { hosts, runs = [] }: Pick<Snapshot, 'hosts' | 'runs'>,
  now: number,
): Promise<string | undefined> {
  const items = places.map(({ host: name, directory }) => {
    const host = hosts.find((one) => one.name === name);
    const live = runs.filter((run) => run.host === name && isLiveRun(run)).length;
    const condition =
      host?.error !== undefined
        ? `does not answer${host.asOf === undefined ? '' : `, last did ${ago(host.asOf, now)}`}`
        : live > 0
          ? `${plural(live, 'run')} at work`
          : 'free';
    return {
      name,
      label: `$(${host?.local ? 'device-desktop' : 'server'}) ${name}`,
      description: [...(host?.local ? ['this machine'] : []), condition].join(' · '),
      detail: directory,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Where? (taskSessions.defaultHost answers this once and for all)',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.name;
}
