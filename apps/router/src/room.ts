/**
 * Bounds what is under way: whoever takes more than there is goes into debt once, and then waits until it is
 * paid back.
 */
export class Room {
  private free: number;
  private waiting: (() => void)[] = [];

  constructor(size: number) {
    this.free = size;
  }

  take(amount: number): void {
    this.free -= amount;
  }

  giveBack(amount: number): void {
    this.free += amount;
    if (this.free > 0) {
      const woken = this.waiting;
      this.waiting = [];
      woken.forEach((wake) => {
        wake();
      });
    }
  }

  /** undefined where there is room already, so that nobody waits a turn of the event loop for nothing. */
  available(): Promise<void> | undefined {
    return this.free > 0 ? undefined : this.wait();
  }

  private async wait(): Promise<void> {
    while (this.free <= 0) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}
