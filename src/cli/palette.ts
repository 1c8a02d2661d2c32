// Colour as functions that do nothing where there is no colour.
import { styleText } from 'node:util';

export type Paint = (text: string) => string;

export interface Palette {
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly cyan: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
  readonly struck: Paint;
}

type Style = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'dim' | 'bold' | 'strikethrough';

export function palette(color: boolean): Palette {
  const paint = (style: Style): Paint =>
    color ? (text) => styleText(style, text, { validateStream: false }) : (text) => text;
  return {
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    blue: paint('blue'),
    cyan: paint('cyan'),
    dim: paint('dim'),
    bold: paint('bold'),
    struck: paint('strikethrough'),
  };
}
