/** How long (ms) what has ended is kept: the counts of finished batches, closed tasks. As long as the longest window of a budget. */
export const longestKept = 92 * 24 * 3_600_000;
