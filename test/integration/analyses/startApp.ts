import { createApp, type App } from '../../../src/app';
import { readSettings } from '../../../src/model/settings';
import { silentLog } from '../../../src/util/log';

/** Everything that a program needs to stand for one person; JSON, so that a child process can be given it. */
export interface Person {
  settings: Record<string, unknown>;
  env: Record<string, string>;
  jiraUrl: string;
}

/** The product as one person has it, signed in, with its first picture. */
export async function openApp(person: Person): Promise<App> {
  const app = await openUnseeing(person);
  await app.store.refresh();
  return app;
}

/** The same, before it has looked at anything. */
export async function openUnseeing({ settings: input, env }: Person): Promise<App> {
  const { settings, problems } = readSettings(input);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const app = createApp({
    settings,
    log: silentLog,
    env,
    supervisor: '/nonexistent/supervisor.js',
    folders: () => [],
    repositoryMemory: { get: () => undefined, set: () => Promise.resolve() },
    trusted: () => true,
  });
  await app.account.restore();
  return app;
}
