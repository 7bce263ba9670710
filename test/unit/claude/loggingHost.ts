import { shellHost } from './shellHost';
import type { ShellHost } from './shellHost';

export interface LoggingHost extends ShellHost {
  /** Bytes that answered what was asked behind the probe, or by itself. */
  traceBytes: number;
  /** All that left the host, byte for byte. */
  said: string;
}

/** A host on which the logs of detached runs lie where `logs` says. */
export function loggingHost(env: NodeJS.ProcessEnv, logs: string[], shell?: readonly string[]): LoggingHost {
  const host = shellHost(env, shell);
  const { script } = host;
  const logging: LoggingHost = Object.assign(host, {
    settings: { ...host.settings, logs },
    traceBytes: 0,
    said: '',
    script: async (...[body, args, options = {}]: Parameters<ShellHost['script']>) => {
      const chunks: Buffer[] = [];
      const { onStdout } = options;
      const answer = await script(body, args, {
        ...options,
        ...(onStdout && {
          onStdout: (chunk: Buffer) => {
            chunks.push(Buffer.from(chunk));
            onStdout(chunk);
          },
        }),
      });
      const all = Buffer.concat([...chunks, answer.stdout]);
      logging.said += all.toString('latin1') + answer.stderr;
      const probed = all.indexOf(`\n${args[0]} end\n`);
      logging.traceBytes += probed < 0 ? all.length : all.length - probed;
      return answer;
    },
  });
  return logging;
}
