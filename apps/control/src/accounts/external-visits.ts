import type { Request, Response } from 'express';
import type { PublicUrl } from '../http/public-url.js';
import type { Cookies } from './cookies.js';
import type { ExternalSignIn } from './external-sign-in.js';

/** The external provider where one is set up, and what a browser carries on its way there and back. */
export class ExternalVisits {
  constructor(
    readonly provider: ExternalSignIn | undefined,
    private readonly cookies: Cookies,
    private readonly publicUrl: PublicUrl,
  ) {}

  /** Of ours, which the provider sends the browser back to. */
  get origin(): string {
    return this.publicUrl.origin;
  }

  keep(response: Response, underWay: string, maxAgeMs: number): void {
    this.cookies.set(response, 'external', underWay, maxAgeMs);
  }

  /** Once. */
  take(request: Request, response: Response): string | undefined {
    const underWay = this.cookies.read(request, 'external');
    if (underWay !== undefined) {
      this.cookies.clear(response, 'external');
    }
    return underWay;
  }
}
