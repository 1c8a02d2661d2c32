// What lies in a folder, as data that can be compared: each path with its kind, its content and whether it is executable.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Path -> `content`, `x content` for an executable file, `-> text` for a link, `/` for a folder. */
export type Tree = ReadonlyMap<string, string>;

/** Names in `without` are left out at the top level. */
export function treeOf(root: string, without: readonly string[] = []): Tree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (folder === '' && without.includes(name)) continue;
      const stat = lstatSync(join(root, path));
      if (stat.isDirectory()) {
        tree.set(path, '/');
        visit(path);
      } else if (stat.isSymbolicLink()) tree.set(path, `-> ${readlinkSync(join(root, path))}`);
      else tree.set(path, `${stat.mode & 0o100 ? 'x ' : ''}${readFileSync(join(root, path), 'latin1')}`);
    }
  };
  visit('');
  return tree;
}

/** One line for each difference; empty when they are equal. */
export function treeDifferences(actual: Tree, expected: Tree): string[] {
  const paths = [...new Set([...actual.keys(), ...expected.keys()])].sort();
  return paths.flatMap((path) => {
    const [is, should] = [actual.get(path), expected.get(path)];
    if (is === should) return [];
    return [`${path}: ${excerpt(is)} instead of ${excerpt(should)}`];
  });
}

function excerpt(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
