/** Where a stream stands while the log goes by; every check that follows streams keeps its part here, so that it is looked up once. */
export interface StreamState {
  /** The last sequence; 0 before the first. */
  sequence: number;
  recordHash: string | null;
  /** Milliseconds since 1970: the newest time that was claimed. */
  claimedAt: number;
}

/** Their memory grows with the number of streams. */
export class StreamStates {
  readonly #states = new Map<string, StreamState>();

  of(stream: string): StreamState {
    let state = this.#states.get(stream);
    if (!state) {
      state = { sequence: 0, recordHash: null, claimedAt: 0 };
      this.#states.set(stream, state);
    }
    return state;
  }
}
