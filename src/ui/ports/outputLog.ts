import type * as vscode from 'vscode';
import type { Log } from '../../util/log';

/** The core's log port on VS Code's output channel. */
export function outputLog(channel: vscode.LogOutputChannel): Log {
  return {
    debug: (message) => channel.debug(message),
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message, error) => {
      channel.error(message);
      if (error instanceof Error) channel.error(error);
    },
  };
}
