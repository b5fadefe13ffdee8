//! Text armour: text to frame and back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::armor::run(data));
