/** Holds an Ed25519 private key, or reaches the one that does. */
export interface Signer {
  /** The raw public key, 32 bytes. */
  publicKey(): Promise<Uint8Array>;
  /** The signature of RFC 8032 over the message itself, 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
