/** Taken items that are kept until they are many: moving the others at each step would cost more. */
const maxTaken = 1024;

/** First in, first out. */
export class Queue<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  push(item: T): void {
    this.items.push(item);
  }

  first(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    const item = this.items[this.head];
    if (item === undefined) {
      return undefined;
    }
    this.items[this.head] = undefined;
    this.head++;
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head === maxTaken) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  *all(): Generator<T> {
    for (let index = this.head; index < this.items.length; index++) {
      const item = this.items[index];
      if (item !== undefined) {
        yield item;
      }
    }
  }
}
