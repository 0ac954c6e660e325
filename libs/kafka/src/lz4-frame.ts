const magic = 0x184d2204;
const uncompressedBit = 0x8000_0000;
const longLength = 15;
const leastMatch = 4;

/**
 * Decodes an LZ4 frame as Kafka's clients write it (without a dictionary), at most `maxBytes` of output. Checksums are
 * skipped: Kafka has one over the whole batch.
 */
export function decodeLz4Frame(frame: Buffer, maxBytes: number): Buffer {
  if (frame.readUInt32LE(0) !== magic) {
    throw new RangeError('it is no LZ4 frame');
  }
  const flags = frame.readUInt8(4);
  const hasBlockChecksums = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const output = new Output(maxBytes);
  let at = 7 + (hasContentSize ? 8 : 0);
  for (;;) {
    const size = frame.readUInt32LE(at);
    at += 4;
    if (size === 0) {
      return output.bytes();
    }
    const length = size & ~uncompressedBit;
    const block = frame.subarray(at, at + length);
    if (block.length < length) {
      throw new RangeError('an LZ4 block is cut off');
    }
    if (size >= uncompressedBit) {
      output.append(block);
    } else {
      decodeBlock(block, output);
    }
    at += length + (hasBlockChecksums ? 4 : 0);
  }
}

function decodeBlock(block: Buffer, output: Output): void {
  let at = 0;
  const more = (short: number): number => {
    let length = short;
    for (let byte = 255; short === longLength && byte === 255; at += 1) {
      byte = block.readUInt8(at);
      length += byte;
    }
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at);
    at += 1;
    const literals = more(token >> 4);
    output.append(block.subarray(at, at + literals));
    at += literals;
    // The last sequence of a block has literals only.
    if (at < block.length) {
      const distance = block.readUInt16LE(at);
      at += 2;
      output.repeat(distance, more(token & 0xf) + leastMatch);
    }
  }
}

/** Grows as needed, up to a limit. */
class Output {
  private buffer = Buffer.allocUnsafe(65_536);
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  append(bytes: Buffer): void {
    this.reserve(bytes.length);
    bytes.copy(this.buffer, this.length);
    this.length += bytes.length;
  }

  /** Copies from `distance` bytes before the end; the copy may overlap itself. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) {
      throw new RangeError('an LZ4 match lies before the start');
    }
    this.reserve(count);
    for (let end = this.length + count; this.length < end; this.length += 1) {
      this.buffer[this.length] = this.buffer[this.length - distance] ?? 0;
    }
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted > this.maxBytes) {
      throw new RangeError(`it has more than ${this.maxBytes} bytes when decompressed`);
    }
    if (wanted > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(wanted, this.buffer.length * 2)));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
  }
}
