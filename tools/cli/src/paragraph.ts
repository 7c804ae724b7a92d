// Sentences folded into lines of a terminal's width.

/** Folds text at spaces; every line after the first begins with `indent`. A word longer than a line stays whole. */
export function fold(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line];
}
