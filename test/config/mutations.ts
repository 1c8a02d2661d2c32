// Texts made hostile: a small seeded generator cuts, doubles, swaps and pours odd characters into good files. Knows no
// parser; equal seeds give equal texts.

const ODD = [
  '[',
  ']',
  '{',
  '}',
  ':',
  ': ',
  '- ',
  '? ',
  '#',
  '&a ',
  '*a',
  '!!int ',
  '!x ',
  '|',
  '>',
  '"',
  "'",
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '<<: *a\n',
  '${',
  '}',
  '\\${',
  '${a.b[0]}',
  '\t',
  '\n',
  '\r\n',
  '\u0000',
  '\u007f',
  '\ufeff',
  '\u2028',
  '\ud83d\ude00',
  'é',
  '0b1_',
  '1_0',
  '.inf',
  '2020-01-01',
  '__proto__: 1\n',
  'constructor: {a: 1}\n',
  '@',
  '`',
  ',',
  '~',
  '=',
  '<<',
  '9'.repeat(40),
  '{a: [',
  '- - - ',
  '\\',
  '"\\q"',
  '\n  ',
  '\n\n',
] as const;

export const SEEDS: readonly string[] = [
  'vars:\n  - {a: {b: [1, 2.5, true, null]}, l: [x, "y z"]}\nstages:\n  t:\n    cmd: python x.py ${a} --l ${l[0]}\n    deps: [in/${l[1]}]\n    outs:\n      - out.txt:\n          cache: false\n',
  'stages:\n  r:\n    foreach: [a, {p: 1}]\n    do:\n      cmd: echo ${item} ${key}\n      outs: ["o-${item.p}"]\n  m:\n    matrix:\n      x: [1, 2]\n      y: ${l}\n      include: [{x: 3}]\n      exclude: [{x: 1}]\n    cmd: echo ${item.x}-${item.y}\n',
  'base: &a {lr: 0.1, layers: [64, 32]}\nother:\n  <<: *a\n  lr: 1e-3\ntext: |\n  several\n   lines\nfolded: >-\n  a\n  b\nquoted: "a\\tb"\n',
  '{"a": [1, 2.5, {"b": null}], "c": "text \\u00e9", "d": {"e": true}}\n',
  'title = "x"\n[train]\nlr = 0.1\nlayers = [1, 2]\n[[runs]]\nname = "a.b"\nwhen = 2020-01-01\n',
];

/** Mulberry32 (Tommy Ettinger): 32 bits of state are enough to choose where to cut. */
export function randomSource(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function mutatedText(seed: number): string {
  const random = randomSource(seed);
  let text = SEEDS[random(SEEDS.length)] ?? '';
  for (let n = 1 + random(6); n > 0; n--) {
    const at = random(text.length + 1);
    const end = Math.min(text.length, at + random(12));
    const odd = ODD[random(ODD.length)] ?? '';
    switch (random(5)) {
      case 0:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 1:
        text = text.slice(0, end) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + odd + text.slice(end);
        break;
      case 3:
        text = text.slice(end) + text.slice(0, at);
        break;
      default:
        text = text.slice(0, at) + odd + text.slice(at);
    }
  }
  return text;
}

/** The same as bytes, some of which are no UTF-8. */
export function mutatedBytes(seed: number): Uint8Array {
  const random = randomSource(seed ^ 0x5bd1e995);
  const bytes = Buffer.from(mutatedText(seed));
  for (let n = random(4) === 0 ? 1 + random(3) : 0; n > 0 && bytes.length > 0; n--)
    bytes[random(bytes.length)] = random(256);
  return bytes;
}
