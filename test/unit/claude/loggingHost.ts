import { shellHost } from './shellHost';
import type { ShellHost } from './shellHost';

export interface LoggingHost extends ShellHost {
  /** Bytes that answered what was asked behind the probe, or by itself. */
  traceBytes: number;
}

/** A host on which the logs of detached runs lie where `logs` says. */
export function loggingHost(env: NodeJS.ProcessEnv, logs: string[], shell?: readonly string[]): LoggingHost {
  const host = shellHost(env, shell);
  const { script } = host;
  const logging: LoggingHost = Object.assign(host, {
    settings: { ...host.settings, logs },
    traceBytes: 0,
    script: async (...call: Parameters<ShellHost['script']>) => {
      const answer = await script(...call);
      const probed = answer.stdout.indexOf(`\n${call[1][0]} end\n`);
      const all = answer.stdout.length;
      logging.traceBytes += probed < 0 ? all : all - probed;
      return answer;
    },
  });
  return logging;
}
