/** Whether an exact number that a driver made a floating-point one may be another by now: up to 15 digits it is not (IEEE 754 binary64). */
export function mayBeRounded(number: number): boolean {
  const digits = String(number)
    .replace(/e.*$/, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+/, "");
  return digits.length > 15 || Math.abs(number) > 1e15;
}
