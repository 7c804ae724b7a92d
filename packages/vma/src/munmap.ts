// munmap(2): Linux's `do_vmi_munmap`.

import { isPageAligned, pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { areasIn } from "./area.ts";
import type { Area } from "./area.ts";
import { fail, succeed } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { isSpecialMapping } from "./special-mapping.ts";

/** The arguments of munmap(2). */
export interface MunmapCall {
  readonly start: number;
  readonly byteCount: number;
}

/** Unmaps whatever is mapped in the range; nothing being there is no error. */
export function munmap(areas: readonly Area[], layout: AddressLayout, call: MunmapCall): Outcome {
  const { start } = call;
  if (!isPageAligned(layout, start) || start > layout.taskSize || call.byteCount > layout.taskSize - start) return fail("EINVAL");
  const end = start + pageAlign(layout, call.byteCount);
  if (end === start) return fail("EINVAL");
  const met = areasIn(areas, start, end);
  if (met.length === 0) return succeed(0);
  const first = met[0];
  const last = met[met.length - 1];
  if (first.start < start && first.end > end && areas.length >= layout.mapCountLimit) return fail("ENOMEM");
  if ((first.start < start && isSpecialMapping(first)) || (last.end > end && isSpecialMapping(last))) return fail("EINVAL");
  return succeed(0, [{ kind: "area-unmapped", start, end }]);
}
