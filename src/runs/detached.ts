import { scrubScript } from '../hosts/environment';
import type { Host } from '../hosts/host';
import type { Guard } from '../sources/git/git';

/**
 * Git as a detached run has it: the account's own and the repository's settings hold (its credentials, its ssh
 * command), but hooks do not run, nobody can be asked, and nothing is pushed but what is named: no tags, no submodules.
 */
export const detachedGit: Guard = {
  config: [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'credential.interactive=false',
    'gc.auto=0',
    'push.followTags=false',
    'push.recurseSubmodules=no',
    'push.gpgSign=false',
    // A server that has gone silent.
    'http.lowSpeedLimit=1',
    'http.lowSpeedTime=600',
  ],
  env: {
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GCM_INTERACTIVE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
  },
};

/**
 * POSIX sh, before such a git: the surroundings of a detached run. An agent that came with an ssh connection goes with
 * it, so it does not count. `$1` is the ssh command to use instead of the account's, or empty.
 */
export const detachedSetup = (host: Pick<Host, 'local'>): string => `
${scrubScript()}
GIT_ASKPASS=; export GIT_ASKPASS
${host.local ? '[ -z "${SSH_CONNECTION:-}" ] || unset SSH_AUTH_SOCK' : 'unset SSH_AUTH_SOCK'}
ssh=$1
[ -n "$ssh" ] || ssh=$(git config --get core.sshCommand 2>/dev/null)
export GIT_SSH_COMMAND="\${GIT_SSH_COMMAND:-\${ssh:-ssh}} -o BatchMode=yes -o ConnectTimeout=10"
`;
