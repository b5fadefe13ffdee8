//! Texts that a member opens, sealed and signed with known keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::message::run(data));
