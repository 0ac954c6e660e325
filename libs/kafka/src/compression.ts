import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import kafkajs from 'kafkajs';
import { uncompress } from 'snappyjs';
import { messageOf } from '#libs/process';
import { decodeLz4Frame } from './lz4-frame.js';

/** Of a decompressed batch: six of the largest records that our topics take. A batch that swells further is an attack. */
export const maxBatchBytes = 67_108_864;

/** What kafkajs calls to make bytes of a batch; encoders hold theirs in `buffer`. */
interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** Not to be tried again: the consumer ends, and with it the process, instead of waiting for ever. */
class UndecodableBatch extends Error {
  override readonly name = 'UndecodableBatch';
  readonly retriable = false;
}

type Decode = (bytes: Buffer, maxBytes: number) => Buffer | Promise<Buffer>;

/** kafkajs knows gzip only, and ends at the first batch of another kind. Once per process. */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  const decodeGzip: Decode = (bytes, maxOutputLength) => promisify(gunzip)(bytes, { maxOutputLength });
  codecs[types.GZIP] = () => ({
    ...codec('gzip', decodeGzip),
    compress: (encoder: { buffer: Buffer }) => promisify(gzip)(encoder.buffer),
  });
  codecs[types.Snappy] = () => codec('snappy', decodeSnappy);
  codecs[types.LZ4] = () => codec('lz4', decodeLz4Frame);
  codecs[types.ZSTD] = () => codec('zstd', decodeZstd);
}

export function codec(name: string, decode: Decode, maxBytes = maxBatchBytes): Codec {
  return {
    compress: () => Promise.reject(new Error(`batches are not written with ${name} here`)),
    decompress: async (bytes) => {
      try {
        return await decode(bytes, maxBytes);
      } catch (error) {
        throw new UndecodableBatch(`a batch compressed with ${name} cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;

/** Java writes blocks with their lengths before them, other clients one block. */
export function decodeSnappy(bytes: Buffer, maxBytes: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) {
    return uncompress(bytes, maxBytes);
  }
  const blocks: Buffer[] = [];
  let left = maxBytes;
  for (let at = xerialHeaderBytes; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    const block = uncompress(bytes.subarray(at + 4, at + 4 + length), left);
    blocks.push(block);
    left -= block.length;
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/** As a stream, so that it ends at the limit whatever size the frame claims. */
export function decodeZstd(bytes: Buffer, maxBytes: number): Buffer {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((chunk) => {
    length += chunk.length;
    if (length > maxBytes) {
      throw new RangeError(`it has more than ${maxBytes} bytes when decompressed`);
    }
    chunks.push(chunk);
  });
  stream.push(bytes, true);
  return Buffer.concat(chunks);
}
