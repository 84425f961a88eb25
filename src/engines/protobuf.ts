/** A field's number and wire type, as protocol buffers write them before its value. */
export function tag(field: number, wire: 0 | 2 | 5): number {
  return (field << 3) | wire;
}
