//! The codec against another one, written from the specification's grammar.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::differential::run(data));
