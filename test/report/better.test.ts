import { expect, test } from 'vitest';
import { betterOf } from '../../src/report/better.ts';
import type { Direction } from '../../src/report/better.ts';

test.each([
  ['r2', 'higher'],
  ['test.r2', 'higher'],
  ['cv.rmse.mean', 'lower'],
  ['cv.rmse.sd', undefined],
  ['roc_auc', 'higher'],
  ['valLogLoss', 'lower'],
  ['log_loss', 'lower'],
  ['val-loss', 'lower'],
  ['neg_mean_squared_error', 'higher'],
  ['error_rate', 'lower'],
  ['f1_macro', 'higher'],
  ['classes.0.precision', 'higher'],
  ['accuracy_std', undefined],
  ['importances.error_count', undefined],
  ['false_positives', 'lower'],
  ['intervals.test.r2.low', 'higher'],
  ['n_rows', undefined],
  ['epoch', undefined],
  ['drifted', undefined],
  ['whatever', undefined],
  ['', undefined],
])('the name %s alone says %s', (key, expected) => {
  expect(betterOf(key)).toBe(expected);
});

test('a file that is one number is named by its file', () => {
  expect(betterOf('', new Map(), 'out/rmse.json')).toBe('lower');
});

test('what is declared wins: the file and key, the whole key, its longest end, then a pattern', () => {
  const declared = new Map<string, Direction>([
    ['r2', 'lower'],
    ['test.r2', 'higher'],
    ['m.json:test.r2', 'lower'],
    ['*_cost', 'lower'],
    ['other.json:*', 'higher'],
  ]);
  expect(betterOf('test.r2', declared, 'm.json')).toBe('lower');
  expect(betterOf('test.r2', declared, 'n.json')).toBe('higher');
  expect(betterOf('cv.r2', declared, 'n.json')).toBe('lower');
  expect(betterOf('a.total_cost', declared)).toBe('lower');
  expect(betterOf('whatever', declared, 'other.json')).toBe('higher');
  expect(betterOf('rmse', declared, 'other.json')).toBe('higher');
});

test('a pattern of many stars takes no time', () => {
  const declared = new Map<string, Direction>([[`${'*a'.repeat(200)}b`, 'lower']]);
  expect(betterOf('a'.repeat(5000), declared)).toBeUndefined();
});
