/** Something that a node needs can't be reached or used now; the same may work later. Its words hold no secret. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}
