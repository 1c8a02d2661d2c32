// Checks a whole store: every object against its name, every record against its seal and against the objects it names.
// Repair moves what is damaged out of the way, so that it is restored or made again; it never deletes an object's only
// copy. Knows no stages. Reads everything, so it is as slow as the disk.
import { explainLater } from '../base/fs-problem.ts';
import { closeFd, kindOfStat, lstatPath, openForRead, readFolder, removeFile, statFd } from '../base/fs.ts';
import type { Problem } from '../base/problem.ts';
import { problem } from '../base/problem.ts';
import { hashOpenFile } from './hash-file.ts';
import { hasOuts } from './commit.ts';
import type { Objects } from './objects.ts';
import { readRecord } from './records.ts';
import { filesBelow } from './gc.ts';

export interface FsckReport {
  readonly objects: number;
  readonly bytes: number;
  readonly records: number;
  readonly problems: readonly Problem[];
  /** Things that were moved aside or removed. */
  readonly repaired: number;
}

export async function checkStore(objects: Objects, repair: boolean): Promise<FsckReport> {
  return explainLater('check the store', async () => {
    const check = new StoreCheck(objects, repair);
    await check.objects();
    check.records();
    return check.report;
  });
}

class StoreCheck {
  readonly report: { objects: number; bytes: number; records: number; problems: Problem[]; repaired: number };
  readonly #objects: Objects;
  readonly #repair: boolean;

  constructor(objects: Objects, repair: boolean) {
    this.#objects = objects;
    this.#repair = repair;
    this.report = { objects: 0, bytes: 0, records: 0, problems: [], repaired: 0 };
  }

  async objects(): Promise<void> {
    const folder = `${this.#objects.place.shared}/objects`;
    for (const shard of readFolder(folder)) {
      for (const { name } of readFolder(`${folder}/${shard.name}`)) {
        const fault = await this.#fault(`${folder}/${shard.name}/${name}`, shard.name + name);
        if (fault !== null) this.#badObject(shard.name + name, fault);
      }
    }
  }

  /** After the objects: a record whose object was just moved aside is found out too. */
  records(): void {
    for (const path of filesBelow(`${this.#objects.place.shared}/records`)) {
      this.report.records += 1;
      const record = readRecord(path);
      if (record === null) this.#badRecord(path, 'a record is damaged', 'the stage is run again when it is needed');
      else if (!hasOuts(this.#objects, record.outs)) {
        const text = `a record of \`${record.stage}\` names an object that is not there`;
        this.#badRecord(path, text, 'the stage is run again when it is needed');
      }
    }
  }

  async #fault(path: string, hex: string): Promise<string | null> {
    const stat = lstatPath(path);
    if (stat === null) return null;
    if (!/^[0-9a-f]{64}$/.test(hex)) return 'its name is not a digest';
    if (kindOfStat(stat) !== 'file') return 'it is not a file';
    const fd = openForRead(path);
    try {
      const hash = await hashOpenFile(fd, Number(statFd(fd).size));
      this.report.objects += 1;
      this.report.bytes += hash.bytes;
      return hash.sha === hex ? null : 'its content is not what its name says';
    } finally {
      closeFd(fd);
    }
  }

  #badObject(hex: string, fault: string): void {
    const hint = this.#repair ? 'it was moved to `bad/` in the store' : '`repro fsck --repair` moves it out of the way';
    this.report.problems.push(problem('object-bad', `object \`${hex}\` is damaged: ${fault}`, { hint }));
    if (!this.#repair) return;
    this.#objects.quarantine(hex);
    this.report.repaired += 1;
  }

  #badRecord(path: string, text: string, hint: string): void {
    this.report.problems.push(problem('object-bad', text, { hint }));
    if (!this.#repair) return;
    removeFile(path);
    this.report.repaired += 1;
  }
}
