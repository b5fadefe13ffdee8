//! Links keyrota into a program without the standard library, and runs it (R-SYS-1).
//!
//! It is a program of its own because a library that only says `#![no_std]` still builds
//! when one of its dependencies brings `std` in; here that would be a second panic handler,
//! and the build would fail. This is also the only place of the project with `unsafe`: the
//! allocator that `alloc` needs.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::String;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};
use core::panic::PanicInfo;

use keyrota::{Action, Command, Config, Event, Identity, Now, Terminal};

#[link(name = "c")]
unsafe extern "C" {
    fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn abort() -> !;
}

/// The allocator of the C library.
struct C;

// SAFETY: `aligned_alloc` returns null or memory of the size and alignment asked for, and
// `free` takes back what it returned.
unsafe impl GlobalAlloc for C {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let alignment = layout.align().max(size_of::<*const u8>());
        let size = layout.size().next_multiple_of(alignment);
        unsafe { aligned_alloc(alignment, size).cast() }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        unsafe { free(memory.cast()) }
    }
}

#[global_allocator]
static ALLOCATOR: C = C;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: `abort` may be called at any time.
    unsafe { abort() }
}

// The shipped `alloc` is compiled to unwind and names these two; with `panic = "abort"`
// nothing unwinds, and they are never called.

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    // SAFETY: as above.
    unsafe { abort() }
}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    // SAFETY: as above.
    unsafe { abort() }
}

/// Exits with 0 if a channel was opened and a text sealed.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    c_int::from(sealed().is_none())
}

/// The line that a terminal sends for a text in a channel that it opened.
fn sealed() -> Option<String> {
    // A program that talks to others takes these from its system.
    let now = Now { ms: 0, unix: 1_700_000_000 };
    let identity = Identity::self_signed(&[1; 32], "taro", now.unix, 3_600).ok()?;
    let mut terminal = Terminal::new(Config::new("taro"), identity, [2; 32], now).ok()?;

    let channel = "#ryugu";
    terminal.handle(now, Event::Join { channel, nick: "taro" }).count();
    terminal.handle(now, Event::Names { channel, names: &[("taro", true)] }).count();
    let say = Command::Say { channel, text: "the tide is out", signed: None };
    terminal.command(now, say).ok()?.find_map(|action| match action {
        Action::Send { text, .. } if text.starts_with("+K") => Some(text),
        _ => None,
    })
}
