/** Time-ordered UUIDs (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits. */
import type { Clock, Entropy } from '../ports/clock.ts';

/** Returns a new version 7 UUID. */
export function uuidV7(clock: Clock, entropy: Entropy): string {
  const bytes = Buffer.from(entropy.bytes(16));
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
