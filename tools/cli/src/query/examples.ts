// Queries worth asking of any recording: help shows them, and a test runs them.

/** A question, and the SQL that answers it. */
export interface Example {
  readonly question: string;
  readonly sql: string;
}

/** Each line of SQL is short enough for help. */
export const examples: readonly Example[] = [
  {
    question: "Which pages are written most?",
    sql: `select printf('0x%x', vaddr // 4096 * 4096) as page, count(*) as writes
from events where kind = 'store' group by all order by writes desc limit 10`,
  },
  {
    question: "How much is written between one checkpoint and the next?",
    sql: `select c.name, count(*) as writes, count(distinct vaddr // 4096) as pages
from events e asof join checkpoints c on e.moment <= c.ended
where kind in ('store', 'kernel-store')
group by c.name, c.ended order by c.ended`,
  },
  {
    question: "Which pages did only the kernel write, so that no store of the program's did?",
    sql: `select printf('0x%x', vaddr // 4096 * 4096) as page, count(*) as writes
from events where kind in ('store', 'kernel-store')
group by page having bool_and(kind = 'kernel-store') order by page`,
  },
  {
    question: "Which instructions wrote this page?",
    sql: `select printf('0x%x', site) as instruction, count(*) as writes
from events where kind = 'store' and vaddr // 4096 = '0x1fff000'
group by site order by writes desc limit 10`,
  },
  {
    question: "Where do page faults happen, and of which kind?",
    sql: `select a.name, e.detail->>'$.kind' as fault, count(*) as faults
from events e join areas a on a.task = e.task and vaddr >= low
and vaddr < high and moment >= since and moment < until
where e.kind = 'page-faulted'
group by all order by faults desc, a.name limit 10`,
  },
];
