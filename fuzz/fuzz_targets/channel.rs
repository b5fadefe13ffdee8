//! A schedule for three terminals and a hostile network.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::channel::run(data));
