// The entries of a folder as they were surveyed and read, and a short signature over them. Pure: every file that counts has
// been read before. Knows no index and no disk.
import type { BytePath } from '../base/byte-path.ts';
import type { Digest } from './digest.ts';
import { fileDigest, folderDigest, sha256Hex } from './digest.ts';
import { mix } from './stat-index.ts';
import { hashName, otherHashOfName } from './stat-index-format.ts';
import type { FileNode, Node, Survey } from './survey.ts';
import type { TreeEntry } from './tree.ts';
import { sortTree, treeText } from './tree.ts';

export function nodeDigest(node: FileNode): Digest {
  return fileDigest(shaOf(node), node.token.exec);
}

export function treeEntries(nodes: readonly Node[]): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let hasTargets = false;
  for (const node of nodes) {
    if (node.kind === 'file') {
      entries.push({
        kind: node.token.exec ? 'x' : 'f',
        digest: shaOf(node),
        size: Number(node.token.size),
        path: node.path,
      });
    } else if (node.kind === 'empty') entries.push({ kind: 'd', digest: '-', size: 0, path: node.path });
    else {
      entries.push({ kind: 'l', digest: node.sha, size: node.text.length, path: node.path });
      if (node.target === null) continue;
      hasTargets = true;
      entries.push(...targetEntries(node.path, node.target));
    }
  }
  return hasTargets || entries.some((e) => e.kind === 'd') ? sortTree(entries) : entries;
}

export function targetEntries(path: BytePath, target: Survey): TreeEntry[] {
  if (target.kind === 'absent') return [];
  if (target.kind === 'file')
    return [{ kind: 't', digest: nodeDigest(target.node), size: Number(target.node.token.size), path }];
  const sha = sha256Hex(treeText(treeEntries(target.nodes)));
  return [{ kind: 't', digest: folderDigest(sha), size: 0, path }];
}

/**
 * 64 bits over names, contents and order, from the index alone; null when links make it more than that. Each half hashes the
 * names in a way of its own: the marks of both hold the same 32 bits of them.
 */
export function signatureOf(nodes: readonly Node[]): bigint | null {
  let low = 1;
  let high = 2;
  for (const node of nodes) {
    if (node.kind === 'link' || (node.kind === 'file' && node.found === null)) return null;
    const found = node.kind === 'file' ? node.found : null;
    low = mix(low, found?.mark ?? hashName(node.path));
    high = mix(mix(high, found?.mark2 ?? 0), otherHashOfName(node.path));
  }
  return (BigInt(high >>> 1) << 32n) | BigInt(low);
}

function shaOf(node: FileNode): string {
  if (node.found === null) throw new Error('a file was not read before its folder was hashed');
  return node.found.entry().sha;
}
