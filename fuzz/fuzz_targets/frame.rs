//! The codec of frames, records, Hellos and evidence.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::frame::run(data));
