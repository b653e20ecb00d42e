import { FormatError } from "./row.ts";

/** Of a file that was cut off in mid-line. */
export function cutOff(): FormatError {
  return new FormatError(
    "it ends without a line break, as a truncated file does; restore it, or end its last line",
  );
}
