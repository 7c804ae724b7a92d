// What may stand in the place of a statement, plainer than it.

import { frameBytes } from "@pagelapse/mmu";
import type { Address, Range, Statement, StatementOf, Where } from "../../scenario/scenario.ts";

/** The same scenario with one statement plainer, a page of an area given up, two areas called the same, or all stores of one byte. */
export function* plainer(statements: readonly Statement[]): Generator<readonly Statement[]> {
  for (const [at, statement] of statements.entries())
    for (const plain of plainStatements(statement, statements.slice(0, at))) yield statements.with(at, plain);
  for (const name of new Set(statements.flatMap((each) => (each.verb === "map" ? [each.name.text] : [])))) {
    yield statements.map((each) => withoutFirstPage(each, name));
    yield statements.map((each) => withoutLastPage(each, name));
  }
  yield* withFewerNames(statements);
  yield statements.map((each) => ("bytes" in each && each.verb !== "file" ? { ...each, bytes: each.bytes.slice(0, 1) } : each));
}

/** One area is called as another one is: it comes in its place. */
function* withFewerNames(statements: readonly Statement[]): Generator<readonly Statement[]> {
  const names = new Set(namesIn(statements).map(({ text }) => text));
  for (const kept of names)
    for (const given of names) if (kept !== given) yield statements.map((each) => withArea(each, given, kept));
}

function withArea(statement: Statement, given: string, kept: string): Statement {
  const renamed = <Named extends { readonly text: string }>(name: Named): Named =>
    name.text === given ? { ...name, text: kept } : name;
  if (statement.verb === "map" && statement.name.text === given)
    return { ...statement, name: renamed(statement.name), where: { kind: "anywhere" } };
  if (statement.verb === "move")
    return { ...statement, to: renamed(statement.to), range: { ...statement.range, area: renamed(statement.range.area) } };
  if ("address" in statement) return { ...statement, address: { ...statement.address, area: renamed(statement.address.area) } };
  if ("range" in statement) return { ...statement, range: { ...statement.range, area: renamed(statement.range.area) } };
  return statement;
}

function* plainStatements(statement: Statement, before: readonly Statement[]): Generator<Statement> {
  if (statement.processor !== undefined) yield { ...statement, processor: undefined };
  for (const range of "range" in statement ? plainRanges(statement.range, before) : [])
    yield { ...statement, range } as Statement;
  for (const address of "address" in statement ? plainAddresses(statement.address, before) : [])
    yield { ...statement, address } as Statement;
  for (const bytes of "bytes" in statement ? plainBytes(statement.bytes) : []) yield { ...statement, bytes } as Statement;
  for (const where of "where" in statement ? plainPlaces(statement.where, before) : [])
    yield { ...statement, where } as Statement;
  if (statement.verb === "machine") yield* plainMachines(statement);
  if (statement.verb === "map") yield* plainMaps(statement);
  if (statement.verb === "kw") yield { ...statement, verb: "w" };
  if (statement.verb === "protect") yield { ...statement, prot: 1 };
  if (statement.verb === "dev" && statement.at.offset > 0) yield { ...statement, at: { ...statement.at, offset: 0 } };
  if (statement.verb === "file" && statement.bytes.length > 1) yield { ...statement, bytes: statement.bytes.slice(0, -1) };
  if (statement.verb === "fault") yield* plainFaults(statement);
}

function* plainMachines({ setup, ...rest }: StatementOf<"machine">): Generator<Statement> {
  for (const part of ["processors", "tlb", "ram", "swap", "kernel"] as const)
    if (setup[part] !== undefined) yield { ...rest, setup: { ...setup, [part]: undefined } };
}

function* plainMaps(map: StatementOf<"map">): Generator<Statement> {
  if (map.prot !== 3) yield { ...map, prot: 3 };
  if (map.backing.kind !== "anon") yield { ...map, backing: { kind: "anon" } };
  if ("from" in map.backing && map.backing.from.page > 0)
    yield { ...map, backing: { ...map.backing, from: { ...map.backing.from, page: 0 } } };
  for (let pageCount = 1; pageCount < map.pageCount; pageCount++) yield { ...map, pageCount };
}

/** Apart from all others, or where another one ends. */
function* plainPlaces(where: Where, before: readonly Statement[]): Generator<Where> {
  if (where.kind === "anywhere") return;
  yield { kind: "anywhere" };
  if (where.kind === "at") for (const area of namesIn(before)) yield { kind: "after", area };
}

function* plainRanges(range: Range, before: readonly Statement[]): Generator<Range> {
  for (const area of namesIn(before)) {
    yield { area, pages: undefined };
    for (const page of [0, 1, 2]) yield { area, pages: { first: page, last: page } };
  }
  if (range.pages !== undefined) {
    yield { area: range.area, pages: { first: range.pages.first, last: range.pages.first } };
    yield { area: range.area, pages: { first: range.pages.last, last: range.pages.last } };
  }
}

function* plainAddresses(address: Address, before: readonly Statement[]): Generator<Address> {
  if (address.offset > 0) yield { ...address, offset: 0 };
  for (const area of namesIn(before)) for (const page of [0, 1, 2]) yield { area, page, offset: 0 };
}

/** One byte. */
function* plainBytes(bytes: readonly number[]): Generator<readonly number[]> {
  if (bytes.length > 1) yield bytes.slice(0, 1);
}

function* plainFaults(fault: StatementOf<"fault">): Generator<Statement> {
  const { plan } = fault;
  if (plan.length > 1) for (const each of plan) yield { ...fault, plan: [each] };
  for (const [at, each] of plan.entries()) {
    for (let call = 1; call < each.call; call++) yield { ...fault, plan: plan.with(at, { ...each, call }) };
    yield { ...fault, plan: plan.with(at, { ...each, repeat: "once" }) };
    yield { ...fault, plan: plan.with(at, { ...each, effect: { kind: "refused", errno: "EIO" } }) };
  }
}

/** The areas that were named so far. */
function namesIn(statements: readonly Statement[]): readonly StatementOf<"map">["name"][] {
  return statements.flatMap((each) => (each.verb === "map" ? [each.name] : each.verb === "move" ? [each.to] : []));
}

/** The area begins a page later: its pages move down by one, and what speaks of its first page stays. */
function withoutFirstPage(statement: Statement, name: string): Statement {
  if (statement.verb !== "map" || statement.name.text !== name)
    return withPages(statement, name, (page) => Math.max(0, page - 1));
  const { backing, where, pageCount } = statement;
  return {
    ...statement,
    pageCount: Math.max(1, pageCount - 1),
    backing: "from" in backing ? { ...backing, from: { ...backing.from, page: backing.from.page + 1 } } : backing,
    where: where.kind === "at" ? { ...where, vaddr: where.vaddr + frameBytes } : where,
  };
}

function withoutLastPage(statement: Statement, name: string): Statement {
  if (statement.verb !== "map" || statement.name.text !== name) return statement;
  return { ...statement, pageCount: Math.max(1, statement.pageCount - 1) };
}

/** With other pages of that area, where it is spoken of. */
function withPages(statement: Statement, name: string, of: (page: number) => number): Statement {
  if ("address" in statement && statement.address.area.text === name)
    return { ...statement, address: { ...statement.address, page: of(statement.address.page) } };
  if (!("range" in statement) || statement.range.area.text !== name || statement.range.pages === undefined) return statement;
  const { first, last } = statement.range.pages;
  return { ...statement, range: { ...statement.range, pages: { first: of(first), last: of(last) } } };
}
