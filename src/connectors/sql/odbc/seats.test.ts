import { expect, test } from "vitest";
import { Seats } from "./seats.ts";

const never = new AbortController().signal;

test("seats are given in the order of asking", async () => {
  const seats = new Seats(1);
  const order: string[] = [];
  await seats.take(never);
  const first = seats.take(never).then(() => order.push("first"));
  const second = seats.take(never).then(() => order.push("second"));
  seats.give();
  await first;
  seats.give();
  await second;
  expect(order).toEqual(["first", "second"]);
});

test("who stops waiting takes no seat", async () => {
  const seats = new Seats(1);
  const stop = new AbortController();
  await seats.take(never);
  const left = expect(seats.take(stop.signal)).rejects.toThrow("aborted");
  const stayed = seats.take(never);
  stop.abort();
  await left;
  seats.give();
  await stayed;
});
