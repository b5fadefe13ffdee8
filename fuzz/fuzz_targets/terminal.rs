//! A schedule of events, commands and times for one terminal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::terminal::run(data));
