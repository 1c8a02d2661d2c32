// Whether two looks at a path saw the same: every file, link and folder with the same stamps. Another stat is a change even
// when the bytes are the same again. Reads nothing.
import type { Token } from './stat-index.ts';
import type { FileNode, FolderNode, Node, Survey } from './survey.ts';

export function sameSurvey(a: Survey, b: Survey): boolean {
  if (a.kind === 'absent' || b.kind === 'absent') return a.kind === b.kind;
  if (a.kind === 'file' || b.kind === 'file') return a.kind === 'file' && b.kind === 'file' && sameFile(a.node, b.node);
  return (
    a.nodes.length === b.nodes.length &&
    a.nodes.every((node, i) => sameNode(node, b.nodes[i])) &&
    a.folders.every((folder, i) => sameFolder(folder, b.folders[i]))
  );
}

/** Its stamps tell of a file that came and went. */
function sameFolder(a: FolderNode, b: FolderNode | undefined): boolean {
  return b !== undefined && a.path === b.path && sameTokens(a.token, b.token);
}

function sameNode(a: Node, b: Node | undefined): boolean {
  if (b === undefined || a.path !== b.path) return false;
  if (a.kind === 'file') return b.kind === 'file' && sameFile(a, b);
  if (a.kind === 'empty' || b.kind !== 'link') return a.kind === b.kind;
  if (a.text !== b.text) return false;
  return a.target === null || b.target === null ? a.target === b.target : sameSurvey(a.target, b.target);
}

function sameFile(a: FileNode, b: FileNode): boolean {
  return sameTokens(a.token, b.token);
}

function sameTokens(a: Token, b: Token): boolean {
  return (
    a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.exec === b.exec
  );
}
