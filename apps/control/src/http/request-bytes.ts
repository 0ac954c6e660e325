import type { Request } from 'express';
import { Problem } from './problem.js';

const read = new WeakMap<Request, Promise<Buffer | undefined>>();

/**
 * The body of a request, read once for whoever asks: one that is signed is needed before it is parsed. undefined for
 * one that is larger; no more of it is read here than may be, so that its sender is answered at once.
 */
export function bytesOf(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  const bytes = read.get(request) ?? readBytes(request, maxBytes);
  read.set(request, bytes);
  return bytes;
}

function readBytes(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (): void => {
      request.off('data', take).off('end', end).off('close', broken);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) {
        settle();
        resolve(undefined);
      }
    };
    const end = (): void => {
      settle();
      resolve(Buffer.concat(chunks));
    };
    const broken = (): void => {
      settle();
      reject(new Problem('request_refused', 'the connection was closed before the body had come'));
    };
    request.on('data', take).on('end', end).on('close', broken);
  });
}
