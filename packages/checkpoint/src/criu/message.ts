// Messages of protocol buffers described by tables: values to bytes, and bytes that nobody vouches for to values.

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { BadImage } from "../bad-image.ts";

/** A message of CRIU's `images/*.proto`, of which only the fields that matter here are named. */
export interface MessageType<T> {
  readonly name: string;
  readonly fields: Fields<T>;
  /** The name of each field, by its number. */
  readonly names: ReadonlyMap<number, Extract<keyof T, string>>;
}

/** How each value of a message stands in its bytes. */
export type Fields<T> = { readonly [Name in keyof T]: Field<T[Name]> };

/** A type of value that fields can have, and how it stands in bytes. */
export interface FieldType<Value> {
  /** For complaints: "a 32-bit number". */
  readonly what: string;
  readonly wireType: WireType;
  write(writer: BinaryWriter, value: Value): void;
  /** Takes the value that stands next; `undefined`: what stands there is none of this type. */
  read(bytes: MessageReader): Value | undefined;
}

/** A field: its number, and how often it stands there. */
export interface Field<Value> {
  readonly number: number;
  /** What the value is where no field says it: `undefined` where one must. */
  readonly absent: { readonly value: Value } | undefined;
  write(writer: BinaryWriter, number: number, value: Value): void;
  /** Reads what follows the field's tag. `before`: what this message said of it already. */
  read(bytes: MessageReader, wireType: WireType, before: { readonly value: Value } | undefined): Value;
}

/** Describes a message. */
export function message<T>(name: string, fields: Fields<T>): MessageType<T> {
  const names = new Map<number, Extract<keyof T, string>>();
  for (const field in fields) names.set(fields[field].number, field);
  return { name, fields, names };
}

/** A field that stands in every message. */
export function required<Value>(number: number, type: FieldType<Value>): Field<Value> {
  return {
    number,
    absent: undefined,
    write: (writer, field, value) => type.write(writer.tag(field, type.wireType), value),
    read: (bytes, wireType, before) => bytes.single(type, wireType, before !== undefined),
  };
}

/** A field that may be missing. */
export function optional<Value>(number: number, type: FieldType<Value>): Field<Value | undefined> {
  return {
    number,
    absent: { value: undefined },
    write(writer, field, value) {
      if (value !== undefined) type.write(writer.tag(field, type.wireType), value);
    },
    read: (bytes, wireType, before) => bytes.single(type, wireType, before !== undefined),
  };
}

/** A field that stands there once for each value. Numbers may also be packed: they are read, and never written so. */
export function repeated<Value>(number: number, type: FieldType<Value>): Field<readonly Value[]> {
  return {
    number,
    absent: { value: [] },
    write(writer, field, values) {
      for (const value of values) type.write(writer.tag(field, type.wireType), value);
    },
    read(bytes, wireType, before) {
      const isPacked = wireType === WireType.LengthDelimited && type.wireType === WireType.Varint;
      const values = isPacked ? bytes.packed(type) : [bytes.single(type, wireType, false)];
      // The list is this message's own from its first value on, so that reading it stays linear.
      const all = (before?.value ?? []) as Value[];
      for (const value of values) all.push(value);
      return all;
    },
  };
}

/** A message as the value of a field. */
export function nested<T>(type: MessageType<T>): FieldType<T> {
  return {
    what: `a ${type.name}`,
    wireType: WireType.LengthDelimited,
    write(writer, value) {
      writer.fork();
      writeMessage(writer, type, value);
      writer.join();
    },
    read(bytes) {
      const { base, bytes: inside } = bytes.block(`a ${type.name}`);
      return new MessageReader(bytes.file, base, inside).message(type);
    },
  };
}

/** The bytes of a message, its fields in the order of their description. */
export function encodeMessage<T>(type: MessageType<T>, value: T): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(writer, type, value);
  return writer.finish();
}

function writeMessage<T>(writer: BinaryWriter, type: MessageType<T>, value: T): void {
  for (const name in type.fields) {
    const field = type.fields[name];
    field.write(writer, field.number, value[name]);
  }
}

/** Where in a file a message stands, while it is read. Every method throws `BadImage` rather than go on with what cannot be. */
export class MessageReader {
  readonly file: string;
  /** Offset of the message in the file. */
  readonly base: number;
  readonly reader: BinaryReader;

  constructor(file: string, base: number, bytes: Uint8Array) {
    this.file = file;
    this.base = base;
    this.reader = new BinaryReader(bytes);
  }

  /** Reads the whole message. Fields that its description does not name are passed over, as a reader of protocol buffers must. */
  message<T>(type: MessageType<T>): T {
    const found: Partial<T> = {};
    while (this.reader.pos < this.reader.len) {
      const [number, wireType] = this.#attempt("a field of a message", () => this.reader.tag());
      const name = type.names.get(number);
      if (name === undefined) this.#pass(type, number, wireType);
      else this.#readField(type, name, wireType, found);
    }
    for (const name in type.fields) {
      if (Object.hasOwn(found, name)) continue;
      const { number, absent } = type.fields[name];
      if (absent === undefined) this.refuse(0, `${type.name}.${name} (field ${number})`, "a message without it");
      found[name] = absent.value;
    }
    return found as T;
  }

  /** One value of a field that is given once. */
  single<Value>(type: FieldType<Value>, wireType: WireType, isGiven: boolean): Value {
    const at = this.reader.pos;
    if (isGiven) this.refuse(at, "each field once", "one given twice");
    if (wireType !== type.wireType) this.refuse(at, `${type.what} (wire type ${type.wireType})`, `wire type ${wireType}`);
    return this.#value(type);
  }

  /** Numbers side by side in one field. */
  packed<Value>(type: FieldType<Value>): readonly Value[] {
    const { base, bytes } = this.block(`a list, each ${type.what}`);
    const list = new MessageReader(this.file, base, bytes);
    const values: Value[] = [];
    while (list.reader.pos < bytes.length) values.push(list.#value(type));
    return values;
  }

  /** A length and as many bytes: a view of the file. */
  block(what: string): { readonly base: number; readonly bytes: Uint8Array } {
    const bytes = this.#attempt(what, () => this.reader.bytes());
    return { base: this.base + this.reader.pos - bytes.length, bytes };
  }

  /** Refuses what stands at a position in the message. */
  refuse(position: number, expected: string, found: string): never {
    throw new BadImage(this.file, this.base + position, expected, found);
  }

  #value<Value>(type: FieldType<Value>): Value {
    const at = this.reader.pos;
    const value = this.#attempt(type.what, () => type.read(this));
    return value ?? this.refuse(at, type.what, "another value");
  }

  #readField<T>(type: MessageType<T>, name: Extract<keyof T, string>, wireType: WireType, found: Partial<T>): void {
    const isGiven = Object.hasOwn(found, name);
    found[name] = type.fields[name].read(this, wireType, isGiven ? { value: found[name] as T[typeof name] } : undefined);
  }

  /** Passes over a value. CRIU has no groups, and a varint of more than ten bytes is none. */
  #pass<T>(type: MessageType<T>, number: number, wireType: WireType): void {
    const what = `a field of ${type.name}`;
    if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) {
      this.refuse(this.reader.pos, what, `a group (field ${number})`);
    }
    this.#attempt(what, () => void (wireType === WireType.Varint ? this.reader.uint64() : this.reader.skip(wireType, number)));
  }

  /** Does a step of reading; what the library throws becomes a refusal of what stood there. */
  #attempt<Result>(what: string, read: () => Result): Result {
    const at = this.reader.pos;
    try {
      return read();
    } catch (reason) {
      if (reason instanceof BadImage) throw reason;
      return this.refuse(at, what, reason instanceof RangeError ? "the end of the message" : "bytes that are none");
    }
  }
}
