//! Commands about rights, and names.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::mode::run(data));
