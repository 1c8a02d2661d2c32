// Trees as plain JSON numbers, small enough for a forest of a million nodes: each threshold stands once in a table
// per column, nodes name it by its index. Knows nothing of what the outputs mean.
// Invariant: readTrees(renderTrees(t)) equals t in every bit, and damaged JSON is a ModelError, never a wrong tree.
import { isRecord, numberList } from './model-json.ts';
import { ModelError } from './model-error.ts';
import { CATEGORY, finishTree, growingTree, MISSING_LEFT, SET_WORDS, addLeaf, inSet } from './tree.ts';
import type { Tree } from './tree.ts';

/**
 * `feature`: the column that each node asks, in preorder, -1 for a leaf. `cut`: for each asking node the index of its
 * threshold in `cuts[feature]`, or of its set in `sets`; written as -1-index where missing cells go left.
 * `value`: the outputs of each leaf, in order. `sets`: the bins that go left.
 */
export interface TreeRecord {
  readonly feature: readonly number[];
  readonly cut: readonly number[];
  readonly value: readonly number[];
  readonly sets?: readonly (readonly number[])[];
}

export interface TreesRecord {
  readonly cuts: readonly (readonly number[])[];
  readonly trees: readonly TreeRecord[];
}

export function treesToJson(trees: readonly Tree[], features: number, outputs: number): TreesRecord {
  const cuts = usedCuts(trees, features);
  const indexes = cuts.map((list) => new Map(list.map((cut, i) => [cut, i])));
  return { cuts, trees: trees.map((tree) => treeToJson(tree, indexes, outputs)) };
}

export function treesFromJson(json: unknown, features: number, outputs: number): Tree[] {
  if (!isRecord(json) || !Array.isArray(json['cuts']) || !Array.isArray(json['trees']))
    throw damaged('trees are missing');
  const cuts = json['cuts'].map((list) => numberList(list, 'cuts'));
  if (cuts.length !== features) throw damaged(`cuts of ${cuts.length} features, expected ${features}`);
  return json['trees'].map((tree) => treeFromJson(tree, cuts, outputs));
}

function usedCuts(trees: readonly Tree[], features: number): number[][] {
  const used = Array.from({ length: features }, () => new Set<number>());
  for (const { feature, threshold, flags } of trees) {
    for (let node = 0; node < feature.length; node++) {
      const f = feature[node] ?? -1;
      if (f >= 0 && ((flags[node] ?? 0) & CATEGORY) === 0) used[f]?.add(threshold[node] ?? 0);
    }
  }
  return used.map((set) => Array.from(Float64Array.from(set).sort()));
}

function treeToJson(tree: Tree, indexes: readonly ReadonlyMap<number, number>[], outputs: number): TreeRecord {
  const cut: number[] = [];
  const value: number[] = [];
  for (let node = 0; node < tree.feature.length; node++) {
    const f = tree.feature[node] ?? -1;
    if (f < 0) {
      for (let k = 0; k < outputs; k++) value.push(tree.value[node * outputs + k] ?? 0);
      continue;
    }
    const flags = tree.flags[node] ?? 0;
    const threshold = tree.threshold[node] ?? 0;
    const index = (flags & CATEGORY) === 0 ? (indexes[f]?.get(threshold) ?? 0) : threshold;
    cut.push((flags & MISSING_LEFT) === 0 ? index : -1 - index);
  }
  const sets = Array.from({ length: tree.sets.length / SET_WORDS }, (_, set) => setMembers(tree.sets, set));
  return { feature: Array.from(tree.feature), cut, value, ...(sets.length > 0 && { sets }) };
}

function setMembers(sets: Uint32Array, set: number): number[] {
  return Array.from({ length: SET_WORDS * 32 }, (_, bin) => bin).filter((bin) => inSet(sets, set, bin));
}

function treeFromJson(json: unknown, cuts: readonly (readonly number[])[], outputs: number): Tree {
  if (!isRecord(json)) throw damaged('a tree is no object');
  const feature = numberList(json['feature'], 'feature');
  const cut = numberList(json['cut'], 'cut');
  const value = numberList(json['value'], 'value');
  const sets = json['sets'] === undefined ? [] : setsFromJson(json['sets']);
  const asking = feature.filter((f) => f >= 0).length;
  if (feature.length !== 2 * asking + 1 || cut.length !== asking || value.length !== (asking + 1) * outputs) {
    throw damaged('a tree has lists of lengths that do not fit together');
  }
  const tree = growingTree();
  tree.sets.push(...sets.flatMap(setWords));
  // Preorder: a node belongs to the innermost node that still waits for a child.
  const waiting: number[] = [];
  let nextCut = 0;
  const leafAt = new Int32Array(feature.length);
  let leaves = 0;
  for (let node = 0; node < feature.length; node++) {
    addLeaf(tree);
    const parent = waiting.at(-1);
    if (parent === undefined && node > 0) throw damaged('a tree ends too early');
    if (parent !== undefined) {
      if (tree.left[parent] === -1) tree.left[parent] = node;
      else {
        tree.right[parent] = node;
        waiting.pop();
      }
    }
    const f = feature[node] ?? -1;
    if (f < 0) {
      leafAt[node] = leaves++;
      continue;
    }
    const coded = cut[nextCut++] ?? 0;
    const index = coded < 0 ? -1 - coded : coded;
    const isSet = cuts[f] !== undefined && sets.length > 0 && cuts[f].length === 0;
    const threshold = isSet ? (index < sets.length ? index : undefined) : cuts[f]?.[index];
    if (threshold === undefined) throw damaged(`a node names cut ${index} of feature ${f}, which is not there`);
    tree.feature[node] = f;
    tree.threshold[node] = threshold;
    tree.flags[node] = (coded < 0 ? MISSING_LEFT : 0) | (isSet ? CATEGORY : 0);
    waiting.push(node);
  }
  if (waiting.length > 0) throw damaged('a tree lacks nodes');
  return finishTree(tree, outputs, (node, k) => value[(leafAt[node] ?? 0) * outputs + k] ?? 0).tree;
}

function setsFromJson(json: unknown): number[][] {
  if (!Array.isArray(json)) throw damaged('sets is no list');
  return json.map((set) => numberList(set, 'sets'));
}

function setWords(bins: readonly number[]): number[] {
  const words = new Uint32Array(SET_WORDS);
  for (const bin of bins) words[bin >>> 5] = (words[bin >>> 5] ?? 0) | (1 << (bin & 31));
  return Array.from(words);
}

function damaged(what: string): ModelError {
  return new ModelError([`the model is damaged: ${what}`]);
}
