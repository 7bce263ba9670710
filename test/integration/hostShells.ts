import { bsdStat } from './bsdStat';
import { busyboxTools } from './busyboxTools';

/** Shells in which what we ask of a host has to work, and the tools that some of them have instead of ours. */
export const hostShells = [
  { name: 'sh', shell: ['sh'], tools: undefined },
  { name: 'bash', shell: ['bash', '--posix'], tools: undefined },
  { name: 'busybox', shell: ['busybox', 'sh'], tools: busyboxTools },
  { name: "sh with BSD's stat", shell: ['sh'], tools: bsdStat },
];
