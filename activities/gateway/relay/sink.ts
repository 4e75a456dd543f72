/** Where an answer goes: to a caller over HTTP, or to a part of the platform. */
export type Sink = {
  /** The head, once, before anything else. */
  begin(status: number, headers: Readonly<Record<string, string>>): void
  /** False where more should wait for `drained`. */
  write(bytes: Uint8Array | string): boolean
  end(bytes?: Uint8Array | string): void
  /** Breaks off what cannot be told to have failed: who reads it sees that it has no end. */
  cut(): void
  /** Calls once there is room again. */
  drained(go: () => void): void
}
