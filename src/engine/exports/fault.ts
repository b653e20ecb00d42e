/** Why an export cannot be made as it is declared, or of what is there: nothing is written. */
export class ExportFault extends Error {
  override readonly name = "ExportFault";
}
