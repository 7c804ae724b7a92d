// Labels beside the ends of lines, moved apart so that each can be read.

/**
 * Places for labels that want to stand at these heights: in the order of the heights, `gap` apart at least, between `top` and
 * `bottom` as far as there is room, and otherwise as near as that allows.
 */
export function spreadLabels(wanted: readonly number[], gap: number, top: number, bottom: number): readonly number[] {
  const order = wanted.map((_, index) => index).toSorted((a, b) => wanted[a] - wanted[b] || a - b);
  const places = [...wanted];
  order.forEach((index, rank) => {
    const above = rank === 0 ? top : places[order[rank - 1]] + gap;
    places[index] = Math.max(places[index], above);
  });
  order.toReversed().forEach((index, rank) => {
    const below = rank === 0 ? bottom : places[order[order.length - rank]] - gap;
    places[index] = Math.min(places[index], below);
  });
  return places;
}
