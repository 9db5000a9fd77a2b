/** Times in ascending order. */

/** The times in order; the array itself when it is. */
export function ascending(times: Float64Array): Float64Array {
  for (let i = 1; i < times.length; i++) {
    if ((times[i] as number) < (times[i - 1] as number)) return times.slice().sort();
  }
  return times;
}

/** Position of the last that is not greater, in ascending times; −1 when all are. */
export function lastAtMost(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
