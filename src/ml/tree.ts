// One decision tree as flat typed arrays, and how rows fall through it. Knows nothing of how trees are grown or
// written. Invariant: nodes stand in preorder, so the left child of node i is i+1 and only the right one is stored.

export interface Tree {
  /** Column that the node asks; -1 in a leaf. */
  readonly feature: Int32Array;
  /** Numbers go left when x <= threshold. In a node with the flag CATEGORY: the index of its set in `sets`. */
  readonly threshold: Float64Array;
  readonly right: Int32Array;
  /** MISSING_LEFT, CATEGORY. */
  readonly flags: Uint8Array;
  /** Outputs per node, row-major; zero where the node is no leaf. */
  readonly value: Float64Array;
  /** SET_WORDS words a set: one bit for each bin that goes left. */
  readonly sets: Uint32Array;
}

export const MISSING_LEFT = 1;
export const CATEGORY = 2;
export const SET_WORDS = 8;

/** A tree while it grows, nodes in any order: node 0 is the root. */
export interface GrowingTree {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly flags: number[];
  readonly sets: number[];
}

export function growingTree(): GrowingTree {
  return { feature: [], threshold: [], left: [], right: [], flags: [], sets: [] };
}

/** A new leaf; its number. */
export function addLeaf(tree: GrowingTree): number {
  tree.threshold.push(0);
  tree.left.push(-1);
  tree.right.push(-1);
  tree.flags.push(0);
  return tree.feature.push(-1) - 1;
}

/** Puts the nodes into preorder. `leafValue` gives the outputs of a leaf by its old number; `order[new] = old`. */
export function finishTree(
  tree: GrowingTree,
  outputs: number,
  leafValue: (node: number, output: number) => number,
): { tree: Tree; order: Int32Array } {
  const n = tree.feature.length;
  const feature = new Int32Array(n);
  const threshold = new Float64Array(n);
  const right = new Int32Array(n).fill(-1);
  const flags = new Uint8Array(n);
  const value = new Float64Array(n * outputs);
  const order = new Int32Array(n);
  const stack = [0];
  const parents = [-1];
  for (let node = 0; node < n; node++) {
    const old = stack.pop() ?? 0;
    const parent = parents.pop() ?? -1;
    if (parent >= 0) right[parent] = node;
    order[node] = old;
    const f = tree.feature[old] ?? -1;
    feature[node] = f;
    if (f < 0) {
      for (let k = 0; k < outputs; k++) value[node * outputs + k] = leafValue(old, k);
      continue;
    }
    threshold[node] = tree.threshold[old] ?? 0;
    flags[node] = tree.flags[old] ?? 0;
    stack.push(tree.right[old] ?? 0, tree.left[old] ?? 0);
    parents.push(node, -1);
  }
  return { tree: { feature, threshold, right, flags, value, sets: Uint32Array.from(tree.sets) }, order };
}

export function inSet(sets: Uint32Array, set: number, bin: number): boolean {
  return (((sets[set * SET_WORDS + (bin >>> 5)] ?? 0) >>> (bin & 31)) & 1) === 1;
}

/** Adds the leaf's outputs of every row to `out` (rows x outputs). `columns` as treeColumns() gives them. */
export function addTree(tree: Tree, columns: readonly Float64Array[], outputs: number, out: Float64Array): void {
  const rows = out.length / outputs;
  const leafOf = tree.sets.length === 0 ? leafByNumbers : leafByAll;
  for (let row = 0; row < rows; row++) {
    const leaf = leafOf(tree, columns, row);
    for (let k = 0; k < outputs; k++) {
      out[row * outputs + k] = (out[row * outputs + k] ?? 0) + (tree.value[leaf * outputs + k] ?? 0);
    }
  }
}

/** Node number of the leaf that a row falls into. */
export function leafOf(tree: Tree, columns: readonly Float64Array[], row: number): number {
  return tree.sets.length === 0 ? leafByNumbers(tree, columns, row) : leafByAll(tree, columns, row);
}

function leafByNumbers(
  { feature, threshold, right, flags }: Tree,
  columns: readonly Float64Array[],
  row: number,
): number {
  let node = 0;
  let f = feature[0] ?? -1;
  while (f >= 0) {
    const x = columns[f]?.[row] ?? Number.NaN;
    // A missing cell fails the comparison.
    const left = x <= (threshold[node] ?? 0) || (flags[node] === MISSING_LEFT && Number.isNaN(x));
    node = left ? node + 1 : (right[node] ?? 0);
    f = feature[node] ?? -1;
  }
  return node;
}

function leafByAll(
  { feature, threshold, right, flags, sets }: Tree,
  columns: readonly Float64Array[],
  row: number,
): number {
  let node = 0;
  let f = feature[0] ?? -1;
  while (f >= 0) {
    const x = columns[f]?.[row] ?? Number.NaN;
    const flag = flags[node] ?? 0;
    const cut = threshold[node] ?? 0;
    let left: boolean;
    if (Number.isNaN(x)) left = (flag & MISSING_LEFT) !== 0;
    else left = (flag & CATEGORY) === 0 ? x <= cut : inSet(sets, cut, x);
    node = left ? node + 1 : (right[node] ?? 0);
    f = feature[node] ?? -1;
  }
  return node;
}
