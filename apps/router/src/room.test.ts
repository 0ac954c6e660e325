import { describe, expect, it } from '@jest/globals';
import { Room } from './room.js';

describe('room', () => {
  it('nobody waits while there is some', () => {
    const room = new Room(10);
    room.take(9);
    expect(room.available()).toBeUndefined();
  });

  it('whoever comes when it is used up waits until enough is given back', async () => {
    const room = new Room(10);
    room.take(15);
    let through = 0;
    const waiting = [1, 2].map(async () => {
      await room.available();
      through++;
    });
    room.giveBack(5);
    await Promise.resolve();
    expect(through).toBe(0);
    room.giveBack(1);
    await Promise.all(waiting);
    expect(through).toBe(2);
  });

  it('one that is woken waits again when another took it all meanwhile', async () => {
    const room = new Room(1);
    room.take(1);
    let through = false;
    const waiting = Promise.resolve(room.available()).then(() => (through = true));
    room.giveBack(1);
    room.take(1);
    await new Promise(setImmediate);
    expect(through).toBe(false);
    room.giveBack(1);
    await waiting;
  });
});
