//! stage.rs - extractor/calm in Rust, without a crate and without a C compiler: how many full stops
//! the person wrote. The structs are those of clio.h, laid out as C does; only what is used is named.
#![allow(non_upper_case_globals, dead_code)]
use std::ffi::{c_char, c_void};
use std::ptr::null;

type Status = i32;
const OK: Status = 0;
const E_INPUT: Status = -2;
const LIST: u32 = 5;
const I64: u32 = 1;
const ROWS_CONVERSATION: u32 = 2;

#[repr(C)]
struct Column {
    name: *const c_char,
    help: *const c_char,
    kind: u32,
    privacy: u32,
    dim: u32,
    flags: u32,
    of: *const c_char,
    choices: *const *const c_char,
}
#[repr(C)]
struct List {
    items: *const c_void,
    count: u32,
    item_size: u32,
}
#[repr(C)]
struct Port {
    name: *const c_char,
    help: *const c_char,
    columns: List,
    flags: u32,
    rows: u32,
}
#[repr(C)]
struct View {
    kind: u32,
    dim: u32,
    rows: u64,
    valid: *const u8,
    offsets: *const i64,
    items: *const i64,
    data: *const u8,
}
type Any = *const c_void;
type Mut = *mut c_void;
#[repr(C)]
struct Host {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    log: Any,
    progress: Any,
    cancelled: extern "C" fn(Mut) -> i32,
    fail: extern "C" fn(Mut, Status, *const c_char) -> Status,
    fail_row: Any,
    scratch: Any,
    random: Any,
    plan: [Any; 4],
    rows: Any,
    find: extern "C" fn(Any, *const c_char) -> i32,
    view: extern "C" fn(Any, i32, *mut View, u64) -> Status,
    reference: Any,
    unref: Any,
    start: extern "C" fn(Mut, u32, Any, *const u64, u64) -> Mut,
    add: extern "C" fn(Mut, *const c_char, u32, u32) -> i32,
    data: extern "C" fn(Mut, i32) -> Mut,
    put: Any,
    item: Any,
    emit: extern "C" fn(Mut) -> Status,
}
type Create = extern "C" fn(*const Host, Mut, Any, *mut Mut) -> Status;
type Process = extern "C" fn(Mut, Mut, u32, Any) -> Status;
#[repr(C)]
struct Stage {
    struct_size: u32,
    threads: u32,
    caps: u64,
    kind: *const c_char,
    name: *const c_char,
    summary: *const c_char,
    help: *const c_char,
    inputs: List,
    outputs: List,
    params: List,
    config_size: u64,
    plan: Any,
    create: Create,
    process: Process,
    finish: Any,
    destroy: Any,
}
#[repr(C)]
pub struct Plugin {
    magic: u32,
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    reserved: u32,
    id: *const c_char,
    version: *const c_char,
    license: *const c_char,
    vendor: *const c_char,
    url: *const c_char,
    stages: *const *const Stage,
}
// Everything above is constant.
unsafe impl Sync for Column {}
unsafe impl Sync for Port {}
unsafe impl Sync for Stage {}
unsafe impl Sync for Plugin {}
struct Stages([*const Stage; 2]);
unsafe impl Sync for Stages {}

const fn text(bytes: &'static [u8]) -> *const c_char {
    bytes.as_ptr() as *const c_char
}
const fn list<T, const N: usize>(items: &'static [T; N]) -> List {
    List { items: items.as_ptr() as Any, count: N as u32, item_size: std::mem::size_of::<T>() as u32 }
}

impl View {
    const EMPTY: View =
        View { kind: 0, dim: 0, rows: 0, valid: null(), offsets: null(), items: null(), data: null() };
    /// The items of a list cell, as bytes.
    fn cell(&self, row: usize) -> impl Iterator<Item = &[u8]> {
        let (from, to) = unsafe { (*self.offsets.add(row), *self.offsets.add(row + 1)) };
        (from as usize..to as usize).map(move |i| unsafe {
            let (start, end) = (*self.items.add(i), *self.items.add(i + 1));
            if start == end { &[][..] } else { std::slice::from_raw_parts(self.data.add(start as usize), (end - start) as usize) }
        })
    }
}

fn look(host: &Host, table: Any, name: &'static [u8], view: &mut View) -> bool {
    let column = (host.find)(table, text(name));
    column >= 0
        && (host.view)(table, column, view, std::mem::size_of::<View>() as u64) == OK
        && view.kind == LIST
}

extern "C" fn create(host: *const Host, _call: Mut, _config: Any, ret_self: *mut Mut) -> Status {
    unsafe { *ret_self = host as Mut };
    OK
}

extern "C" fn process(me: Mut, call: Mut, _port: u32, table: Any) -> Status {
    let host = unsafe { &*(me as *const Host) };
    let (mut role, mut content) = (View::EMPTY, View::EMPTY);
    if !look(host, table, b"role\0", &mut role) || !look(host, table, b"content\0", &mut content) {
        return (host.fail)(call, E_INPUT, text(b"role or content is missing\0"));
    }
    let out = (host.start)(call, 0, table, null(), role.rows);
    let data = (host.data)(out, (host.add)(out, text(b"calm\0"), I64, 0)) as *mut i64;
    if !data.is_null() {
        for row in 0..role.rows as usize {
            let stops = role.cell(row).zip(content.cell(row)).filter(|(who, _)| *who == b"user");
            let n: usize = stops.map(|(_, said)| said.iter().filter(|c| **c == b'.').count()).sum();
            unsafe { *data.add(row) = n as i64 };
        }
    }
    (host.emit)(out)
}

const fn column(name: &'static [u8], kind: u32, privacy: u32, flags: u32) -> Column {
    Column { name: text(name), help: text(b"of each conversation\0"), kind, privacy, dim: 0, flags, of: null(), choices: null() }
}
static READS: [Column; 2] = [column(b"role\0", LIST, 1, 0), column(b"content\0", LIST, 1, 0)];
static ADDS: [Column; 1] = [column(b"calm\0", I64, 2, 4)];
static INPUTS: [Port; 1] = [Port { name: text(b"conversations\0"), help: text(b"messages\0"), columns: list(&READS), flags: 0, rows: ROWS_CONVERSATION }];
static OUTPUTS: [Port; 1] = [Port { name: text(b"conversations\0"), help: text(b"the same with a count\0"), columns: list(&ADDS), flags: 4, rows: ROWS_CONVERSATION }];
static STAGE: Stage = Stage {
    struct_size: std::mem::size_of::<Stage>() as u32,
    threads: 1,
    caps: 1 << 3,
    kind: text(b"extractor\0"),
    name: text(b"calm\0"),
    summary: text(b"full stops, counted in Rust\0"),
    help: text(b"Counts the full stops in the person's messages.\0"),
    inputs: list(&INPUTS),
    outputs: list(&OUTPUTS),
    params: List { items: null(), count: 0, item_size: 0 },
    config_size: 0,
    plan: null(),
    create,
    process,
    finish: null(),
    destroy: null(),
};
static STAGES: Stages = Stages([&STAGE, null()]);
#[no_mangle]
pub static clio_plugin_v0: Plugin = Plugin {
    magic: 0x4F494C43,
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_major: 0,
    abi_minor: 0,
    reserved: 0,
    id: text(b"test.calm\0"),
    version: text(b"1\0"),
    license: text(b"Apache-2.0\0"),
    vendor: null(),
    url: null(),
    stages: STAGES.0.as_ptr(),
};
