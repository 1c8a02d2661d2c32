// Stops one run, and remembers that it did: whoever listens later, while the run is still being prepared, hears it too.
import type { StopSource } from './run-ports.ts';

type OnStop = Parameters<StopSource['listen']>[0];
type Signal = Parameters<OnStop>[1];

export class StopSwitch implements StopSource {
  readonly #listeners = new Set<OnStop>();
  #stopped: { readonly how: 'ask' | 'kill'; readonly signal: Signal } | undefined;

  get isOn(): boolean {
    return this.#stopped !== undefined;
  }

  listen(onStop: OnStop): () => void {
    this.#listeners.add(onStop);
    if (this.#stopped) onStop(this.#stopped.how, this.#stopped.signal);
    return () => void this.#listeners.delete(onStop);
  }

  stop(how: 'ask' | 'kill', signal: Signal): void {
    this.#stopped = { how, signal };
    for (const listener of this.#listeners) listener(how, signal);
  }
}
