//! Certificates: their codec, and whose are accepted.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::certificate::run(data));
