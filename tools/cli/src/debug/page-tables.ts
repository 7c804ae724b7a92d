// pt and info tlb: how an address is translated, by the tables and by what the processors remember of them.

import { entryFlags, frameBytes, walk } from "@pagelapse/mmu";
import { formatAddress, formatNumberOf } from "../quantity.ts";
import { formatTable } from "../table.ts";
import { formatWalk, walkJson } from "../walk/format-walk.ts";
import { areaNames, parseAddressText } from "./address.ts";
import { answer } from "./answer.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";
import { placeOf } from "./watched-memory.ts";

const pageTable: DebugCommand = {
  names: ["pt"],
  usage: "ADDR",
  summary: "walk the page tables to an address, level by level",
  details: [],
  completions: async (session) => areaNames((await session.looked()).areas),
  async run(session, { rest }) {
    const view = await session.view();
    const { index, task } = session.taskIn(view);
    const vaddr = parseAddressText(rest, task.areas);
    const { architecture } = view;
    const { found, place } = await session.timeline.look(view, (past) => ({
      found: walk(past.memory, architecture, task.root, vaddr),
      place: placeOf(past.process(index), vaddr),
    }));
    const lines = formatWalk(architecture, vaddr, found).trimEnd().split("\n");
    const elsewhere = found.mapping === undefined && place !== undefined;
    return answer([...lines, ...(elsewhere ? [`its bytes stand at physical ${formatAddress(place)}`] : [])], {
      ...walkJson(architecture, vaddr, found),
      place,
    });
  },
};

const infoTlb: DebugCommand = {
  names: ["info tlb"],
  usage: "",
  summary: "what the processors' TLBs remember",
  details: ["W and D are cached, too: a store through an entry with both touches no table."],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const { timeline, moment } = session;
    const tlbs = await timeline.tlbs(moment);
    const slots = tlbs.flatMap((tlb, processor) =>
      tlb.contents().map(({ slot, vpn, frame, bits }) => ({
        processor,
        slot,
        vaddr: vpn * frameBytes,
        paddr: frame * frameBytes,
        flags: entryFlags(timeline.architecture, { low: bits, high: 0 }),
      })),
    );
    const rows = slots.map(({ processor, slot, vaddr, paddr, flags }) => [
      `${processor}`,
      `${slot}`,
      formatAddress(vaddr),
      formatAddress(paddr),
      flags.join(" "),
    ]);
    const shapes = tlbs.map(({ sets, ways }) => sets * ways).reduce((sum, count) => sum + count, 0);
    const table = rows.length === 0 ? [] : formatTable(tlbColumns, rows);
    return answer([...table, `${formatNumberOf(rows.length, "entry").replace(/entrys$/, "entries")} of ${shapes}`], { slots });
  },
};

const tlbColumns = [
  { heading: ["processor"], align: "right" },
  { heading: ["slot"], align: "right" },
  { heading: ["virtual"], align: "right" },
  { heading: ["physical"], align: "right" },
  { heading: ["flags"], align: "left" },
] as const;

/** In the order in which help lists them. */
export const pageTableCommands: readonly DebugCommand[] = [pageTable, infoTlb];
