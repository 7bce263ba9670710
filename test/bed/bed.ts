import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcessesOf } from './processes';

/** What a test starts and has to end. */
export interface Resource {
  dispose(): Promise<void> | void;
}

/** The parts of one test or demo; ends them last-made-first, whatever one of them throws. */
export class Bed implements Resource {
  private readonly resources: Resource[] = [];
  private disposed = false;

  /** Takes a part over; one that comes after the end is ended at once. */
  async add<T extends Resource>(made: T | Promise<T>): Promise<T> {
    const resource = await made;
    if (this.disposed) {
      await resource.dispose();
      throw new Error('The bed is already gone.');
    }
    this.resources.push(resource);
    return resource;
  }

  /** A new folder, removed at the end with the processes whose HOME it holds. Its path is short, since sockets go into it (104 bytes on macOS). */
  async folder(name = 'bed'): Promise<string> {
    return (await this.add(scratchFolder(name))).path;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const failures: unknown[] = [];
    for (let resource = this.resources.pop(); resource; resource = this.resources.pop()) {
      try {
        await resource.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts of the bed did not end.');
  }
}

export async function scratchFolder(name: string): Promise<Resource & { path: string }> {
  // macOS' own folder for temporary files leaves no room for a socket's path.
  const parent = await realpath(process.platform === 'darwin' ? '/tmp' : tmpdir());
  const path = await mkdtemp(join(parent, `ts-${name}-`));
  return {
    path,
    dispose: async () => {
      await endProcessesOf(path);
      // A process that is just ending may still write: rm retries while a folder is not empty.
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
